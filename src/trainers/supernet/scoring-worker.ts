/** A scoring worker: one thread, one supernet, one network after the other in its memory. */
import type { Dataset } from '../../datasets/dataset.ts';
import type { BuildOptions } from '../../space/network.ts';
import { parseSpace } from '../../space/search-space.ts';
import { workerTask } from '../../workers/worker-task.ts';
import { createRuntime } from '../embedded/runtime.ts';
import { readSafetensors } from '../weight-files.ts';
import { supernetLayout } from './layout.ts';
import { type ScoringTask, type Supernet, scoreNetwork } from './scoring.ts';
import { importSupernet } from './weights.ts';

export interface ScoringWorkerData {
  readonly dataset: Dataset;
  /** The space's document. */
  readonly space: unknown;
  readonly build: BuildOptions;
  /** The supernet's file. */
  readonly weights: string;
}

function openSupernet({ space: source, build, weights }: Omit<ScoringWorkerData, 'dataset'>): Supernet {
  const space = parseSpace(source, 'supernet');
  const layout = supernetLayout(space, build);
  return { space, layout, values: importSupernet(layout, readSafetensors(weights), weights) };
}

export const run = workerTask(
  ({ dataset, ...origin }: ScoringWorkerData) => ({
    dataset,
    runtime: createRuntime(),
    supernet: openSupernet(origin),
  }),
  ({ dataset, runtime, supernet }, task: ScoringTask) => scoreNetwork(runtime, dataset, supernet, task),
);
