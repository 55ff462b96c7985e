import { systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import type { Device } from './device.ts';
import { slugOf } from './host.ts';
import { KERNEL_EFFORT, LOADED_ONCE } from './measuring/effort.ts';
import { createRunnerClient, type RunnerClient, RunnerLost } from './runner-client.ts';
import { createRunnerDevice } from './runner-device.ts';
import type { Dtype, Hello } from './runner-protocol.ts';
import type { BrowserTransport } from './transports/browser/browser-transport.ts';
import { describePage } from './transports/browser/describe-page.ts';
import type { Page, PageRuntime } from './transports/browser/page-messages.ts';

export interface BrowserDeviceRequest {
  /** Serves the page; closed with the device. */
  readonly transport: BrowserTransport;
  readonly runtime?: PageRuntime | undefined;
  readonly dtype?: Dtype;
  /** Version of the program, for the table. */
  readonly nasVersion: string;
  /** Ends the wait for a page. */
  readonly signal?: AbortSignal | undefined;
}

/** A page may have to fetch the runtime over a slow network first. */
const LONG_ENOUGH_TO_LOAD_MS = 180_000;

/** Opens a browser as a device: waits for its page, then for the runner in it, and keeps both until `close`. */
export async function openBrowserDevice(request: BrowserDeviceRequest): Promise<Device> {
  const { transport, runtime: wanted = 'litert', dtype = 'float32', nasVersion, signal } = request;
  try {
    const page = await transport.page(signal);
    const { name, processor, operatingSystem } = describePage(page);
    const device = slugOf(name);
    if (!page.runtimes.includes(wanted)) {
      throw new NasError('--runtime', {
        found: `${wanted}, which the browser on ${device} does not run`,
        expected: page.runtimes.join(', '),
      });
    }
    const client = createRunnerClient({
      ...{ device, transport, argv: [wanted] as const },
      startTimeoutMs: LONG_ENOUGH_TO_LOAD_MS,
    });
    const stop = (): void => void client.close();
    signal?.addEventListener('abort', stop, { once: true });
    const { runtime, runtimeVersion, threads, core, dtypes, models } = await greet(client);
    signal?.removeEventListener('abort', stop);
    if (!dtypes.includes(dtype)) {
      throw new NasError('--dtype', {
        found: `${dtype}, which ${runtime} on ${device} does not run`,
        expected: dtypes.join(', '),
      });
    }
    const provenance = {
      ...{ device, processor, runtime, runtimeVersion, dtype, threads, core },
      governor: null,
      operatingSystem,
      measuredAt: systemClock.timestamp(),
      nasVersion,
    };
    const kernelEffort = { ...LOADED_ONCE, patienceMs: patienceFor(page) };
    const networkEffort = { window: NETWORKS_OPEN };
    return watched(
      createRunnerDevice(provenance, client, { dtype, models, kernelEffort, networkEffort }),
      transport,
    );
  } catch (thrown) {
    await transport.close();
    signal?.throwIfAborted();
    throw thrown;
  }
}

/** A page may be put aside, or opened anew, just while it loads. */
const ATTEMPTS = 3;

async function greet(client: RunnerClient): Promise<Hello> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.hello();
    } catch (thrown) {
      if (!(thrown instanceof RunnerLost) || attempt === ATTEMPTS) throw thrown;
    }
  }
}

/** Ticks and milliseconds in a sample of a kernel; see runtimes/litert/sampling.ts. */
const SAMPLE_TICKS = 25;
const SAMPLE_MS = 1.5;

/** A page has little memory. */
const NETWORKS_OPEN = 4;

/** Patience counts milliseconds of samples, which last longer where the clock is coarse. */
function patienceFor({ tickUs }: Page): number {
  return KERNEL_EFFORT.patienceMs * Math.max(1, (SAMPLE_TICKS * tickUs) / 1000 / SAMPLE_MS);
}

/** The device, with the page told how far its work is. */
function watched(device: Device, transport: BrowserTransport): Device {
  return {
    ...device,
    async *measureKernels(kernels, options) {
      const total = kernels.length;
      let done = 0;
      transport.announce({ of: 'kernels', done, total });
      for await (const latency of device.measureKernels(kernels, options)) {
        transport.announce({ of: 'kernels', done: ++done, total });
        yield latency;
      }
    },
    async measureNetwork(graph, options) {
      transport.announce({ of: 'networks', done: 0, total: 1 });
      const latency = await device.measureNetwork(graph, options);
      transport.announce({ of: 'networks', done: 1, total: 1 });
      return latency;
    },
    async *measureNetworks(networks, options) {
      const total = networks.length;
      let done = 0;
      transport.announce({ of: 'networks', done, total });
      for await (const latency of device.measureNetworks(networks, options)) {
        transport.announce({ of: 'networks', done: ++done, total });
        yield latency;
      }
    },
    state: (options) => device.state(options),
    async close() {
      await transport.close();
      await device.close();
    },
  };
}
