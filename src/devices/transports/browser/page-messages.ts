import { z } from 'zod';

/**
 * What a page and its server say to each other over their WebSocket besides the lines of runner-protocol.ts. The
 * page first tells what it is. The server has it start a runner when one is needed; from there on each line is the
 * runner's, but for `work`. One connection is one runner: the page ends it with the connection, and connects again.
 */

/** Ways to run LiteRT in a page: its WebAssembly build, or that with the graphics processor. */
export const PAGE_RUNTIMES = ['litert', 'litert-webgpu'] as const;
export type PageRuntime = (typeof PAGE_RUNTIMES)[number];

/** It goes into tables and onto the screen. */
const oneLine = z.string().regex(/^\P{Cc}*$/u, 'text of one line');

export const pageSchema = z.object({
  kind: z.literal('page'),
  userAgent: oneLine.max(1000),
  /** As the browser tells on request, which only some do, and only on a connection it trusts; empty otherwise. */
  platform: oneLine.max(100),
  platformVersion: oneLine.max(100),
  model: oneLine.max(100),
  cores: z.int().positive().max(4096),
  /** Vector instructions of WebAssembly; the relaxed ones include multiply-add. */
  simd: z.boolean(),
  relaxedSimd: z.boolean(),
  /** Whether threads could share memory: cross-origin isolated, over a connection that the browser trusts. */
  threads: z.boolean(),
  /** The graphics processor that WebGPU offers, in the browser's words. */
  gpu: oneLine.max(200).nullable(),
  /** By how much the clock goes on at a time. */
  tickUs: z.number().positive().max(1e6),
  /** Whether the page can keep the screen on. */
  wakeLock: z.boolean(),
  runtimes: z.array(z.enum(PAGE_RUNTIMES)).nonempty(),
});
/** A browser, as its page describes it. */
export type Page = z.output<typeof pageSchema>;

const startSchema = z.object({
  kind: z.literal('start'),
  runtime: z.enum(PAGE_RUNTIMES),
  runtimeVersion: z.string(),
});
export type Start = z.output<typeof startSchema>;

const workSchema = z.object({
  kind: z.literal('work'),
  /** What is measured: some kernels, or whole networks. */
  of: z.enum(['kernels', 'networks']),
  done: z.int().nonnegative(),
  total: z.int().nonnegative(),
});
/** How far the measurement is, for the person who holds the phone. */
export type Work = z.output<typeof workSchema>;

/** What the server says that is not for the runner. */
export const controlSchema = z.discriminatedUnion('kind', [startSchema, workSchema]);

/** Why a connection was closed; browsers let applications use the codes from 4000 on. */
export const CLOSED = {
  /** By the server: the runner is to end. Connect again, for the next. */
  runnerEnded: 4000,
  /** By the server: there is no more work. */
  finished: 4001,
  /** By the server: another tab of this browser has connected. */
  replaced: 4002,
  /** By the page: its runner broke; the reason says how. */
  runnerFailed: 4003,
  /** By the page: it is no longer in front, where browsers slow pages down. */
  hidden: 4004,
} as const;

/** Where things are; the whole of what the server serves besides the page's files. */
export const PATHS = { session: '/session', runner: '/runner', liteRt: '/litert/' } as const;
