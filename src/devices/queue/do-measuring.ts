import { canonicalJson } from '../../base/digest.ts';
import { NasError } from '../../base/errors.ts';
import { parseKernel } from '../../graph/parse-kernel.ts';
import type { Device } from '../device.ts';
import { parseDeviceTask, type RemoteOptions } from './device-task.ts';

export interface MeasuringHand {
  /** Does a task of the queue on the worker's device. */
  measure(
    task: unknown,
    options: { readonly signal: AbortSignal; readonly report: (report: unknown) => void },
  ): Promise<unknown>;
  close(): Promise<void>;
}

/** The worker's end of `createQueueDevice`. The device stays open as long as all goes well and is asked for alike. */
export function createMeasuringHand(open: (options: RemoteOptions) => Promise<Device>): MeasuringHand {
  let held: { readonly key: string; readonly device: Device } | undefined;
  const close = async (): Promise<void> => {
    const { device } = held ?? {};
    held = undefined;
    await device?.close();
  };
  const opened = async (options: RemoteOptions): Promise<Device> => {
    const key = canonicalJson(options);
    if (held?.key !== key) {
      await close();
      held = { key, device: await open(options) };
    }
    return held.device;
  };
  return {
    async measure(value, { signal, report }) {
      const task = parseDeviceTask(value);
      try {
        const device = await opened(task.options);
        switch (task.do) {
          case 'describe':
            return device.provenance;
          case 'state':
            return await device.state({ signal });
          case 'kernels':
            for await (const latency of device.measureKernels(task.kernels.map(kernelOf), { signal }))
              report(latency);
            return null;
          case 'networks':
            for await (const latency of device.measureNetworks(task.networks, { signal })) report(latency);
            return null;
        }
      } catch (error) {
        // An unplugged phone may be back for the next.
        await close().catch(() => {});
        throw error;
      }
    },
    close,
  };
}

function kernelOf(signature: string): ReturnType<typeof parseKernel> & object {
  const kernel = parseKernel(signature);
  if (kernel !== undefined) return kernel;
  throw new NasError('task', { found: `the kernel ${signature}`, expected: 'one that nas has printed' });
}
