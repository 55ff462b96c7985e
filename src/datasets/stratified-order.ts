import { type Rng, shuffle } from '../base/rng.ts';

/**
 * A random order of all images in which every stretch holds each class in its share of the whole.
 * Within its class an image has a random rank k of n; images are then sorted by (k + ½)/n.
 * So validation and training images may simply be cut one after the other: with classes of equal size
 * a stretch of `m` classes' worth holds exactly `m` images of each.
 */
export function stratifiedOrder(labels: Uint16Array, classCount: number, rng: Rng): Uint32Array {
  const members: number[][] = Array.from({ length: classCount }, () => []);
  labels.forEach((label, image) => {
    members[label]?.push(image);
  });
  const ranked = members.flatMap((images) =>
    shuffle(images, rng).map((image, rank) => ({ image, position: (rank + 0.5) / images.length })),
  );
  // Shuffled first, so that classes of equal size do not always take turns in the same order.
  shuffle(ranked, rng).sort((a, b) => a.position - b.position);
  return Uint32Array.from(ranked, ({ image }) => image);
}
