import { beforeEach } from 'vitest';
import { messageOf } from '../../../src/base/errors.ts';
import { cacheFolder } from '../../../src/datasets/cache-folder.ts';
import type { Program } from '../../../src/devices/program.ts';
import { type BuiltRunner, locateRunner } from '../../../src/devices/runtimes/xnnpack/runner-store.ts';
import { hostTarget } from '../../../src/devices/runtimes/xnnpack/targets.ts';
import { localTransport } from '../../../src/devices/transports/local.ts';
import type { TransportProcess } from '../../../src/devices/transports/transport.ts';

const target = hostTarget();
const built: BuiltRunner | string =
  target === undefined
    ? `no XNNPACK runner for ${process.platform}-${process.arch}`
    : await locateRunner(cacheFolder(), target).catch(
        (error: unknown) => `nas runner build has not been run: ${messageOf(error)}`,
      );

/** Why tests that need the runner of this machine are skipped, if they are. */
export const NO_RUNNER = typeof built === 'string' ? built : undefined;

/** Skips the tests of a file by name where no runner has been built. */
export function needRunner(): void {
  beforeEach((context) => {
    if (NO_RUNNER !== undefined) context.skip(NO_RUNNER);
  });
}

/** The command that starts the runner. */
export function runnerCommand(...flags: string[]): readonly [string, ...string[]] {
  return [typeof built === 'string' ? 'no-runner' : built.path, ...flags];
}

/** A started runner, spoken to request by request. */
export interface Session {
  readonly process: TransportProcess;
  readonly hello: Answer;
  ask(request: object | string): Promise<Answer>;
  /** Loads a program under a new key, which it gives. */
  load(program: Program, dtype?: string): Promise<string>;
  compute(
    program: Program,
    inputs: readonly Float32Array[],
    dtype?: string,
  ): Promise<readonly (readonly number[])[]>;
}

export type Answer = Readonly<Record<string, unknown>>;

export async function startRunner(...flags: string[]): Promise<Session> {
  const process = await localTransport.start(runnerCommand(...flags));
  const lines = process.lines[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value);
    await process.exited;
    throw new Error(`the runner has ended: ${process.lastWords()}`);
  };
  let id = 0;
  const ask = (request: object | string): Promise<Answer> => {
    process.writeLine(typeof request === 'string' ? request : JSON.stringify(request));
    return next();
  };
  const succeed = async (kind: string, request: object): Promise<Answer> => {
    const answer = await ask({ id: ++id, ...request });
    if (answer.kind !== kind || answer.id !== id) throw new Error(JSON.stringify(answer));
    return answer;
  };
  const load = async ({ nodes, outputs }: Program, dtype = 'float32'): Promise<string> => {
    const key = `program ${id}`;
    await succeed('loaded', { kind: 'load', key, dtype, nodes, outputs });
    return key;
  };
  return {
    process,
    hello: await next(),
    ask,
    load,
    async compute(program, inputs, dtype) {
      const key = await load(program, dtype);
      const { outputs } = await succeed('computed', {
        kind: 'compute',
        key,
        inputs: inputs.map((values) => [...values]),
      });
      await succeed('unloaded', { kind: 'unload', keys: [key] });
      return outputs as number[][];
    },
  };
}
