import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { cacheFolder } from '../datasets/cache-folder.ts';
import type { Dataset, TrainingData } from '../datasets/dataset.ts';
import { createEmbeddedTrainer } from '../trainers/embedded/embedded.ts';
import { readKernels } from '../trainers/embedded/runtime.ts';
import { createPytorchTrainer } from '../trainers/pytorch/pytorch.ts';
import { startTrainingWorker } from '../trainers/pytorch/training-worker.ts';
import { createSupernetTrainer, type SupernetTrainerOptions } from '../trainers/supernet/supernet.ts';
import type { Trainer } from '../trainers/trainer.ts';
import { WEIGHTS } from './folders.ts';
import { positiveInteger } from './option-values.ts';
import { openQueuedTrainer } from './queued-trainer.ts';
import type { Work } from './work.ts';
import type { WorkQueue } from './work-queue.ts';

export const DEFAULT_PYTHON = 'python3';

/** What turns networks into accuracies, as a run keeps it. Runs that say nothing of it are older than the choice. */
export const trainerConfigSchema = z
  .discriminatedUnion('name', [
    z.strictObject({ name: z.literal('embedded') }),
    /** Of the space and images that are searched; the run's digest of its trainer tells which it was. */
    z.strictObject({ name: z.literal('supernet') }),
    z.strictObject({
      name: z.literal('pytorch'),
      python: z.string(),
      /** As PyTorch counts them; none for the processor. */
      gpus: z.array(z.int().min(0)),
      /** Networks at once on each GPU; by their memory where it is left out. */
      perGpu: z.int().positive().optional(),
      compile: z.boolean(),
      /** Of the processor, for each network: another number may give other bits, so a run keeps to it. */
      threads: z.int().positive(),
    }),
  ])
  .default({ name: 'embedded' });

export type TrainerConfig = z.output<typeof trainerConfigSchema>;

/** The options with which a user says what trains. */
export interface TrainerOptions {
  readonly trainer: TrainerConfig['name'];
  readonly gpus?: readonly number[];
  readonly python?: string;
  readonly compile?: true;
}

export interface ParallelTrainingOptions extends TrainerOptions {
  readonly workers?: number;
  readonly perGpu?: number;
}

/** Those that train a network on its own. */
const TRAINERS = ['embedded', 'pytorch'] as const satisfies readonly TrainerConfig['name'][];

/** Those that a search may go by. */
export const SEARCH_TRAINERS: readonly TrainerConfig['name'][] = [...TRAINERS, 'supernet'];

/** The same options wherever a network is trained. */
export function addTrainerOptions(
  command: Command,
  trainers: readonly TrainerConfig['name'][] = TRAINERS,
): Command {
  return command
    .addOption(
      new Option('--trainer <name>', 'what trains networks; nas trainers tells which are usable')
        .choices(trainers)
        .default('embedded'),
    )
    .option('--gpus <numbers>', 'of pytorch: the GPUs to train on, such as 0,1 (default: processor)', gpuList)
    .option('--python <path>', `of pytorch: the Python that has it (default: ${DEFAULT_PYTHON})`)
    .option('--compile', 'of pytorch: compile networks, which begin slower and then train faster');
}

/** And where many are. */
export function addParallelTrainingOptions(command: Command): Command {
  return command
    .option(
      '--workers <count>',
      'networks to train at once (default: one a core, or as --per-gpu says)',
      positiveInteger,
    )
    .option(
      '--per-gpu <count>',
      'of pytorch: networks to train at once on each GPU (default: by its memory)',
      positiveInteger,
    );
}

/** What the options say, checked against each other. */
export function trainerConfigOf(options: ParallelTrainingOptions): TrainerConfig {
  const { trainer, workers, gpus, perGpu, python, compile } = options;
  if (trainer === 'pytorch') {
    if (perGpu !== undefined && gpus === undefined) {
      throw new NasError('--per-gpu', { found: 'no GPUs', expected: '--gpus beside it, such as --gpus 0' });
    }
    const cores = availableParallelism();
    return {
      name: 'pytorch',
      python: python ?? DEFAULT_PYTHON,
      gpus: [...(gpus ?? [])],
      ...(perGpu === undefined ? {} : { perGpu }),
      compile: compile ?? false,
      threads: gpus === undefined ? Math.max(1, Math.floor(cores / (workers ?? cores))) : 1,
    };
  }
  for (const [option, value] of Object.entries({ gpus, 'per-gpu': perGpu, python, compile })) {
    if (value !== undefined) {
      throw new NasError(`--${option}`, {
        found: `an option of another trainer than ${trainer}`,
        expected: '--trainer pytorch beside it',
      });
    }
  }
  return { name: trainer };
}

interface TrainerSurroundings {
  readonly dataset: TrainingData;
  /** Networks at once; one a core, or as many as the GPUs take, unless told. */
  readonly workers?: number | undefined;
  readonly weightsFolder?: string;
  /** Where networks can be scored by one. */
  readonly supernet?: Pick<SupernetTrainerOptions, 'space' | 'build' | 'weights'>;
  /** Ends the wait for a trainer that starts slowly. */
  readonly signal?: AbortSignal;
  /** Train there; networks are scored by a supernet here all the same. */
  readonly queue?: WorkQueue | undefined;
  /** Of the queue's workers: whether these do for what has begun. */
  readonly suits?: ((implementation: string) => boolean) | undefined;
}

/** The trainer of a configuration. Rejects with a NasError that tells what is missing. */
export async function openTrainer(
  config: TrainerConfig,
  { dataset, workers, weightsFolder = WEIGHTS, supernet, signal, queue, suits }: TrainerSurroundings,
): Promise<Trainer> {
  if (queue !== undefined && config.name !== 'supernet') {
    return openQueuedTrainer(queue, config.name, { dataset, weightsFolder, suits });
  }
  const cores = availableParallelism();
  if (config.name === 'embedded') {
    return createEmbeddedTrainer({ dataset: inMemory(dataset), workers: workers ?? cores, weightsFolder });
  }
  if (config.name === 'supernet') {
    if (supernet === undefined) throw new RangeError('a supernet scores the networks of a search');
    return createSupernetTrainer({
      ...supernet,
      dataset: inMemory(dataset),
      workers: workers ?? cores,
      weightsFolder,
    });
  }
  const { python, gpus, perGpu, compile, threads } = config;
  const devices = devicesOf(gpus);
  const atOnce = workers ?? (gpus.length === 0 ? Math.max(1, Math.floor(cores / threads)) : undefined);
  return createPytorchTrainer({
    dataset,
    python,
    devices,
    workersPerDevice: atOnce === undefined ? perGpu : Math.ceil(atOnce / devices.length),
    threads,
    compile,
    datasetsFolder: join(cacheFolder(), 'pytorch-datasets'),
    weightsFolder,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What `prepareTrainingData` gives a trainer that does not decode images. */
function inMemory(dataset: TrainingData): Dataset {
  if ('files' in dataset) throw new RangeError('this trainer takes images in memory');
  return dataset;
}

/** Refuses a trainer that does not work here, before anything long is begun for it; tells what PyTorch there is. */
export async function requireTrainer(
  config: TrainerConfig,
  { progress, signal, queue }: Pick<Work, 'progress' | 'signal' | 'queue'>,
): Promise<void> {
  if (queue !== undefined && config.name !== 'supernet') return;
  if (config.name !== 'pytorch') {
    readKernels();
    return;
  }
  const { python, gpus, compile } = config;
  const hellos = await Promise.all(
    devicesOf(gpus).map(async (device) => {
      const worker = await startTrainingWorker({ python, device, compile, signal });
      await worker.kill();
      return worker.hello;
    }),
  );
  const devices = hellos.map(({ device, deviceName }) => `${device} (${deviceName})`).join(', ');
  progress.line(`trainer  PyTorch ${hellos[0]?.torch} of ${python} on ${devices}`);
}

function devicesOf(gpus: readonly number[]): readonly [string, ...string[]] {
  const [first, ...others] = gpus.map((index) => `cuda:${index}`);
  return first === undefined ? ['cpu'] : [first, ...others];
}

function gpuList(text: string): readonly number[] {
  const numbers = text.split(',');
  if (!numbers.every((number) => /^\d+$/.test(number)) || new Set(numbers).size < numbers.length) {
    throw new InvalidArgumentError('Expected numbers from 0 on with commas between them, such as 0,1.');
  }
  return numbers.map(Number);
}
