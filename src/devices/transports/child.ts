import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { messageOf, NasError } from '../../base/errors.ts';
import type { ProcessExit } from './transport.ts';

/** How much of standard error is kept. */
const LAST_WORDS_CHARACTERS = 2_000;

/** A process on this machine: one that a transport was asked for, or the client that speaks to another machine. */
export interface Child {
  readonly stdin: ChildProcessWithoutNullStreams['stdin'];
  readonly stdout: ChildProcessWithoutNullStreams['stdout'];
  /** The end of what it wrote to standard error. */
  lastWords(): string;
  /** Resolves when it has ended and all its output is read. */
  readonly closed: Promise<ProcessExit>;
  /** Ends it and all it has started. */
  kill(): void;
  /** Lets this program end while the process runs. */
  unref(): void;
}

/** Starts a process in a group of its own: Ctrl-C is not for it, and a kill reaches what it has started. */
export async function startChild([program, ...args]: readonly [string, ...string[]]): Promise<Child> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], shell: false, detached: true });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    const missing = missingClient(program, cause);
    if (missing !== undefined) throw missing;
    throw new NasError(program, {
      found: `does not start (${messageOf(cause)})`,
      expected: 'a program on this machine',
      cause,
    });
  }
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS_CHARACTERS);
  });
  // Writing to a process that has just ended is no news: its exit is.
  child.stdin.on('error', () => {});
  child.on('error', () => {});
  let isSwept = false;
  const kill = (): void => {
    // Later, the number may be that of others.
    if (!isSwept) killGroup(child);
  };
  child.once('exit', () => {
    // What it leaves behind would live on, and hold its output open.
    kill();
    isSwept = true;
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    lastWords: () => words.trim(),
    // Not `exit`: what it wrote last arrives between the two.
    closed: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
    kill,
    unref: () => {
      child.unref();
      for (const stream of [child.stdin, child.stdout, child.stderr]) {
        if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
      }
    },
  };
}

/** What each client that a transport needs is, and where it comes from. */
const CLIENTS: Readonly<Record<string, readonly [expected: string, next: string]>> = {
  adb: [
    'the client of the Android Debug Bridge',
    'apt install adb (elsewhere: Android platform-tools, in the PATH)',
  ],
  ssh: ["OpenSSH's client", 'apt install openssh-client'],
};

/** Where there is no such program, and it is one that a transport needs. */
function missingClient(program: string, cause: unknown): NasError | undefined {
  const client = CLIENTS[program];
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  if (!isMissing || client === undefined) return undefined;
  return new NasError(program, { found: 'not installed', expected: client[0], next: client[1], cause });
}

function killGroup(child: ChildProcessWithoutNullStreams): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
}
