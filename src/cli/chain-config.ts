import { z } from 'zod';
import { proxySchema } from '../space/proxy.ts';

/** What follows a search, as a run keeps it. */
export const chainSchema = z.strictObject({
  /** NetAdapt, from a network that may be slower than the target. */
  adapt: z
    .strictObject({
      /** Of the latency, what the first step cuts at least. */
      step: z.number().positive().max(1),
      /** Training images of the fine-tuning of a proposal. */
      tuneImages: z.int().positive(),
    })
    .optional(),
  /** In full, from the weights of the adaptation or anew. */
  train: z.strictObject({ from: z.literal(['adapted', 'scratch']) }).optional(),
  /** Of the full training, and of the training that comes before an adaptation. */
  recipe: proxySchema.shape.recipe,
  /** Rows and columns of the images of both; the dataset's where it is left out. */
  resolution: z.int().positive().optional(),
  /** Of 2, that networks keep when trained; so many as leave 4x4 pixels where it is left out. */
  strides: z.int().nonnegative().optional(),
  /** Where files and card go; a folder of the run's where it is left out. */
  folder: z.string().optional(),
});

export type Chain = z.output<typeof chainSchema>;
