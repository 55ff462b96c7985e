import type { ImageSet } from './dataset.ts';

/**
 * Mean and standard deviation of each channel in units of a byte, from its histogram and so exact.
 * A deviation is never less than 1: images are divided by it, and a constant channel must stay finite.
 */
export function channelStatistics({ pixels, channels }: Pick<ImageSet, 'pixels' | 'channels'>): {
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
} {
  const histogram = new Float64Array(channels * 256);
  for (let i = 0; i < pixels.length; i += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const bin = channel * 256 + (pixels[i + channel] ?? 0);
      histogram[bin] = (histogram[bin] ?? 0) + 1;
    }
  }
  const samples = pixels.length / channels;
  const mean: number[] = [];
  const standardDeviation: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const counts = histogram.subarray(channel * 256, (channel + 1) * 256);
    const average = counts.reduce((sum, count, byte) => sum + count * byte, 0) / samples;
    const variance = counts.reduce((sum, count, byte) => sum + count * (byte - average) ** 2, 0) / samples;
    mean.push(average);
    standardDeviation.push(Math.max(1, Math.sqrt(variance)));
  }
  return { mean, standardDeviation };
}
