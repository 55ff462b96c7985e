import { z } from 'zod';
import type { BuildOptions } from './network.ts';

/** How the candidates of a space are made small enough to train by the dozen. */
export const proxySchema = z.strictObject({
  resolution: z.int().positive().describe('Rows and columns of the images: ρ of MobileNet.'),
  width: z.number().positive().describe('Width multiplier α of MobileNet.'),
  divisor: z.int().positive().describe('Channels are rounded to a multiple of this.'),
  dropEarlyStrides: z.int().min(0).describe('This many of the strides of 2, the earliest, become 1.'),
  trainImages: z.int().positive(),
  validationImages: z.int().positive(),
  recipe: z.strictObject({
    epochs: z.int().positive(),
    batchSize: z.int().positive(),
    peakLearningRate: z.number().positive(),
    warmupFraction: z.number().min(0).max(1),
    momentum: z.number().min(0).lt(1),
    weightDecay: z.number().min(0),
    labelSmoothing: z.number().min(0).lt(1),
    gradientClip: z.number().positive().optional(),
    flip: z.boolean(),
    shiftPixels: z.int().min(0),
  }),
});

export type ProxyTask = z.output<typeof proxySchema>;

/** The size at which a proxy is built; `classes` and `inputChannels` come from the dataset. */
export function proxyBuildOptions(proxy: ProxyTask): BuildOptions {
  const { resolution, width, divisor, dropEarlyStrides } = proxy;
  return { resolution, width, divisor, dropEarlyStrides };
}
