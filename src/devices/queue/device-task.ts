import { z } from 'zod';
import { digestOf } from '../../base/digest.ts';
import { parseWith } from '../../base/parse.ts';
import type { Graph } from '../../graph/graph.ts';
import { graphSchema } from '../../graph/graph-schema.ts';
import type { WorkerPool } from '../../workers/pool.ts';
import { DTYPES } from '../runner-protocol.ts';

/** How to run on a device that a worker has; which programs run there is the worker's affair. */
const optionsSchema = z.strictObject({
  runtime: z.string().exactOptional(),
  dtype: z.literal(DTYPES),
  threads: z.int().positive(),
  core: z.int().min(0).exactOptional(),
});

export type RemoteOptions = z.output<typeof optionsSchema>;

/** More than any network has kernels or nodes. */
const MOST = 100_000;

const taskSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('describe'), options: optionsSchema, asked: z.string() }),
  z.strictObject({ do: z.literal('state'), options: optionsSchema, asked: z.string() }),
  /** By their signatures. */
  z.strictObject({
    do: z.literal('kernels'),
    options: optionsSchema,
    kernels: z.array(z.string()).max(MOST),
  }),
  z.strictObject({
    do: z.literal('networks'),
    options: optionsSchema,
    networks: z.array(z.strictObject({ name: z.string(), graph: graphSchema })).max(MOST),
  }),
]);

type Parsed = z.output<typeof taskSchema>;

/** What a worker of the queue is asked to do with its device; what it measures are reports. */
export type DeviceTask =
  | Exclude<Parsed, { readonly do: 'networks' }>
  | {
      readonly do: 'networks';
      readonly options: RemoteOptions;
      readonly networks: readonly { readonly name: string; readonly graph: Graph }[];
    };

export function parseDeviceTask(value: unknown): DeviceTask {
  return parseWith(taskSchema, value, 'task') as unknown as DeviceTask;
}

export type DevicePool = WorkerPool<DeviceTask, unknown, unknown>;

/** The queue of the worker that has a device, by the name under which it offers it. */
export function deviceQueue(offered: string): string {
  return `device-${digestOf(offered).slice(0, 16)}`;
}
