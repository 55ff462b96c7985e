import { z } from 'zod';
import { ACTIVATION_FUNCTIONS, type Op } from '../graph/op.ts';

/**
 * How nas speaks with a runner: a program beside a runtime, on this machine or another, that loads what it is sent and
 * takes samples of how long it runs. Which samples count, and how many are needed, is for the host to say; see
 * `measuring/`. Both sides write one JSON document a line, the host to the runner's standard input, the runner to
 * its standard output. Whatever else a runtime has to say goes to standard error.
 *
 *     runner  {"kind":"hello","protocol":2,"runtime":"xnnpack","runtimeVersion":"…","architecture":"aarch64",
 *              "threads":1,"core":7,"dtypes":["float32","int8"]}
 *     host    {"kind":"load","id":1,"key":"a","dtype":"float32","isolate":true,"nodes":[…],"outputs":[2]}
 *     runner  {"kind":"loaded","id":1,"weightBytes":4608}
 *     host    {"kind":"sample","id":2,"cold":true,"keys":["a","b","a"]}
 *     runner  {"kind":"sampled","id":2,"samples":[{"wallUs":41.2,"cpuUs":41.1,"switches":0},…]}
 *     host    {"kind":"unload","id":3,"keys":["a"]}
 *     runner  {"kind":"unloaded","id":3}
 *
 * A runner whose hello says `"models":"run"` takes a .tflite file as well, in base64, in the place of the nodes' random
 * weights, and runs it on inputs: float32 values, little-endian, in base64, those of several images one after another.
 * One that says `"models":"timed"` takes the file and tells no outputs.
 *
 *     host    {"kind":"load","id":4,"key":"m","model":"HAAA…","dtype":"float32","isolate":false,"nodes":[…],"outputs":[9]}
 *     host    {"kind":"run","id":5,"key":"m","inputs":"AACA…"}
 *     runner  {"kind":"ran","id":5,"outputs":"zcxM…"}
 *
 * Every request is answered by one line, in order. One that cannot be carried out is answered by
 *
 *     runner  {"kind":"error","id":1,"where":"…","found":"…","expected":"…","next":"…"}
 *
 * with `id` null where the line was not even a request. The runner ends when its input is closed, whatever it is
 * doing.
 */
export const PROTOCOL_VERSION = 2;

const size = z.int().positive();
const shape = z.tuple([size, size, size]).readonly();
const extent = z.tuple([size, size]).readonly();
const padding = z.enum(['same', 'valid']);

const op: z.ZodType<Op> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('input'), shape }),
  z.object({
    kind: z.literal('convolution'),
    channels: size,
    kernel: extent,
    stride: extent,
    dilation: extent.default([1, 1]),
    groups: size,
    padding,
    bias: z.boolean(),
  }),
  z.object({ kind: z.literal('linear'), channels: size, bias: z.boolean() }),
  z.object({ kind: z.literal('batch-norm') }),
  z.object({ kind: z.literal('activation'), function: z.enum(ACTIVATION_FUNCTIONS) }),
  z.object({ kind: z.literal('add') }),
  z.object({ kind: z.literal('multiply') }),
  z.object({ kind: z.literal('concat') }),
  z.object({ kind: z.literal('channel-split'), offset: z.int().nonnegative(), channels: size }),
  z.object({ kind: z.literal('channel-shuffle'), groups: size }),
  z.object({
    kind: z.literal('pool'),
    function: z.enum(['max', 'average']),
    kernel: extent,
    stride: extent,
    padding,
  }),
  z.object({ kind: z.literal('global-average-pool') }),
]);

const node = z.object({ name: z.string(), op, inputs: z.array(z.int().nonnegative()) });

const id = z.int();
const key = z.string();

/** Number format of weights and activations. */
export const DTYPES = ['float32', 'int8', 'float16'] as const;
export type Dtype = (typeof DTYPES)[number];

const loadSchema = z.object({
  kind: z.literal('load'),
  id,
  key,
  dtype: z.enum(DTYPES),
  /** A kernel on its own, not a network: a runtime whose calls are dear may run several copies of it a sample. */
  isolate: z.boolean(),
  nodes: z.array(node).nonempty(),
  outputs: z.array(z.int().nonnegative()).nonempty(),
  /** A .tflite file in base64 that the nodes were written to. */
  model: z.base64().optional(),
});
const sampleSchema = z.object({
  kind: z.literal('sample'),
  id,
  keys: z.array(key),
  /** Weights out of the core's own caches and inputs in them, as in the middle of a network; else all as it was left. */
  cold: z.boolean(),
});
const unloadSchema = z.object({ kind: z.literal('unload'), id, keys: z.array(key) });
const runSchema = z.object({
  kind: z.literal('run'),
  id,
  /** Of a model that was loaded as a file. */
  key,
  /** Of one or more images, float32 in base64. */
  inputs: z.base64(),
});

export const requestSchema = z.discriminatedUnion('kind', [
  loadSchema,
  sampleSchema,
  unloadSchema,
  runSchema,
]);
export type Request = z.output<typeof requestSchema>;
export type LoadRequest = z.output<typeof loadSchema>;

/*
 * What a device says of itself goes into tables, the names of their files and onto the screen, and what it measures into
 * sums. It may be anybody's device.
 */

/** A word of few characters that is the name of a file as well. */
const fileName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words and dashes')
  .max(40);
const oneLine = z
  .string()
  .regex(/^\P{Cc}*$/u, 'text of one line')
  .max(200);
/** Beyond what any processor has. */
const cores = z.int().max(4096);
/** A day, in microseconds. */
const duration = z.number().nonnegative().max(86_400e6);

const helloSchema = z.object({
  kind: z.literal('hello'),
  protocol: z.int(),
  runtime: fileName,
  runtimeVersion: oneLine,
  architecture: oneLine,
  threads: cores.positive(),
  /** The core it is bound to. */
  core: cores.nonnegative().nullable(),
  dtypes: z.array(z.enum(DTYPES)),
  /** What it does with .tflite files: nothing, take samples of them, or run them on inputs too. */
  models: z.enum(['none', 'timed', 'run']).default('none'),
});
export type Hello = z.output<typeof helloSchema>;

const loadedSchema = z.object({
  kind: z.literal('loaded'),
  id,
  weightBytes: z
    .number()
    .nonnegative()
    .max(2 ** 48),
  /** Copies of the program in one sample. */
  copies: size.max(1_000_000).default(1),
  /** What a sample of no copies takes. */
  overheadUs: duration.default(0),
});
export type Loaded = z.output<typeof loadedSchema>;

/** One run, as the runner saw it. */
const readingSchema = z.object({
  wallUs: duration,
  /** Processor time of all threads; `wallUs` where the clock is too coarse to tell. */
  cpuUs: duration,
  /** Involuntary context switches meanwhile. */
  switches: z.int().nonnegative(),
});
export type Reading = z.output<typeof readingSchema>;

const errorSchema = z.object({
  kind: z.literal('error'),
  id: id.nullable(),
  where: z.string(),
  found: z.string(),
  expected: z.string().optional(),
  next: z.string().optional(),
});

/** Every line a runner may write. */
export const answerSchema = z.discriminatedUnion('kind', [
  helloSchema,
  loadedSchema,
  z.object({ kind: z.literal('sampled'), id, samples: z.array(readingSchema) }),
  z.object({ kind: z.literal('unloaded'), id }),
  z.object({ kind: z.literal('ran'), id, outputs: z.base64() }),
  errorSchema,
]);
export type Answer = z.output<typeof answerSchema>;
