import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import { parseJson, parseWith } from '../../base/parse.ts';
import type { Safetensors } from '../safetensors.ts';
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

/** In a checkpoint, the last part of the names of the best weights so far. */
const BEST = '.best';

type Tensors = Safetensors['tensors'];

export function saveCheckpoint(
  { path, training }: CheckpointFile,
  runtime: Runtime,
  parameters: readonly Parameter[],
  progress: Progress,
  best: Tensors = new Map(),
): void {
  mkdirSync(dirname(path), { recursive: true });
  const bestUnderTheirNames = [...best].map(([name, tensor]) => [`${name}${BEST}`, tensor] as const);
  writeSafetensors(path, {
    tensors: new Map([...exportState(runtime, parameters), ...bestUnderTheirNames]),
    metadata: { training, epoch: String(progress.epochs.length), progress: JSON.stringify(progress) },
  });
}

/** Puts a training back where its checkpoint left it; undefined where there is none yet. */
export function resumeCheckpoint(
  { path, training }: CheckpointFile,
  runtime: Runtime,
  parameters: readonly Parameter[],
): { readonly progress: Progress; readonly best: Tensors } | undefined {
  if (!existsSync(path)) return undefined;
  const stored = readSafetensors(path);
  if (stored.metadata.training !== training) {
    throw new NasError(path, {
      found: 'no checkpoint of this training',
      expected: 'one of the same network, recipe, seed and dataset',
      next: 'name another file, or remove this one to start anew',
    });
  }
  const tensors = [...stored.tensors];
  const state = new Map(tensors.filter(([name]) => !name.endsWith(BEST)));
  const best = tensors.flatMap(([name, tensor]) =>
    name.endsWith(BEST) ? [[name.slice(0, -BEST.length), tensor] as const] : [],
  );
  importState(runtime, parameters, { ...stored, tensors: state }, path);
  const progress = parseWith(progressSchema, parseJson(stored.metadata.progress ?? '', path), path);
  return { progress, best: new Map(best) };
}
