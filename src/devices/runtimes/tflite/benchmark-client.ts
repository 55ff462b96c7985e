import { NasError } from '../../../base/errors.ts';
import { createRng } from '../../../base/rng.ts';
import { GraphBuilder } from '../../../graph/graph.ts';
import { fromBase64 } from '../../base64-floats.ts';
import { type Program, programOfGraph, withShapes } from '../../program.ts';
import type { RunnerClient } from '../../runner-client.ts';
import { type Loaded, type LoadRequest, PROTOCOL_VERSION, type Reading } from '../../runner-protocol.ts';
import type { Transport } from '../../transports/transport.ts';
import { kernelModel } from '../litert/tflite/kernel-model.ts';
import type { TfliteModel } from '../litert/tflite/model.ts';
import { networkModel } from '../litert/tflite/network-model.ts';
import { createRandomParameters } from '../litert/tflite/random-parameters.ts';
import { type BenchmarkBinary, locateBinary } from './benchmark-binary.ts';
import { type BenchmarkReport, ignoredFlags, readBenchmarkReport, usesXnnpack } from './benchmark-report.ts';
import { benchmarkCommand, NEEDED_FLAGS } from './command.ts';
import { createModelFiles, type ModelFile } from './model-files.ts';
import { runBenchmark } from './run-benchmark.ts';

export interface BenchmarkClientOptions {
  /** For messages: the device that is measured. */
  readonly device: string;
  readonly transport: Transport;
  /** A path here, or `device:PATH`. */
  readonly benchmarkModel: string;
  readonly threads: number;
  readonly core?: number | undefined;
  /** Longest wait for the program to end. */
  readonly timeoutMs?: number;
}

/** Times are whole microseconds: a kernel is repeated in its model until a run lasts about so long. */
const RUN_MS = 5;
const MAXIMUM_COPIES = 256;
/** Copies must not push each other's weights further out of the caches than the layers of a network do. */
const MAXIMUM_WEIGHT_BYTES = 8e6;

/** It is part of every kernel's time, and measured once: the least disturbed process counts. */
const OVERHEAD_SAMPLES = 3;

interface LoadedSubject {
  readonly subject: Omit<LoadRequest, 'kind' | 'id'>;
  readonly file: ModelFile;
  readonly loaded: Loaded;
}

/**
 * The user's own `benchmark_model` as a runner: it is started for each sample, with a model that was put on the device
 * when it was loaded. A sample is the median of its runs, or where it prints none their mean; `runtimeVersion` says
 * which. It tells neither processor time nor context switches, so no sample counts as preempted; and each run finds
 * the caches as the run before left them, whatever is asked for: kernels with few weights are measured warm.
 */
export function createBenchmarkClient(options: BenchmarkClientOptions): RunnerClient {
  const { device, transport, threads, core, timeoutMs } = options;
  const parameters = createRandomParameters(createRng('measuring'));
  const files = createModelFiles(device, transport);
  const subjects = new Map<string, LoadedSubject>();
  /** What a run takes that does nothing, by the number of inputs. */
  const overheads = new Map<number, number>();
  let binary: Promise<BenchmarkBinary> | undefined;
  let stop = new AbortController();
  /** One process at a time: they would disturb each other. */
  let before: Promise<unknown> = Promise.resolve();

  const ask = <Answer>(work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> => {
    const { signal } = stop;
    const answer = before.then(() => {
      signal.throwIfAborted();
      return work(signal);
    });
    before = answer.catch(() => {});
    return answer;
  };

  const locate = (): Promise<BenchmarkBinary> => {
    binary ??= locateBinary(options.benchmarkModel, transport).catch((thrown) => {
      binary = undefined;
      throw thrown;
    });
    return binary;
  };

  const run = async (file: ModelFile, doing: string, signal: AbortSignal): Promise<readonly string[]> => {
    const { path } = await locate();
    const argv = benchmarkCommand({ program: path, model: file.there, threads, core });
    return runBenchmark({ device, doing, transport, argv, timeoutMs, signal });
  };

  const measure = async (file: ModelFile, doing: string, signal: AbortSignal): Promise<BenchmarkReport> =>
    readBenchmarkReport(await run(file, doing, signal), `${device}: benchmark_model, ${doing}`);

  /** Runs a model that is needed but once. */
  const measureOnce = async <Result>(
    model: TfliteModel,
    use: (file: ModelFile) => Promise<Result>,
  ): Promise<Result> => {
    const file = await files.put(model);
    try {
      return await use(file);
    } finally {
      await files.remove([file]);
    }
  };

  const overheadOf = async (program: Program, signal: AbortSignal): Promise<number> => {
    const inputs = program.nodes.filter(({ op }) => op.kind === 'input').length;
    const known = overheads.get(inputs);
    if (known !== undefined) return known;
    const leastUs = await measureOnce(kernelModel(program, 0, parameters), async (file) => {
      const times: number[] = [];
      while (times.length < OVERHEAD_SAMPLES) {
        times.push(sampleOf(await measure(file, 'measuring its overhead', signal)));
      }
      return Math.min(...times);
    });
    overheads.set(inputs, leastUs);
    return leastUs;
  };

  /** So many of a kernel in one model that a run lasts long enough to be told in microseconds. */
  const copiesOf = async (program: Program, doing: string, signal: AbortSignal): Promise<number> => {
    const single = kernelModel(program, 1, parameters);
    const affordable = Math.max(1, Math.floor(MAXIMUM_WEIGHT_BYTES / constantBytes(single)));
    const most = Math.min(MAXIMUM_COPIES, affordable);
    if (most === 1) return 1;
    const { minUs } = await measureOnce(single, (file) => measure(file, doing, signal));
    const perCopyUs = Math.max(1, minUs - (await overheadOf(program, signal)));
    return Math.min(most, Math.ceil((1000 * RUN_MS) / perCopyUs));
  };

  /** Where nothing is loaded; a question may be all that is asked. */
  const closeIfIdle = async (): Promise<void> => {
    if (subjects.size === 0) await files.close();
  };

  return {
    hello: () =>
      ask(async (signal) => {
        const { digest } = await locate();
        const { stdout: architecture } = await transport.run(['uname', '-m'], { signal });
        const model = networkModel(someProgram(), parameters);
        const lines = await measureOnce(model, (file) => run(file, 'trying it', signal)).finally(closeIfIdle);
        const { medianUs } = readBenchmarkReport(lines, `${device}: benchmark_model`);
        refuseIgnored(ignoredFlags(lines));
        const version = [
          `benchmark_model ${digest.slice(0, DIGEST_DIGITS)}`,
          usesXnnpack(lines) ? 'XNNPACK' : 'built-in kernels',
          medianUs === undefined ? 'means of runs' : 'medians of runs',
        ];
        return {
          ...{
            kind: 'hello',
            protocol: PROTOCOL_VERSION,
            runtime: 'tflite',
            runtimeVersion: version.join(', '),
          },
          ...{ architecture, threads, core: core ?? null, dtypes: ['float32'], models: 'timed' },
        };
      }),
    load: (subject) =>
      ask(async (signal) => {
        const { key, dtype, isolate } = subject;
        const given = subject.model === undefined ? undefined : fromBase64(subject.model);
        if (dtype !== 'float32' && given === undefined)
          throw new NasError(key, { found: `dtype ${dtype}`, expected: 'float32' });
        const former = subjects.get(key);
        if (former?.subject === subject) {
          // The device was lost meanwhile.
          await files.putAgain(former.file);
          return former.loaded;
        }
        const program: Program = { nodes: withShapes(subject.nodes), outputs: subject.outputs };
        const copies = isolate ? await copiesOf(program, `trying ${key}`, signal) : 1;
        const model = isolate ? kernelModel(program, copies, parameters) : networkModel(program, parameters);
        const overheadUs = isolate ? await overheadOf(program, signal) : 0;
        const loaded: Loaded = {
          kind: 'loaded',
          id: 0,
          weightBytes: given?.byteLength ?? constantBytes(model),
          copies,
          overheadUs,
        };
        subjects.set(key, { subject, file: await files.put(given ?? model), loaded });
        if (former !== undefined) await files.remove([former.file]);
        return loaded;
      }),
    sample: (keys) =>
      ask(async (signal) => {
        const readings: Reading[] = [];
        for (const key of keys) {
          const found = subjects.get(key);
          if (found === undefined) throw new NasError(key, { found: 'not loaded', expected: 'a loaded key' });
          const wallUs = sampleOf(await measure(found.file, `measuring ${key}`, signal));
          readings.push({ wallUs, cpuUs: wallUs, switches: 0 });
        }
        return readings;
      }),
    unload: (keys) =>
      ask(async () => {
        const removed = keys.flatMap((key) => subjects.get(key) ?? []);
        for (const key of keys) subjects.delete(key);
        await files.remove(removed.map(({ file }) => file));
      }),
    run: async (key) => {
      throw new NasError(key, {
        found: 'benchmark_model, which tells times alone',
        expected: 'a runtime that tells what a model makes of its inputs',
      });
    },
    async close() {
      stop.abort(new NasError(device, { found: 'closed while benchmark_model was running' }));
      stop = new AbortController();
      // What is asked after it waits for it too: its models are not tidied up with the former ones.
      const closed = before.then(() => {
        subjects.clear();
        return files.close();
      });
      before = closed.catch(() => {});
      await closed;
    },
  };
}

/** What a process says that a run takes. */
function sampleOf({ medianUs, meanUs }: BenchmarkReport): number {
  return medianUs ?? meanUs;
}

/** Of a SHA-256, enough to tell one build from another. */
const DIGEST_DIGITS = 12;

/** The least that shows whether and how the program measures. */
function someProgram(): Program {
  const builder = new GraphBuilder();
  return programOfGraph(builder.build(builder.convolution(builder.input([32, 32, 16]), 16, { kernel: 3 })));
}

function refuseIgnored(flags: readonly string[]): void {
  const needed = flags.filter((flag) => NEEDED_FLAGS.some((name) => flag.startsWith(`${name}=`)));
  if (needed.length === 0) return;
  throw new NasError('--benchmark-model', {
    found: `a program that does not know ${needed.join(' ')}`,
    expected: 'benchmark_model of TensorFlow Lite or LiteRT',
  });
}

function constantBytes(model: TfliteModel): number {
  return model.tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 1);
}
