import * as liteRt from '@litertjs/core';
import { messageOf } from '../../base/errors.ts';
import { type Answer, PROTOCOL_VERSION } from '../../devices/runner-protocol.ts';
import { createBench } from '../../devices/runtimes/litert/bench.ts';
import type { Engine } from '../../devices/runtimes/litert/engine.ts';
import { respond } from '../../devices/runtimes/litert/respond.ts';
import { tickOf } from '../../devices/runtimes/litert/run-clock.ts';
import { PATHS, type PageRuntime, type Start } from '../../devices/transports/browser/page-messages.ts';
import type { FromWorker } from './worker-messages.ts';

/*
 * The runner of a page: LiteRT behind the protocol of runner-protocol.ts, on a thread of its own, so that the page
 * stays alive meanwhile and can end it at any moment. It is handed a `Start`, then the lines of the host.
 */

const post = (message: FromWorker): void => self.postMessage(message);
const answer = (line: Answer): void => post({ line: JSON.stringify(line) });

/** Everything is done in the order it came. */
let before: Promise<unknown> = Promise.resolve();

self.addEventListener('message', ({ data }: MessageEvent<Start>) => start(data), { once: true });

function start({ runtime, runtimeVersion }: Start): void {
  const loaded = open(runtime, runtimeVersion);
  before = loaded.catch(fail);
  self.addEventListener('message', ({ data }: MessageEvent<string>) => {
    before = before.then(async () => answer(await respond(data, await loaded))).catch(fail);
  });
}

function fail(thrown: unknown): void {
  post({ failed: messageOf(thrown) });
}

async function open(runtime: PageRuntime, runtimeVersion: string) {
  Object.assign(self, {
    // What LiteRT's script takes its settings from; by itself it would look for its files beside this one.
    Module: { locateFile: (name: string) => PATHS.liteRt + name, print: () => {}, printErr: () => {} },
  });
  await liteRt.loadLiteRt(PATHS.liteRt);
  const nowMs = (): number => performance.now();
  const bench = createBench({
    engine: engineOf(runtime),
    clock: { nowMs, tickMs: tickOf(nowMs) },
    // The page ends this thread from outside.
    breathe: async () => {},
  });
  const relaxed = await liteRt.supportsFeature('relaxedSimd');
  answer({
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    runtime,
    // Another build of it then, which is slower.
    runtimeVersion: relaxed ? runtimeVersion : `${runtimeVersion} without relaxed SIMD`,
    architecture: 'wasm32',
    threads: 1,
    core: null,
    dtypes: ['float32'],
    models: 'run',
  });
  return bench;
}

/** By then V8 has replaced what a model runs by optimised code; measured. */
const WARM_UP_MS = 100;

function engineOf(runtime: PageRuntime): Engine {
  if (runtime === 'litert') return { liteRt, accelerator: 'wasm', warmUpMs: WARM_UP_MS };
  const device = liteRt.getWebGpuDevice();
  if (device === null) throw new Error('WebGPU offers no graphics processor to a worker');
  return {
    liteRt,
    accelerator: 'webgpu',
    warmUpMs: WARM_UP_MS,
    finish: () => device.queue.onSubmittedWorkDone(),
  };
}
