import { type ChildProcess, spawn } from 'node:child_process';
import { messageOf } from '../../../base/errors.ts';

export interface ChildOptions {
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
  /** Every line of its standard output. */
  readonly onLine?: (line: string) => void;
}

export interface ChildEnd {
  /** Exit code; undefined where it could not be started or was ended by a signal. */
  readonly code: number | undefined;
  readonly output: string;
  /** The last lines of both streams, for an error message. */
  readonly tail: readonly string[];
}

const TAIL = 12;

/** Runs a program to its end. Throws the reason of `signal` where that is aborted, once the program is gone. */
export async function runChild(
  command: string,
  args: readonly string[],
  { folder, signal, onLine }: ChildOptions = {},
): Promise<ChildEnd> {
  signal?.throwIfAborted();
  // A group of its own, so that what it has started is stopped with it: cmake leaves its ninja running.
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const stop = (): void => stopGroup(child);
  signal?.addEventListener('abort', stop);
  const tail: string[] = [];
  const remember = (line: string): void => {
    if (line.trim() === '') return;
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
  };
  let output = '';
  const onText = byLine((line) => {
    remember(line);
    onLine?.(line);
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    onText(text);
  });
  child.stderr.setEncoding('utf8').on('data', byLine(remember));
  try {
    const code = await new Promise<number | undefined>((resolve) => {
      child.on('error', (error) => {
        remember(messageOf(error));
        resolve(undefined);
      });
      child.on('close', (status) => resolve(status ?? undefined));
    });
    signal?.throwIfAborted();
    return { code, output, tail };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function stopGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended meanwhile.
  }
}

/** Cuts text that arrives in pieces into lines; a last line without an end is not one. */
function byLine(take: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  };
}
