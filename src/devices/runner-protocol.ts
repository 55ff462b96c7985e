import { z } from 'zod';
import { ACTIVATION_FUNCTIONS, type Op } from '../graph/op.ts';

/**
 * How nas speaks with a runner: a program beside a runtime, on this machine or another, that measures what it is
 * sent. Both sides write one JSON document a line, the host to the runner's standard input, the runner to its
 * standard output. Whatever else a runtime has to say goes to standard error.
 *
 *     runner  {"kind":"hello","protocol":1,"runtime":"litert","runtimeVersion":"2.5.3","threads":1}
 *     host    {"kind":"measure","id":1,"effort":{…},"subjects":[{"key":"…","isolate":true,"nodes":[…],"outputs":[2]}]}
 *     runner  {"kind":"started","id":1,"key":"…"}
 *     runner  {"kind":"measured","id":1,"key":"…","medianMs":0.21,"madMs":0.002,"samples":11,"rejected":3}
 *     runner  {"kind":"done","id":1}
 *
 * Subjects are started and measured in any order, several at a time; each is answered as soon as it is complete.
 * A request that cannot be carried out is answered by one line and nothing more:
 *
 *     runner  {"kind":"error","id":1,"where":"…","found":"…","expected":"…","next":"…"}
 *
 * with `id` null where the line was not even a request. The runner then waits for the next. It carries requests
 * out one by one and ends when its input is closed, whatever it is doing.
 */
export const PROTOCOL_VERSION = 1;

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

const subject = z.object({
  key: z.string(),
  /** Repeat it in one model and take the cost of a call off: for kernels, which are too short to be timed. */
  isolate: z.boolean(),
  nodes: z.array(node).nonempty(),
  outputs: z.array(z.int().nonnegative()).nonempty(),
});

const effort = z.object({
  samples: size,
  sampleMs: z.number().positive(),
  window: size,
  patienceMs: z.number().positive(),
});

export const requestSchema = z.object({
  kind: z.literal('measure'),
  id: z.int(),
  effort,
  subjects: z.array(subject),
});
export type MeasureRequest = z.output<typeof requestSchema>;
export type MeasureSubject = MeasureRequest['subjects'][number];

const helloSchema = z.object({
  kind: z.literal('hello'),
  protocol: z.int(),
  runtime: z.string(),
  runtimeVersion: z.string(),
  threads: size,
});
export type Hello = z.output<typeof helloSchema>;

const measuredSchema = z.object({
  kind: z.literal('measured'),
  id: z.int(),
  key: z.string(),
  medianMs: z.number(),
  madMs: z.number(),
  samples: z.int(),
  rejected: z.int(),
});
export type MeasuredAnswer = z.output<typeof measuredSchema>;

const errorSchema = z.object({
  kind: z.literal('error'),
  id: z.int().nullable(),
  where: z.string(),
  found: z.string(),
  expected: z.string().optional(),
  next: z.string().optional(),
});

/** Every line a runner may write. */
export const answerSchema = z.discriminatedUnion('kind', [
  helloSchema,
  z.object({ kind: z.literal('started'), id: z.int(), key: z.string() }),
  measuredSchema,
  z.object({ kind: z.literal('done'), id: z.int() }),
  errorSchema,
]);
export type Answer = z.output<typeof answerSchema>;
