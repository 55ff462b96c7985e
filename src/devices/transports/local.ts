import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { messageOf, NasError } from '../../base/errors.ts';
import type { ProcessExit, Transport, TransportProcess } from './transport.ts';

/** How much of standard error is kept. */
const LAST_WORDS_CHARACTERS = 2_000;

/** Runs processes on this machine, as children of this one. */
export const localTransport: Transport = {
  name: 'this machine',
  async start([program, ...args], { timeoutMs, signal } = {}) {
    // A group of its own, so that a kill reaches what the process itself has started.
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], shell: false, detached: true });
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new NasError(program, {
        found: `does not start (${messageOf(cause)})`,
        expected: 'a program on this machine',
        cause,
      });
    }
    const running = processOf(child);
    const end = (): void => void running.kill();
    const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
    signal?.addEventListener('abort', end, { once: true });
    void running.exited.then(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    });
    if (signal?.aborted) end();
    return running;
  },
};

function processOf(child: ChildProcessWithoutNullStreams): TransportProcess {
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS_CHARACTERS);
  });
  // Writing to a process that has just ended is no news: its exit is.
  child.stdin.on('error', () => {});
  child.on('error', () => {});
  const exited = new Promise<ProcessExit>((resolve) => {
    // Not `exit`: what it wrote last arrives between the two.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  return {
    writeLine: (line) => void child.stdin.write(`${line}\n`),
    closeInput: () => void child.stdin.end(),
    // Made now and not on first use: lines that come before an iterator exists are lost.
    lines: lines[Symbol.asyncIterator](),
    lastWords: () => words.trim(),
    exited,
    async kill() {
      killGroup(child);
      await exited;
    },
  };
}

function killGroup(child: ChildProcessWithoutNullStreams): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
}
