import { randomUUID } from 'node:crypto';
import { NasError } from '../../../base/errors.ts';
import { startChild } from '../child.ts';
import { createNoteReader } from './notes.ts';
import { quote } from './quote.ts';
import type { RemoteShell } from './remote-shell.ts';
import { GUARD } from './scripts.ts';
import { withinMs } from './within.ts';

/** Longest wait for a script to start, and for one to end that was asked to: a slow phone is busy, not dead. */
export const ANSWER_MS = 20_000;
const GOODBYE_MS = 5_000;

/**
 * A connection is a guard on the other machine, which ends processes when told to, and all of them when the
 * connection is lost; see scripts.ts.
 */
export interface Connection {
  /** What the tags of its processes begin with. */
  readonly session: string;
  /** Resolves when it is gone. */
  readonly lost: Promise<void>;
  isLost(): boolean;
  /** No answer came: it was given up. */
  isStuck(): boolean;
  /** Ends a process over there; `group` where it is known. */
  end(tag: string, group?: string): void;
  /** Gives it up. */
  drop(): void;
  /** Ends its processes and it, properly. */
  close(): Promise<void>;
}

/** Beats without an answer that the host takes for the loss of the connection. */
const UNANSWERED_BEATS = 3;
/** The other side is more patient: what it ends may be half of a long measurement. */
const UNHEARD_BEATS = 12;

/** Connects, and ends what `former` sessions have left over there. */
export async function openConnection(
  shell: RemoteShell,
  former: Iterable<string>,
  beatMs: number,
): Promise<Connection> {
  const mark = `nas:${randomUUID()}`;
  const session = randomUUID();
  const seconds = String(Math.ceil((UNHEARD_BEATS * beatMs) / 1000));
  const script = `exec ${quote(['sh', '-c', GUARD, 'sh', mark, session, seconds, ...former])}`;
  const child = await startChild(shell.client(script, 'guard'));
  let unanswered = 0;
  const started = new Promise<'started'>((resolve) => {
    const note = (): void => {
      // Of the two notes, the first is `started`.
      unanswered = 0;
      resolve('started');
    };
    child.stdout.on('data', createNoteReader(mark, { output: () => {}, note }).push);
  });
  let isLost = false;
  let isStuck = false;
  const lost = child.closed.then(() => {
    isLost = true;
  });
  const answer = await withinMs(ANSWER_MS, Promise.race([started, lost]));
  if (answer !== 'started') {
    child.kill();
    await lost;
    throw answer === 'late' ? silent(shell) : shell.explain(child.lastWords());
  }
  // It waits all the time; what the program waits for are its processes.
  child.unref();
  const drop = (): void => {
    isStuck = true;
    child.kill();
  };
  // Counted rather than timed: a host that was busy or asleep for a while finds the answers only afterwards.
  const beat = setInterval(() => {
    if (unanswered >= UNANSWERED_BEATS) return drop();
    unanswered += 1;
    child.stdin.write('beat\n');
  }, beatMs).unref();
  void lost.then(() => clearInterval(beat));
  return {
    session,
    lost,
    isLost: () => isLost,
    isStuck: () => isStuck,
    end: (tag, group = '') => void child.stdin.write(`end ${tag} ${group}\n`),
    drop,
    async close() {
      child.stdin.end();
      if ((await withinMs(GOODBYE_MS, lost)) === 'late') child.kill();
      await lost;
    },
  };
}

function silent(shell: RemoteShell): NasError {
  return new NasError(shell.name, {
    found: `no answer for ${ANSWER_MS / 1000} s`,
    expected: 'a shell that runs commands',
    next: 'see that it is awake and its cable or network is sound, then do the same again',
  });
}
