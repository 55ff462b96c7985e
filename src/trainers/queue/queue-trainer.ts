import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { digestOf } from '../../base/digest.ts';
import { NasError } from '../../base/errors.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { digestOfFile, getByDigest, putByDigest } from '../../blobs/by-digest.ts';
import type { TrainingData } from '../../datasets/dataset.ts';
import { checkRequest } from '../check-request.ts';
import { datasetFile } from '../dataset-file.ts';
import { type Trainer, type TrainRequest, type TrainResult, trainerDigest } from '../trainer.ts';
import { PLACES, parseTrainingAnswer, type TrainingPool, type TrainingTask } from './training-task.ts';

export interface QueueTrainerOptions {
  readonly dataset: TrainingData;
  /** What its workers train with. */
  readonly name: string;
  readonly implementation: string;
  readonly pool: TrainingPool;
  /** Which workers reach as well: images, weights and states of trainings go through it. */
  readonly blobs: BlobStore;
  /** Where the dataset's file is kept here. */
  readonly datasetsFolder: string;
  readonly weightsFolder: string;
}

/**
 * Trains on other machines: a training goes to a worker of the queue as data, its files through the shared store, by their
 * content. It is the trainer that the workers have, with the same digest and the same results. A training whose worker
 * dies goes on with another from its last checkpoint. With listed images workers read the files of the same paths.
 */
export async function createQueueTrainer(options: QueueTrainerOptions): Promise<Trainer> {
  const { dataset, name, implementation, pool, blobs, datasetsFolder, weightsFolder } = options;
  const where = `${name} trainer`;
  const images = await putByDigest(blobs, await datasetFile(dataset, resolve(datasetsFolder)));
  return {
    name,
    implementation,
    digest: trainerDigest(implementation, dataset),
    get parallelism() {
      return Math.max(1, pool.workers);
    },
    async train(request, signal) {
      signal?.throwIfAborted();
      checkRequest(request, dataset, where);
      const { onEpoch, checkpoint, initialWeights, ...asked } = request;
      const offered: Pick<TrainingTask, 'checkpoint' | 'state'> =
        checkpoint === undefined ? {} : await offerCheckpoint(request, checkpoint);
      const task: TrainingTask = {
        ...asked,
        genotype: [...asked.genotype],
        dataset: images,
        ...(initialWeights === undefined ? {} : { initialWeights: await putByDigest(blobs, initialWeights) }),
        ...offered,
      };
      try {
        const answer = await pool.run(task, { signal, onReport: onEpoch });
        return await resultOf(parseTrainingAnswer(answer, where));
      } catch (error) {
        // The worker has left its own paths out.
        throw error instanceof NasError
          ? error.reworded((text) =>
              text
                .replaceAll(PLACES.initialWeights, initialWeights ?? '')
                .replaceAll(PLACES.checkpoint, checkpoint ?? ''),
            )
          : error;
      } finally {
        // One that was given up goes on from what lies there when it is asked for again.
        if (checkpoint !== undefined && !signal?.aborted)
          await fetchCheckpoint(offered.checkpoint, checkpoint);
      }
    },
    close: () => pool.close(),
  };

  /** Puts the state of a training where its worker finds it. By its path, it is known to this run alone. */
  async function offerCheckpoint(
    { graph, recipe, seed }: TrainRequest,
    path: string,
  ): Promise<Pick<TrainingTask, 'checkpoint' | 'state'>> {
    const checkpoint = digestOf({ implementation, images, graph, recipe, seed, path: resolve(path) });
    if (!existsSync(path)) return { checkpoint };
    await blobs.put(`checkpoints/${checkpoint}`, path);
    return { checkpoint, state: await digestOfFile(path) };
  }

  async function fetchCheckpoint(key: string | undefined, path: string): Promise<void> {
    if (key === undefined) return;
    await mkdir(dirname(path), { recursive: true });
    if (await blobs.get(`checkpoints/${key}`, path)) await blobs.remove(`checkpoints/${key}`);
  }

  async function resultOf(answer: ReturnType<typeof parseTrainingAnswer>): Promise<TrainResult> {
    const { weights, bestWeights, ...result } = answer;
    const fetched = (digest: string) => getByDigest(blobs, digest, weightsFolder, '.safetensors');
    return {
      ...result,
      ...(weights === undefined ? {} : { weights: await fetched(weights) }),
      ...(bestWeights === undefined ? {} : { bestWeights: await fetched(bestWeights) }),
    };
  }
}
