import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { digestOf } from '../../base/digest.ts';
import { NasError } from '../../base/errors.ts';
import type { TrainingData } from '../../datasets/dataset.ts';
import { checkRequest } from '../check-request.ts';
import { datasetFile } from '../dataset-file.ts';
import { type Trainer, type TrainRequest, type TrainResult, trainerDigest } from '../trainer.ts';
import { digestOfFile } from '../weight-files.ts';
import { writeBatchPlan } from './batch-plan-file.ts';
import type { Ending, Report, TrainLine } from './protocol.ts';
import { complaint, startTrainingWorker, type TrainingWorker, WHERE } from './training-worker.ts';
import { workerDigest } from './worker-code.ts';
import { createSlots } from './worker-slots.ts';
import { workersPerGpu } from './workers-per-gpu.ts';

export interface PytorchTrainerOptions {
  /** In memory, or a list of files that workers decode while they train. */
  readonly dataset: TrainingData;
  /** The program, such as `python3`. */
  readonly python: string;
  /** `cpu`, or GPUs as PyTorch counts them: `cuda:0`. */
  readonly devices: readonly [string, ...string[]];
  /** Networks trained at once on each device. Default: by a GPU's memory; 1 on a processor. */
  readonly workersPerDevice?: number | undefined;
  /** Of the processor, for each network. Another number may give other bits. Default: 1. */
  readonly threads?: number;
  /** Processes that decode listed images for each network. Default: the cores that are left, at least 1. */
  readonly loaders?: number;
  /** Compile networks with torch.compile: slow to begin, fast after that. */
  readonly compile?: boolean;
  /** Send the batches that the embedded trainer draws, instead of drawing others in the worker. */
  readonly embeddedBatches?: boolean;
  /** Where the dataset is kept for the workers to read. */
  readonly datasetsFolder: string;
  /** Where weights go that a request asks to keep. */
  readonly weightsFolder: string;
  /** Ends the wait for the first workers. */
  readonly signal?: AbortSignal;
}

/** A cancelled training ends at its next step; a worker that does not is killed after this long. */
const CANCEL_GRACE_MS = 5_000;
/** Of one network: more decode faster than any network trains. */
const MOST_LOADERS = 16;

interface Place {
  readonly device: string;
  worker: Promise<TrainingWorker> | undefined;
}

/**
 * Trains in Python processes of PyTorch, one network a process. Starts one on each device before it resolves, and
 * rejects with a NasError that tells what is missing. On a processor the same request gives the same bits; on GPUs
 * it does up to the order in which they sum.
 */
export async function createPytorchTrainer(options: PytorchTrainerOptions): Promise<Trainer> {
  const { dataset, python, devices, compile = false, threads = 1 } = options;
  const isProcessor = devices[0] === 'cpu';
  const placesOn = (list: readonly string[]): Place[] =>
    list.map((device) => ({ device, worker: undefined }));
  const places = placesOn(devices);
  const closing = new AbortController();

  /** The worker of a place; a fresh one where it has ended. */
  const workerOf = async (place: Place): Promise<TrainingWorker> => {
    const before = await place.worker?.catch(() => undefined);
    if (before?.isAlive()) return before;
    closing.signal.throwIfAborted();
    place.worker = startTrainingWorker({
      ...{ python, device: place.device, compile, threads, signal: closing.signal },
    });
    return place.worker;
  };
  const close = async (): Promise<void> => {
    closing.abort(new NasError(WHERE, { found: 'it was closed' }));
    await Promise.all(
      places.map(({ worker }) =>
        worker?.then(
          (started) => started.kill(),
          () => {},
        ),
      ),
    );
  };

  const interrupt = (): void => closing.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', interrupt, { once: true });
  let identity: { readonly torch: string; readonly mixedPrecision: boolean };
  let file: string;
  try {
    const hellos = (await Promise.all(places.map(workerOf))).map(({ hello }) => hello);
    const [first] = hellos;
    if (first === undefined) throw new RangeError('a trainer without devices');
    identity = { torch: first.torch, mixedPrecision: first.mixedPrecision };
    const byMemory = (): number => (isProcessor ? 1 : workersPerGpu(hellos, availableParallelism()));
    const { workersPerDevice = byMemory() } = options;
    // Of each device one before any has two, and the others start when they are needed.
    for (let more = 1; more < workersPerDevice; more++) places.push(...placesOn(devices));
    file = await datasetFile(dataset, resolve(options.datasetsFolder));
  } catch (thrown) {
    await close();
    throw thrown;
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
  }
  const implementation = digestOf({
    trainer: 'pytorch',
    code: workerDigest(),
    ...identity,
    device: devices[0].replace(/:.*/, ''),
    ...(isProcessor ? { threads } : {}),
    compile,
    embeddedBatches: options.embeddedBatches ?? false,
  });
  const digest = trainerDigest(implementation, dataset);

  const slots = createSlots(places);

  // On a GPU every network needs a core that feeds it; on a processor all cores train.
  const coresEach = isProcessor ? 1 : Math.floor(availableParallelism() / places.length) - 1;
  const loaders = options.loaders ?? Math.max(1, Math.min(MOST_LOADERS, coresEach));

  const lineOf = (request: TrainRequest): Omit<TrainLine, 'kind' | 'id'> => {
    const { graph, recipe, seed, initialWeights, checkpoint, reportSteps } = request;
    const { saveWeights, carryMoments, saveBestWeights } = request;
    return {
      graph,
      recipe,
      seed,
      dataset: file,
      loaders,
      // By content: on another machine the file may lie elsewhere.
      identity: digestOf({
        ...{ digest, graph, recipe, seed, carryMoments, saveBestWeights },
        ...(initialWeights === undefined ? {} : { initialWeights: digestOfFile(initialWeights) }),
      }),
      ...(initialWeights === undefined ? {} : { initialWeights: resolve(initialWeights) }),
      ...(checkpoint === undefined ? {} : { checkpoint: resolve(checkpoint) }),
      ...(saveWeights || saveBestWeights ? { weightsFolder: resolve(options.weightsFolder) } : {}),
      ...(carryMoments === undefined ? {} : { carryMoments }),
      ...(saveBestWeights === undefined ? {} : { saveBestWeights }),
      ...(reportSteps === undefined ? {} : { reportSteps }),
      ...(request.untilEpoch === undefined ? {} : { untilEpoch: request.untilEpoch }),
    };
  };

  /** Does the work in a place, which is free again when the worker is. */
  const trainIn = async (place: Place, request: TrainRequest, stop: AbortSignal): Promise<Ending> => {
    const worker = await workerOf(place);
    stop.throwIfAborted();
    let folder: string | undefined;
    let grace: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      worker.cancel();
      grace = setTimeout(() => void worker.kill(), CANCEL_GRACE_MS);
    };
    try {
      let line = lineOf(request);
      if (options.embeddedBatches === true) {
        folder = await mkdtemp(join(tmpdir(), 'nas-batch-plan-'));
        const batchPlan = join(folder, 'plan.safetensors');
        await writeBatchPlan(batchPlan, request, dataset.train);
        stop.throwIfAborted();
        line = { ...line, batchPlan };
      }
      stop.addEventListener('abort', cancel, { once: true });
      return await worker.train(line, (report) => {
        if (!stop.aborted) request.onEpoch?.(epochOf(report));
      });
    } finally {
      stop.removeEventListener('abort', cancel);
      clearTimeout(grace);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  };

  return {
    name: 'pytorch',
    ...{ implementation, digest },
    parallelism: places.length,
    async train(request, signal) {
      signal?.throwIfAborted();
      closing.signal.throwIfAborted();
      checkRequest(request, dataset, WHERE);
      const stop = new AbortController();
      const outside = AbortSignal.any([closing.signal, ...(signal === undefined ? [] : [signal])]);
      const end = (): void => stop.abort(outside.reason);
      outside.addEventListener('abort', end, { once: true });
      let timer: NodeJS.Timeout | undefined;
      try {
        const place = await slots.take(outside);
        if (request.timeoutMs !== undefined) {
          timer = setTimeout(() => stop.abort(tooLong(request.timeoutMs ?? 0)), request.timeoutMs);
        }
        const ending = trainIn(place, request, stop.signal).finally(() => slots.give(place));
        // Whoever has given up does not wait until the worker has noticed.
        return resultOf(await untilAborted(ending, stop.signal));
      } finally {
        clearTimeout(timer);
        outside.removeEventListener('abort', end);
      }
    },
    close,
  };
}

function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

function resultOf(ending: Ending): TrainResult {
  if (ending.kind === 'refused') throw complaint(ending);
  if (ending.kind === 'cancelled') throw new NasError(WHERE, { found: 'the training was cancelled' });
  const { accuracy, epochs, cpuSeconds, weights, bestWeights, stepLosses, note } = ending;
  return {
    accuracy,
    epochs,
    cpuSeconds,
    ...(weights === undefined ? {} : { weights }),
    ...(bestWeights === undefined ? {} : { bestWeights }),
    ...(stepLosses === undefined ? {} : { stepLosses }),
    ...(note === undefined ? {} : { note }),
  };
}

function epochOf({ epoch, trainLoss, validationAccuracy }: Report) {
  return { epoch, trainLoss, validationAccuracy };
}

function tooLong(timeoutMs: number): NasError {
  return new NasError(WHERE, {
    found: `a training that goes on after ${timeoutMs} ms`,
    expected: 'an end by then',
    next: 'allow it more time, or train a smaller network or fewer epochs',
  });
}
