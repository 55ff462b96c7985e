import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { NasError } from '../../base/errors.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { getByDigest, putByDigest } from '../../blobs/by-digest.ts';
import type { TrainingData } from '../../datasets/dataset.ts';
import type { EpochReport } from '../../objective/trial.ts';
import { Unavailable } from '../../workers/queue/serve-queue.ts';
import { readDatasetFile } from '../dataset-file.ts';
import type { Trainer } from '../trainer.ts';
import { PLACES, parseTrainingTask, type TrainingAnswer } from './training-task.ts';

export interface TrainingHand {
  /** Does a task of the queue with the worker's own trainer. */
  train(
    task: unknown,
    options: { readonly signal: AbortSignal; readonly report: (report: EpochReport) => void },
  ): Promise<TrainingAnswer>;
  close(): Promise<void>;
}

export interface TrainingHandOptions {
  readonly blobs: BlobStore;
  /** Of this process alone, for what is under way. */
  readonly folder: string;
  /** For what is fetched; several processes may share it. */
  readonly cache: string;
  readonly openTrainer: (dataset: TrainingData) => Promise<Trainer>;
  readonly clock: Clock;
}

/** Between two times that the state of a training is put where another worker finds it. */
const CHECKPOINT_MS = 20_000;
/** Trainers of so many datasets stay open, for rungs of a search take turns. */
const MOST_TRAINERS = 4;

/** The worker's end of `createQueueTrainer`. */
export function createTrainingHand(options: TrainingHandOptions): TrainingHand {
  const { blobs, folder, cache, openTrainer, clock } = options;
  const opened = new Map<string, { readonly trainer: Promise<Trainer>; users: number }>();

  /** Lets a trainer be used on a dataset, which is fetched first. */
  const withTrainer = async <Result>(
    images: string,
    use: (trainer: Trainer) => Promise<Result>,
  ): Promise<Result> => {
    const entry = opened.get(images) ?? { trainer: open(images), users: 0 };
    // The one that was used last stands last.
    opened.delete(images);
    opened.set(images, entry);
    entry.users++;
    try {
      return await use(await entry.trainer);
    } catch (error) {
      // One that could not be opened is tried again.
      if (!(await isOpen(entry.trainer))) opened.delete(images);
      throw error;
    } finally {
      entry.users--;
      const [longest] = [...opened].filter(([, { users }]) => users === 0);
      if (opened.size > MOST_TRAINERS && longest !== undefined) {
        opened.delete(longest[0]);
        await (await longest[1].trainer).close();
      }
    }
  };
  const open = async (images: string): Promise<Trainer> => {
    const path = await fetched(images);
    return openTrainer(readDatasetFile(path)).catch((cause) => {
      throw unavailable(cause);
    });
  };
  const fetched = (digest: string): Promise<string> =>
    getByDigest(blobs, digest, cache, '.safetensors').catch((cause) => {
      throw unavailable(cause);
    });

  return {
    train: async (value, { signal, report }) => {
      const { dataset, initialWeights, checkpoint: key, state: _, ...asked } = parseTrainingTask(value);
      const weights = initialWeights === undefined ? undefined : await fetched(initialWeights);
      const checkpoint = key === undefined ? undefined : join(folder, 'checkpoints', `${key}.safetensors`);
      const keep = async (): Promise<void> => {
        if (key === undefined || checkpoint === undefined || !existsSync(checkpoint)) return;
        await blobs.put(`checkpoints/${key}`, checkpoint);
      };
      if (key !== undefined && checkpoint !== undefined) {
        await mkdir(join(folder, 'checkpoints'), { recursive: true });
        await rm(checkpoint, { force: true });
        await blobs.get(`checkpoints/${key}`, checkpoint).catch((cause) => {
          throw unavailable(cause);
        });
      }
      let keptMs = clock.monotonicMs();
      let keeping: Promise<void> = Promise.resolve();
      const onEpoch = (epoch: EpochReport): void => {
        report(epoch);
        if (clock.monotonicMs() - keptMs < CHECKPOINT_MS) return;
        keptMs = clock.monotonicMs();
        // What is lost of it is trained again.
        keeping = keep().catch(() => {});
      };
      try {
        const result = await withTrainer(dataset, (trainer) =>
          trainer.train(
            {
              ...asked,
              onEpoch,
              ...(weights === undefined ? {} : { initialWeights: weights }),
              ...(checkpoint === undefined ? {} : { checkpoint }),
            },
            signal,
          ),
        );
        const { weights: last, bestWeights: best, epochs, stepLosses, ...others } = result;
        return {
          ...others,
          epochs: [...epochs],
          ...(stepLosses === undefined ? {} : { stepLosses: [...stepLosses] }),
          ...(last === undefined ? {} : { weights: await putByDigest(blobs, last) }),
          ...(best === undefined ? {} : { bestWeights: await putByDigest(blobs, best) }),
        };
      } catch (error) {
        // Whoever asked puts paths of his own there.
        throw error instanceof NasError && !(error instanceof Unavailable)
          ? error.reworded((text) =>
              text
                .replaceAll(weights ?? PLACES.initialWeights, PLACES.initialWeights)
                .replaceAll(checkpoint ?? PLACES.checkpoint, PLACES.checkpoint),
            )
          : error;
      } finally {
        await keeping;
        await keep().catch(() => {});
        if (checkpoint !== undefined) await rm(checkpoint, { force: true });
      }
    },
    async close() {
      await Promise.all(
        [...opened.values()].map(async ({ trainer }) => {
          if (await isOpen(trainer)) await (await trainer).close();
        }),
      );
    },
  };
}

function isOpen(trainer: Promise<Trainer>): Promise<boolean> {
  return trainer.then(
    () => true,
    () => false,
  );
}

/** Another worker may have what this one lacks. */
function unavailable(cause: unknown): unknown {
  if (!(cause instanceof NasError)) return cause;
  return new Unavailable(cause.where, { ...cause.detail, cause });
}
