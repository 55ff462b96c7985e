import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import { parseWith } from '../../base/parse.ts';
import { createSecret } from '../../base/secret.ts';
import { deviceStateSchema } from '../../latency/measuring-session.ts';
import { kernelLatencySchema, provenanceSchema } from '../../latency/parse-table.ts';
import type { Device, MeasureOptions, NamedNetwork, NetworkLatency } from '../device.ts';
import type { DevicePool, DeviceTask, RemoteOptions } from './device-task.ts';

const networkLatencySchema = z.object({
  name: z.string(),
  medianMs: z.number().nonnegative(),
  madMs: z.number().nonnegative(),
  p10Ms: z.number().nonnegative(),
  p90Ms: z.number().nonnegative(),
  samples: z.int().positive(),
  rejected: z.int().nonnegative(),
});

export interface QueueDeviceOptions {
  /** As its worker offers it. */
  readonly name: string;
  readonly options: RemoteOptions;
  readonly pool: DevicePool;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A device that a worker of a queue has. What it tells is checked before it is believed. A measurement that was under way
 * when its asker died is found again by the next who asks for the same. Models in files, and what
 * networks compute, stay with devices at hand.
 */
export async function createQueueDevice({
  name,
  options,
  pool,
  signal,
}: QueueDeviceOptions): Promise<Device> {
  /** Asked anew each time. */
  const fresh = (task: 'describe' | 'state', signal?: AbortSignal): Promise<unknown> =>
    pool.run({ do: task, options, asked: createSecret() }, { signal });
  async function* reported<Schema extends z.ZodType>(
    task: DeviceTask,
    schema: Schema,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<z.output<Schema>, void> {
    for await (const report of reports(pool, task, signal)) yield parseWith(schema, report, name);
  }
  async function* measureNetworks(networks: readonly NamedNetwork[], { signal }: MeasureOptions = {}) {
    const asked = networks.map(({ name, graph }) => ({ name, graph }));
    yield* reported({ do: 'networks', options, networks: asked }, networkLatencySchema, signal);
  }
  return {
    provenance: parseWith(provenanceSchema, await fresh('describe', signal), name),
    async *measureKernels(kernels, { signal } = {}) {
      const asked = new Set(kernels.map(({ signature }) => signature));
      const task: DeviceTask = { do: 'kernels', options, kernels: [...asked] };
      for await (const latency of reported(task, kernelLatencySchema, signal)) {
        if (!asked.delete(latency.signature)) {
          throw new NasError(name, {
            found: `a time of ${latency.signature}`,
            expected: 'what was asked for',
          });
        }
        yield latency;
      }
    },
    measureNetworks,
    async measureNetwork(graph, options) {
      let latency: NetworkLatency | undefined;
      for await (latency of measureNetworks([{ name: 'network', graph }], options));
      if (latency === undefined)
        throw new NasError(name, { found: 'no time', expected: 'that of the network' });
      return latency;
    },
    state: async ({ signal } = {}) => parseWith(deviceStateSchema, await fresh('state', signal), name),
    close: () => pool.close(),
  };
}

/** What a task reports, as it comes; ends with the task, and ends the task where nobody listens any more. */
async function* reports(
  pool: DevicePool,
  task: DeviceTask,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void> {
  const leaving = new AbortController();
  const arrived: unknown[] = [];
  let wake = (): void => {};
  let isOver = false;
  const over = pool
    .run(task, {
      signal: AbortSignal.any([leaving.signal, ...(signal === undefined ? [] : [signal])]),
      onReport(report) {
        arrived.push(report);
        wake();
      },
    })
    .finally(() => {
      isOver = true;
      wake();
    });
  // Whoever listens gets it below.
  over.catch(() => {});
  try {
    while (true) {
      while (arrived.length > 0) yield arrived.shift();
      if (isOver) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (arrived.length > 0 || isOver) resolve();
      });
    }
    await over;
  } finally {
    if (!isOver) leaving.abort();
  }
}
