import { existsSync, readdirSync } from 'node:fs';
import { delimiter } from 'node:path';
import { beforeEach } from 'vitest';
import { messageOf } from '../../../src/base/errors.ts';
import { cacheFolder } from '../../../src/datasets/cache-folder.ts';
import type { Program } from '../../../src/devices/program.ts';
import { locateRunner } from '../../../src/devices/runtimes/xnnpack/runner-store.ts';
import { hostTarget, type Target } from '../../../src/devices/runtimes/xnnpack/targets.ts';
import { localTransport } from '../../../src/devices/transports/local.ts';
import type { TransportProcess } from '../../../src/devices/transports/transport.ts';

/** A runner that tests speak to. */
export interface RunnerUnderTest {
  /** Why it cannot be tested here, if so. */
  readonly missing: string | undefined;
  /** The command that starts it. */
  command(...flags: string[]): readonly [string, ...string[]];
}

/** The runner of this machine, or of another architecture in an emulator. */
async function runnerUnderTest(target: Target | undefined, emulator?: string): Promise<RunnerUnderTest> {
  const nothing = (missing: string): RunnerUnderTest => ({ missing, command: () => ['no-runner'] });
  if (target === undefined) return nothing(`no XNNPACK runner for ${process.platform}-${process.arch}`);
  try {
    const { path } = await locateRunner(cacheFolder(), target);
    if (emulator === undefined) return { missing: undefined, command: (...flags) => [path, ...flags] };
    if (!programs.includes(emulator))
      return nothing(`${emulator} is not installed (apt install qemu-user-static)`);
    return { missing: undefined, command: (...flags) => [emulator, '-cpu', 'max', path, ...flags] };
  } catch (error) {
    return nothing(`nas runner build --target ${target} has not been run: ${messageOf(error)}`);
  }
}

const programs: readonly string[] = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));

export const HOST_RUNNER = await runnerUnderTest(hostTarget());

/** On a machine that is no ARM one emulated, with every instruction that the emulator knows: half precision too. */
export const ARM_RUNNER = await runnerUnderTest(
  'linux-arm64',
  hostTarget() === 'linux-arm64' ? undefined : 'qemu-aarch64-static',
);

/** Skips the tests of a file by name where the runner cannot be tested. */
export function needs({ missing }: RunnerUnderTest): void {
  beforeEach((context) => {
    if (missing !== undefined) context.skip(missing);
  });
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

export async function startRunner(runner: RunnerUnderTest, ...flags: string[]): Promise<Session> {
  const process = await localTransport.start(runner.command(...flags));
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
