import { join } from 'node:path';
import { cacheFolder } from '../datasets/cache-folder.ts';
import type { TrainingData } from '../datasets/dataset.ts';
import type { EpochReport } from '../objective/trial.ts';
import { createQueueTrainer } from '../trainers/queue/queue-trainer.ts';
import { type TrainingAnswer, type TrainingTask, trainingQueue } from '../trainers/queue/training-task.ts';
import type { Trainer } from '../trainers/trainer.ts';
import type { Presence } from '../workers/queue/presence.ts';
import type { WorkQueue } from './work-queue.ts';

export interface QueuedTraining {
  readonly dataset: TrainingData;
  readonly weightsFolder: string;
  /** Whether workers of an implementation will do; all where left out. */
  readonly suits?: ((implementation: string) => boolean) | undefined;
}

/**
 * The trainer of a queue's workers; of those that differ, such as in the version of PyTorch, the one that most networks
 * can be trained with at once. Waits where there is none.
 */
export async function openQueuedTrainer(
  queue: WorkQueue,
  name: string,
  { dataset, weightsFolder, suits = () => true }: QueuedTraining,
): Promise<Trainer> {
  const workers = await queue.await(
    ({ trainer }) => trainer?.name === name && suits(trainer.implementation),
    `trains with ${name}, in the version that the run began with: nas worker --trainer ${name} --queue …`,
  );
  const [implementation = ''] = [
    ...new Set(workers.map(({ trainer }) => trainer?.implementation ?? '')),
  ].sort((a, b) => placesOf(workers, b) - placesOf(workers, a) || a.localeCompare(b));
  const pool = await queue.pool<TrainingTask, TrainingAnswer, EpochReport>({
    name: `${name} trainer`,
    queue: trainingQueue(implementation),
    places: () => placesOf(queue.workers(), implementation),
  });
  return createQueueTrainer({
    ...{ dataset, name, implementation, pool, blobs: queue.blobs, weightsFolder },
    datasetsFolder: join(cacheFolder(), 'pytorch-datasets'),
  });
}

/** Networks that workers train at once with an implementation. */
function placesOf(workers: readonly Presence[], implementation: string): number {
  return workers
    .filter(({ trainer, draining }) => trainer?.implementation === implementation && !draining)
    .reduce((sum, { trainer }) => sum + (trainer?.places ?? 0), 0);
}
