import { systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import { describeDevice, describeState } from './describe-device/describe-device.ts';
import type { Device } from './device.ts';
import { describeHost, readGovernor, slugOf } from './host.ts';
import { LOADED_ONCE } from './measuring/effort.ts';
import { createRunnerClient, type RunnerClient } from './runner-client.ts';
import { createRunnerDevice } from './runner-device.ts';
import type { Dtype } from './runner-protocol.ts';
import { liteRtCommand } from './runtimes/litert/command.ts';
import { createBenchmarkClient } from './runtimes/tflite/benchmark-client.ts';
import { BENCHMARK_EFFORT } from './runtimes/tflite/effort.ts';
import { listRunners, locateRunner } from './runtimes/xnnpack/runner-store.ts';
import { hostTarget, type Target } from './runtimes/xnnpack/targets.ts';
import { openTransport } from './transports/open-transport.ts';
import type { Transport } from './transports/transport.ts';

export const RUNTIMES = ['xnnpack', 'litert', 'litert-webgpu', 'tflite'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

export interface DeviceRequest {
  /** See `parseDeviceName`. */
  readonly name: string;
  /** `undefined`: xnnpack; on this machine litert where no runner was built. */
  readonly runtime?: RuntimeName | undefined;
  /** The user's `benchmark_model`, which is what runs for tflite: a path here, or `device:PATH`. */
  readonly benchmarkModel?: string | undefined;
  readonly dtype: Dtype;
  readonly threads: number;
  /** The core to stay on; `undefined`: one thread stays on the fastest, several go where the system puts them. */
  readonly core?: number | undefined;
  /** Folder in which runners are kept once they are built. */
  readonly cache: string;
  /** Version of the program, for the table. */
  readonly nasVersion: string;
}

type Command = readonly [string, ...string[]];

/** Opens a device: starts its runner, to learn what it measures with, and keeps it until `close`. */
export async function openDevice(request: DeviceRequest): Promise<Device> {
  const transport = await openTransport(request.name);
  try {
    const isLocal = request.name === 'local';
    const facts = isLocal ? localFacts(request.core) : await remoteFacts(transport);
    const client = await openClient(request, transport, facts);
    const { runtime, runtimeVersion, threads, core, dtypes, models } = await client.hello();
    if (!dtypes.includes(request.dtype)) {
      await client.close();
      throw new NasError('--dtype', {
        found: `${request.dtype}, which ${runtime} on ${facts.device} does not run`,
        expected: dtypes.join(', '),
      });
    }
    const { targets: _, ...machine } = facts;
    const provenance = {
      ...{ ...machine, runtime, runtimeVersion, dtype: request.dtype, threads, core },
      measuredAt: systemClock.timestamp(),
      nasVersion: request.nasVersion,
    };
    const readState = (signal?: AbortSignal) => describeState(transport, signal);
    const device = createRunnerDevice(provenance, client, {
      ...{ dtype: request.dtype, models, readState },
      ...(runtime === 'tflite' ? BENCHMARK_EFFORT : {}),
      ...(runtime === 'litert' ? { kernelEffort: LOADED_ONCE } : {}),
    });
    return {
      ...device,
      async close() {
        await device.close();
        await transport.close();
      },
    };
  } catch (thrown) {
    await transport.close();
    throw thrown;
  }
}

async function openClient(
  request: DeviceRequest,
  transport: Transport,
  { device, targets }: MachineFacts,
): Promise<RunnerClient> {
  const { name, runtime, benchmarkModel, threads, core } = request;
  if ((runtime === 'tflite') !== (benchmarkModel !== undefined)) {
    throw new NasError(runtime === 'tflite' ? '--runtime' : '--benchmark-model', {
      found:
        runtime === 'tflite' ? 'tflite without the program that runs it' : 'no --runtime tflite beside it',
      expected: '--runtime tflite --benchmark-model PATH, both',
      next: 'download or build benchmark_model of TensorFlow Lite or LiteRT for the device',
    });
  }
  if (benchmarkModel !== undefined) {
    return createBenchmarkClient({ device, transport, benchmarkModel, threads, core });
  }
  const argv = await (name === 'local' ? localCommand(request) : remoteCommand(request, transport, targets));
  return createRunnerClient({ device, transport, argv });
}

/** What a table says of the machine. */
interface MachineFacts {
  readonly device: string;
  readonly processor: string;
  readonly operatingSystem: string;
  readonly governor: string | null;
  /** What runners are built for that run there, the best first. */
  readonly targets: readonly Target[];
}

function localFacts(core: number | undefined): MachineFacts {
  const { processor, operatingSystem } = describeHost();
  const target = hostTarget();
  return {
    ...{ device: slugOf(processor), processor, operatingSystem },
    governor: readGovernor(core ?? null),
    targets: target === undefined ? [] : [target],
  };
}

async function remoteFacts(transport: Transport): Promise<MachineFacts> {
  const { model, soc, architecture, operatingSystem, androidBuild, governors } =
    await describeDevice(transport);
  const named = model ?? soc ?? architecture ?? transport.name;
  return {
    device: slugOf(named),
    processor: soc ?? named,
    operatingSystem: androidBuild ?? operatingSystem ?? 'unknown',
    governor: governors?.join(', ') ?? null,
    targets: targetsOf(architecture, androidBuild !== null),
  };
}

/** What is linked statically for Linux needs nothing of Android's and runs there too. */
function targetsOf(architecture: string | null, isAndroid: boolean): readonly Target[] {
  if (architecture === 'aarch64' || architecture === 'arm64')
    return isAndroid ? ['android-arm64', 'linux-arm64'] : ['linux-arm64'];
  return architecture === 'x86_64' ? ['linux-x64'] : [];
}

/** The runner for the machine at the other end, which is put there first. */
async function remoteCommand(
  { name, runtime, cache, ...options }: DeviceRequest,
  transport: Transport,
  targets: readonly Target[],
): Promise<Command> {
  const [best, ...others] = targets;
  if (best === undefined) {
    throw new NasError(name, {
      found: 'a processor that there is no runner for',
      expected: 'x86-64 or 64-bit ARM',
    });
  }
  if (runtime !== undefined && runtime !== 'xnnpack') {
    throw new NasError('--runtime', {
      found: runtime,
      expected: `xnnpack or tflite, which are what runs on ${name}`,
    });
  }
  const runner = await locateRunner(cache, best, ...others);
  return [await transport.push(runner.path), ...runnerOptions(options)];
}

async function localCommand(request: DeviceRequest): Promise<Command> {
  const { runtime, threads, core, cache } = request;
  const target = hostTarget();
  if (runtime === 'litert-webgpu') {
    throw new NasError('--runtime', {
      found: 'litert-webgpu, which runs in a browser',
      expected: '--device browser with it, or another runtime',
    });
  }
  if (runtime !== 'litert' && target !== undefined) {
    // Whoever has built a runner once wants XNNPACK: an outdated one is told, not silently replaced by LiteRT.
    const built = (await listRunners(cache)).some((runner) => runner.target === target);
    if (built || runtime === 'xnnpack') {
      const runner = await locateRunner(cache, target);
      return [runner.path, ...runnerOptions(request)];
    }
  }
  if (runtime === 'xnnpack') {
    throw new NasError('--runtime', {
      found: `xnnpack, which has no runner for ${process.platform}-${process.arch}`,
      expected: 'litert',
    });
  }
  if (threads !== 1 || core !== undefined) {
    throw new NasError(threads === 1 ? '--core' : '--threads', {
      found: 'an option that litert does not have: it runs on one thread, wherever the system puts it',
      expected: 'xnnpack',
      next: 'nas runner build',
    });
  }
  return liteRtCommand();
}

function runnerOptions({ threads, core }: Pick<DeviceRequest, 'threads' | 'core'>): readonly string[] {
  const stay = core ?? (threads === 1 ? 'fastest' : undefined);
  return ['--threads', String(threads), ...(stay === undefined ? [] : ['--core', String(stay)])];
}
