import { systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import type { Device } from './device.ts';
import { describeHost, readGovernor, slugOf } from './host.ts';
import { createRunnerClient } from './runner-client.ts';
import { createRunnerDevice } from './runner-device.ts';
import type { Dtype } from './runner-protocol.ts';
import { liteRtCommand } from './runtimes/litert/command.ts';
import { listRunners, locateRunner } from './runtimes/xnnpack/runner-store.ts';
import { hostTarget } from './runtimes/xnnpack/targets.ts';
import { localTransport } from './transports/local.ts';

export const RUNTIMES = ['xnnpack', 'litert'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

export interface DeviceRequest {
  /** `undefined`: xnnpack where its runner was built, litert otherwise. */
  readonly runtime?: RuntimeName | undefined;
  readonly dtype: Dtype;
  readonly threads: number;
  /** The core to stay on; `undefined` leaves that to the system. */
  readonly core?: number | undefined;
  /** Folder in which runners are kept once they are built. */
  readonly cache: string;
  /** Version of the program, for the table. */
  readonly nasVersion: string;
}

/** Opens a device: starts its runner, to learn what it measures with, and keeps it until `close`. */
export async function openDevice(request: DeviceRequest): Promise<Device> {
  const { processor, operatingSystem } = describeHost();
  const device = slugOf(processor);
  const argv = await commandOf(request);
  const client = createRunnerClient({ device, transport: localTransport, argv });
  const { runtime, runtimeVersion, threads, core, dtypes } = await client.hello();
  if (!dtypes.includes(request.dtype)) {
    await client.close();
    throw new NasError('--dtype', {
      found: `${request.dtype}, which ${runtime} on ${device} does not run`,
      expected: dtypes.join(', '),
    });
  }
  const provenance = {
    ...{ device, processor, runtime, runtimeVersion, dtype: request.dtype, threads, core },
    governor: readGovernor(core),
    operatingSystem,
    measuredAt: systemClock.timestamp(),
    nasVersion: request.nasVersion,
  };
  return createRunnerDevice(provenance, client, { dtype: request.dtype });
}

async function commandOf(request: DeviceRequest): Promise<readonly [string, ...string[]]> {
  const { runtime, threads, core, cache } = request;
  const target = hostTarget();
  if (runtime !== 'litert' && target !== undefined) {
    // Whoever has built a runner once wants XNNPACK: an outdated one is told, not silently replaced by LiteRT.
    const built = (await listRunners(cache)).some((runner) => runner.target === target);
    if (built || runtime === 'xnnpack') {
      const runner = await locateRunner(cache, target);
      const pinned = core === undefined ? [] : ['--core', String(core)];
      return [runner.path, '--threads', String(threads), ...pinned];
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
