import { describe, expect, it } from 'vitest';
import { createRng, shuffle } from '../../src/base/rng.ts';
import { createBatchPlan } from '../../src/trainers/batch-plan.ts';

const IMAGES = { count: 11, height: 6, width: 9 };
const PLAIN = { batchSize: 4, flip: false, shiftPixels: 0 };
const VARIED = { batchSize: 4, flip: true, shiftPixels: 2, cutoutPixels: 3 };

const epochOf = (recipe: Parameters<typeof createBatchPlan>[0], images = IMAGES, seed = 'seed') => [
  ...createBatchPlan(recipe, images, createRng(seed)).nextEpoch(),
];

describe('a batch plan', () => {
  it('has whole batches that hold no image twice', () => {
    const batches = epochOf(PLAIN);
    expect(batches.map(({ indices }) => indices.length)).toEqual([4, 4]);
    expect(new Set(batches.flatMap(({ indices }) => [...indices])).size).toBe(8);
    expect(createBatchPlan(PLAIN, IMAGES, createRng('seed')).stepsPerEpoch).toBe(2);
  });

  it('changes nothing that the recipe does not ask for', () => {
    for (const { indices: _, ...variations } of epochOf(PLAIN)) {
      for (const drawn of Object.values(variations)) expect([...drawn]).toEqual([0, 0, 0, 0]);
    }
  });

  it('is the same for the same seed, another for another one and in every epoch', () => {
    expect(epochOf(VARIED)).toEqual(epochOf(VARIED));
    expect(epochOf(VARIED, IMAGES, 'other')).not.toEqual(epochOf(VARIED));
    const plan = createBatchPlan(VARIED, IMAGES, createRng('seed'));
    expect([...plan.nextEpoch()]).not.toEqual([...plan.nextEpoch()]);
  });

  it('draws order and variations from streams of their own, image by image: flip, y, x', () => {
    const rng = createRng('seed');
    const order = shuffle(
      Int32Array.from({ length: 11 }, (_, i) => i),
      rng.fork('order'),
    );
    const augmentation = rng.fork('augmentation');
    for (const [step, batch] of epochOf(VARIED).entries()) {
      expect([...batch.indices]).toEqual([...order.slice(4 * step, 4 * step + 4)]);
      for (let place = 0; place < 4; place++) {
        expect(batch.flips[place]).toBe(Number(augmentation.uniform() < 0.5));
        expect(batch.shiftsY[place]).toBe(augmentation.integer(5) - 2);
        expect(batch.shiftsX[place]).toBe(augmentation.integer(5) - 2);
      }
    }
  });

  it('draws the same flips and shifts with cutout and without', () => {
    const { cutoutPixels: _, ...uncut } = VARIED;
    expect(epochOf(VARIED).map(({ flips, shiftsX }) => [flips, shiftsX])).toEqual(
      epochOf(uncut).map(({ flips, shiftsX }) => [flips, shiftsX]),
    );
  });

  it('puts the centre of a cutout on every pixel of the image alike', () => {
    const batches = epochOf({ ...VARIED, batchSize: 4000 }, { ...IMAGES, count: 4000 });
    const [batch] = batches;
    const spread = (corners: Int16Array | undefined): number[] => {
      const counts = new Map<number, number>();
      for (const corner of corners ?? []) counts.set(corner + 1, (counts.get(corner + 1) ?? 0) + 1);
      for (const count of counts.values()) expect(count).toBeGreaterThan(300);
      return [...counts.keys()].sort((a, b) => a - b);
    };
    expect(spread(batch?.cutoutsY)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(spread(batch?.cutoutsX)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
