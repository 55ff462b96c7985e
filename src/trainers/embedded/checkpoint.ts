import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import { parseJson, parseWith } from '../../base/parse.ts';
import { readSafetensors, writeSafetensors } from '../weight-files.ts';
import type { Parameter } from './parameters.ts';
import type { Runtime } from './runtime.ts';
import { exportState, importState } from './weights.ts';

const progressSchema = z.strictObject({
  epochs: z.array(
    z.strictObject({
      epoch: z.int().positive(),
      trainLoss: z.number(),
      validationAccuracy: z.number(),
    }),
  ),
  stepLosses: z.array(z.number()),
  /** Steps in succession, up to the last one, whose gradients were not finite. */
  stepsLost: z.int().min(0),
  cpuSeconds: z.number(),
});

/** How far a training has come, besides what its network and optimiser hold. Streams of chance follow from it. */
export type Progress = z.output<typeof progressSchema>;

export const NO_PROGRESS: Progress = { epochs: [], stepLosses: [], stepsLost: 0, cpuSeconds: 0 };

/** Where the state of a training is kept, and whose it is. */
export interface CheckpointFile {
  readonly path: string;
  /** Digest of all that the training's result depends on. */
  readonly training: string;
}

export function saveCheckpoint(
  { path, training }: CheckpointFile,
  runtime: Runtime,
  parameters: readonly Parameter[],
  progress: Progress,
): void {
  mkdirSync(dirname(path), { recursive: true });
  writeSafetensors(path, {
    tensors: exportState(runtime, parameters),
    metadata: { training, epoch: String(progress.epochs.length), progress: JSON.stringify(progress) },
  });
}

/** Puts a training back where its checkpoint left it; undefined where there is none yet. */
export function resumeCheckpoint(
  { path, training }: CheckpointFile,
  runtime: Runtime,
  parameters: readonly Parameter[],
): Progress | undefined {
  if (!existsSync(path)) return undefined;
  const stored = readSafetensors(path);
  if (stored.metadata.training !== training) {
    throw new NasError(path, {
      found: 'no checkpoint of this training',
      expected: 'one of the same network, recipe, seed and dataset',
      next: 'name another file, or remove this one to start anew',
    });
  }
  importState(runtime, parameters, stored, path);
  return parseWith(progressSchema, parseJson(stored.metadata.progress ?? '', path), path);
}
