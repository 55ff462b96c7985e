import { NasError } from '../base/errors.ts';
import type { Device } from '../devices/device.ts';
import { type DeviceTask, deviceQueue } from '../devices/queue/device-task.ts';
import { createQueueDevice } from '../devices/queue/queue-device.ts';
import type { DeviceOptions } from './device-options.ts';
import type { WorkQueue } from './work-queue.ts';

/** The name under which a worker of a host offers a device. */
export function offeredName(host: string, device: string): string {
  return `${host}/${device}`;
}

/**
 * What a worker offers under a name: the whole of it, such as `shelf/adb:SERIAL`, or without the host where one host
 * alone has it. `local` is always the device at hand.
 */
export function offeredDevice(queue: WorkQueue, name: string): string | undefined {
  const offered = new Set(queue.workers().flatMap(({ devices }) => devices));
  if (offered.has(name)) return name;
  const matching = [...offered].filter((whole) => whole.slice(whole.indexOf('/') + 1) === name);
  if (name === 'local' || matching.length === 0) return undefined;
  const [only, ...others] = matching;
  if (others.length === 0) return only;
  throw new NasError('--device', {
    found: `${name}, which several hosts have`,
    expected: `one of ${matching.join(', ')}`,
  });
}

export async function openQueuedDevice(
  queue: WorkQueue,
  name: string,
  { runtime, dtype, threads, core }: DeviceOptions,
  signal: AbortSignal,
): Promise<Device> {
  const pool = await queue.pool<DeviceTask, unknown, unknown>({
    name,
    queue: deviceQueue(name),
    places: () => 1,
  });
  const options = {
    ...{ dtype, threads },
    ...(runtime === undefined ? {} : { runtime }),
    ...(core === undefined ? {} : { core }),
  };
  try {
    return await createQueueDevice({ name, options, pool, signal });
  } catch (error) {
    await pool.close();
    throw error;
  }
}
