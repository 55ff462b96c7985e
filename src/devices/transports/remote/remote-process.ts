import { randomUUID } from 'node:crypto';
import { NasError } from '../../../base/errors.ts';
import { type Child, startChild } from '../child.ts';
import { limit } from '../limits.ts';
import { createLineQueue } from '../lines.ts';
import { CONNECTION_LOST, type ProcessExit, type StartOptions, type TransportProcess } from '../transport.ts';
import { ANSWER_MS, type Connection } from './connection.ts';
import { createNoteReader } from './notes.ts';
import { quote } from './quote.ts';
import type { RemoteShell } from './remote-shell.ts';
import { RUN } from './scripts.ts';
import { exitOfStatus } from './status.ts';
import { unlessAborted, withinMs } from './within.ts';

/** The host ends a process first; the other machine does so where the host is out of reach. */
const GRACE_MS = 1_000;
/** Between the end of a client and that of its connection, where one has the other as its cause. */
const LOSS_MS = 1_000;
/** Between a process's end and its client's. */
const CLIENT_MS = 2_000;

/**
 * Starts a process on the other machine. Resolves to nothing when the connection was lost before it had started;
 * should it start nevertheless, the next connection ends it.
 */
export async function startRemoteProcess(
  shell: RemoteShell,
  connection: Connection,
  argv: readonly [string, ...string[]],
  options: StartOptions,
): Promise<TransportProcess | undefined> {
  const { timeoutMs, signal } = options;
  // The last dash: no tag is the beginning of another.
  const tag = `${connection.session}-${randomUUID()}-`;
  const mark = `nas:${randomUUID()}`;
  const seconds = timeoutMs === undefined ? '' : String(Math.ceil((timeoutMs + GRACE_MS) / 1000));
  const script = `exec ${quote(['sh', '-c', RUN, 'sh', mark, tag, seconds, ...argv])}`;
  const child = await startChild(shell.client(script, 'process'));
  void connection.lost.then(child.kill);
  const { process, beginning } = remoteProcess(child, mark, tag, connection);
  const answer = await unlessAborted(signal, withinMs(ANSWER_MS, beginning)).catch((reason) => {
    void beginning.then(() => process.kill());
    throw reason;
  });
  switch (answer) {
    case 'started':
      return limit(process, options);
    case 'missing':
      throw new NasError(argv[0], { found: 'does not start', expected: `a program on ${shell.name}` });
    case 'closed':
      if ((await withinMs(LOSS_MS, connection.lost)) !== 'late') return undefined;
      throw shell.explain(child.lastWords());
    case 'late':
      connection.drop();
      return undefined;
  }
}

type Beginning = 'started' | 'missing' | 'closed';

function remoteProcess(
  child: Child,
  mark: string,
  tag: string,
  connection: Connection,
): { readonly process: TransportProcess; readonly beginning: Promise<Beginning> } {
  let group: string | undefined;
  const queue = createLineQueue({
    onFlood() {
      connection.end(tag, group);
      child.kill();
    },
  });
  let exit: ProcessExit | undefined;
  let begin: (how: Beginning) => void;
  const beginning = new Promise<Beginning>((resolve) => {
    begin = resolve;
  });

  const takeNote = (text: string): void => {
    const [kind, value] = text.split(' ');
    if (kind === 'missing') begin('missing');
    if (kind === 'started') {
      group = value;
      begin('started');
    }
    if (kind === 'ended') {
      exit = exitOfStatus(Number(value));
      queue.end();
      // Whatever else may hold the connection open is not of this process.
      const timer = setTimeout(child.kill, CLIENT_MS);
      void child.closed.then(() => clearTimeout(timer));
    }
  };
  const { push } = createNoteReader(mark, {
    // Before the start, a login shell may have said something.
    output: (chunk) => group !== undefined && queue.push(chunk),
    note: takeNote,
  });
  child.stdout.on('data', push);
  const exited = child.closed.then((): ProcessExit => {
    begin('closed');
    queue.end();
    return exit ?? { code: null, signal: CONNECTION_LOST };
  });

  return {
    beginning,
    process: {
      writeLine: (line) => void child.stdin.write(`${line}\n`),
      write: (data) => void child.stdin.write(data),
      closeInput: () => void child.stdin.end(),
      lines: queue.lines,
      lastWords: child.lastWords,
      exited,
      async kill() {
        if (exit === undefined) connection.end(tag, group);
        if ((await withinMs(ANSWER_MS, exited)) === 'late') connection.drop();
        await exited;
      },
    },
  };
}
