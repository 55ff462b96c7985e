import type { EpochReport } from '../objective/trial.ts';
import { guardOf, type OpenOptions, openDatabase } from './open-database.ts';

/** Weights that a training left. */
interface StoredWeights {
  readonly epoch: number;
  /** A safetensors file, named by its SHA-256. */
  readonly weights: string;
  readonly validationAccuracy: number;
  readonly testAccuracy?: number;
}

/** The images of a training: how they were split, and what normalised them. */
export interface StoredImages {
  readonly trainImages: number;
  readonly validationImages: number;
  /** Per channel, over training images, in units of a byte. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/** A full training of one network, and all that it is a function of. */
export interface Training {
  /** As the user named it: a network, a file or RUN/TRIAL. */
  readonly network: string;
  /** The network's document, without choices. */
  readonly architecture: unknown;
  /** How large it was built. */
  readonly build: unknown;
  readonly recipe: unknown;
  readonly seed: string;
  /** SHA-256 of the weights it began with, if any. */
  readonly initialWeights?: string;
  readonly dataset: string;
  /** Of training and validation images. */
  readonly datasetDigest: string;
  /** Left out in trainings of before it was kept. */
  readonly images?: StoredImages;
  readonly trainer: string;
  readonly trainerDigest: string;
  readonly codeVersion: string;
  readonly params: number;
  readonly macs: number;
  readonly epochs: readonly EpochReport[];
  readonly best: StoredWeights;
  readonly last: StoredWeights;
  readonly cpuSeconds: number;
  /** ISO 8601. */
  readonly finishedAt: string;
}

export interface StoredTraining extends Training {
  /** Short: `t1`, `t2`, … */
  readonly id: string;
}

/** Full trainings, in the same file as the runs. What `save` was given is durable when it returns. */
export interface TrainingLog {
  /** Returns the id. */
  save(training: Training): string;
  /** Newest first. */
  all(): readonly StoredTraining[];
  close(): void;
}

interface Row {
  readonly number: number;
  readonly network: string;
  readonly architecture: string;
  readonly build: string;
  readonly recipe: string;
  readonly seed: string;
  readonly initial_weights: string | null;
  readonly dataset: string;
  readonly dataset_digest: string;
  readonly images: string | null;
  readonly trainer: string;
  readonly trainer_digest: string;
  readonly code_version: string;
  readonly params: number;
  readonly macs: number;
  readonly epochs: string;
  readonly best: string;
  readonly last: string;
  readonly cpu_seconds: number;
  readonly finished_at: string;
}

export function openTrainingLog(file: string, options: OpenOptions = {}): TrainingLog {
  const database = openDatabase(file, options);
  const guarded = guardOf(file);
  return {
    save: (training) =>
      guarded(() => {
        const { lastInsertRowid } = database
          .prepare(
            `INSERT INTO trainings (network, architecture, build, recipe, seed, initial_weights, dataset, dataset_digest,
                                    images, trainer, trainer_digest, code_version, params, macs, epochs, best, last, cpu_seconds,
                                    finished_at)
             VALUES (@network, @architecture, @build, @recipe, @seed, @initial_weights, @dataset, @dataset_digest,
                     @images, @trainer, @trainer_digest, @code_version, @params, @macs, @epochs, @best, @last, @cpu_seconds,
                     @finished_at)`,
          )
          .run(toRow(training));
        return `t${lastInsertRowid}`;
      }),
    all: () =>
      guarded(() =>
        database
          .prepare('SELECT * FROM trainings ORDER BY number DESC')
          .all()
          .map((row) => fromRow(row as Row)),
      ),
    close: () => void database.close(),
  };
}

function toRow(training: Training): Omit<Row, 'number'> {
  const { network, seed, dataset, trainer, params, macs } = training;
  return {
    ...{ network, seed, dataset, trainer, params, macs },
    architecture: JSON.stringify(training.architecture),
    build: JSON.stringify(training.build),
    recipe: JSON.stringify(training.recipe),
    initial_weights: training.initialWeights ?? null,
    dataset_digest: training.datasetDigest,
    images: training.images === undefined ? null : JSON.stringify(training.images),
    trainer_digest: training.trainerDigest,
    code_version: training.codeVersion,
    epochs: JSON.stringify(training.epochs),
    best: JSON.stringify(training.best),
    last: JSON.stringify(training.last),
    cpu_seconds: training.cpuSeconds,
    finished_at: training.finishedAt,
  };
}

function fromRow(row: Row): StoredTraining {
  const { network, seed, dataset, trainer, params, macs } = row;
  return {
    id: `t${row.number}`,
    ...{ network, seed, dataset, trainer, params, macs },
    architecture: JSON.parse(row.architecture),
    build: JSON.parse(row.build),
    recipe: JSON.parse(row.recipe),
    ...(row.initial_weights === null ? {} : { initialWeights: row.initial_weights }),
    datasetDigest: row.dataset_digest,
    ...(row.images === null ? {} : { images: JSON.parse(row.images) }),
    trainerDigest: row.trainer_digest,
    codeVersion: row.code_version,
    epochs: JSON.parse(row.epochs),
    best: JSON.parse(row.best),
    last: JSON.parse(row.last),
    cpuSeconds: row.cpu_seconds,
    finishedAt: row.finished_at,
  };
}
