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
    schedule: z
      .enum(['cosine', 'exponential'])
      .optional()
      .describe('After the warm-up: half a cosine to 0, or a staircase. Default: cosine.'),
    decayEpochs: z.number().positive().optional().describe('Epochs of one stair. Default: 2.4.'),
    decayFactor: z.number().positive().max(1).optional().describe('From stair to stair. Default: 0.97.'),
    optimizer: z.enum(['sgd', 'rmsprop']).optional().describe('Default: sgd, with Nesterov momentum.'),
    squareDecay: z.number().min(0).lt(1).optional().describe('Of RMSProp. Default: 0.9.'),
    epsilon: z.number().positive().optional().describe('Of RMSProp, inside the root. Default: 0.001.'),
    emaDecay: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe('Validate exponential moving averages of weights and statistics, with this decay.'),
    momentum: z.number().min(0).lt(1),
    weightDecay: z.number().min(0),
    labelSmoothing: z.number().min(0).lt(1),
    gradientClip: z.number().positive().optional(),
    flip: z.boolean(),
    shiftPixels: z.int().min(0).max(127),
    cutoutPixels: z
      .int()
      .min(0)
      .max(4096)
      .optional()
      .describe('Side of the square of each training image that becomes the mean. Default: 0, none.'),
  }),
  rungs: z
    .array(
      z.strictObject({
        epochs: z
          .int()
          .positive()
          .describe('Of the recipe, by its end; of its own training where its images are others.'),
        resolution: z.int().positive().optional().describe('Default: that of the proxy.'),
        trainImages: z.int().positive().optional().describe('Default: all of the proxy.'),
      }),
    )
    .min(1)
    .optional()
    .describe('Cheaper trainings that a network goes through first, cheapest first; the worst end there.'),
});

export type ProxyTask = z.output<typeof proxySchema>;

/** The size at which a proxy is built; `classes` and `inputChannels` come from the dataset. */
export function proxyBuildOptions(proxy: ProxyTask): BuildOptions {
  const { resolution, width, divisor, dropEarlyStrides } = proxy;
  return { resolution, width, divisor, dropEarlyStrides };
}
