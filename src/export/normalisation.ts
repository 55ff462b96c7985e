/**
 * What was done to images before a network was trained with them: (pixel − mean) / deviation, channel by channel, of
 * pixels from 0 to 255.
 */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/** What a network is to be given. */
export type InputImages =
  | {
      readonly values: 'normalised';
      /** Left out where nobody knows it. */
      readonly normalisation?: Normalisation;
    }
  /** The network normalises them by itself. */
  | { readonly values: 'pixels'; readonly normalisation: Normalisation };

/** In words, for whoever has the file and nothing else. */
export function inputNote(images: InputImages): string {
  if (images.values === 'pixels') return 'pixels from 0 to 255, which the network normalises itself';
  if (images.normalisation === undefined) {
    return 'normalised as in training: each channel less its mean over the training images, by its standard deviation';
  }
  const { mean, standardDeviation } = images.normalisation;
  return (
    `(pixel - mean) / deviation of pixels from 0 to 255, channel by channel: ` +
    `mean ${mean.map(rounded).join(', ')}, deviation ${standardDeviation.map(rounded).join(', ')}`
  );
}

/** To six digits: a thousandth of what one step of a pixel makes. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(6)));
}
