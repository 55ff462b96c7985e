import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import { parseJson, parseWith } from '../../base/parse.ts';
import { readSafetensors, writeSafetensors } from '../weight-files.ts';
import type { SupernetWeights } from './weights.ts';

const progressSchema = z.strictObject({
  /** Steps done. */
  step: z.int().min(0),
  /** Of the losses of the epoch under way. */
  lossSum: z.number(),
  epochLosses: z.array(z.number()),
  /** Steps in succession, up to the last one, whose gradients were not finite. */
  stepsLost: z.int().min(0),
  cpuSeconds: z.number(),
});

/** How far the training of a supernet has come, besides its weights. Streams of chance follow from it. */
export type SupernetProgress = z.output<typeof progressSchema>;

const NO_PROGRESS: SupernetProgress = { step: 0, lossSum: 0, epochLosses: [], stepsLost: 0, cpuSeconds: 0 };

/** Where the state is kept, and whose it is. */
export interface SupernetCheckpoint {
  readonly path: string;
  /** Digest of all that the supernet depends on. */
  readonly training: string;
}

export function saveSupernet(
  { path, training }: SupernetCheckpoint,
  weights: SupernetWeights,
  progress: SupernetProgress,
): void {
  mkdirSync(dirname(path), { recursive: true });
  writeSafetensors(path, {
    tensors: new Map(Object.entries(weights).map(([name, data]) => [name, { shape: [data.length], data }])),
    metadata: { training, progress: JSON.stringify(progress) },
  });
}

/** Puts the weights back as the checkpoint has them, where there is one, and tells how far it had come. */
export function resumeSupernet(
  { path, training }: SupernetCheckpoint,
  weights: SupernetWeights,
): SupernetProgress {
  if (!existsSync(path)) return NO_PROGRESS;
  const { tensors, metadata } = readSafetensors(path);
  const refuse = (found: string): never => {
    throw new NasError(path, {
      found,
      expected: 'one of the same space, dataset, recipe and seed',
      next: 'train without --resume to start anew',
    });
  };
  if (metadata.training !== training) refuse('no checkpoint of this supernet');
  for (const [name, values] of Object.entries(weights)) {
    const found = tensors.get(name)?.data;
    if (found instanceof Float32Array && found.length === values.length) values.set(found);
    else refuse(`a checkpoint whose ${name} is not ${values.length} floats`);
  }
  return parseWith(progressSchema, parseJson(metadata.progress ?? '', path), path);
}
