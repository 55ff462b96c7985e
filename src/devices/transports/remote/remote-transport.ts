import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../../../base/clock.ts';
import { NasError } from '../../../base/errors.ts';
import { runToEnd } from '../run.ts';
import type { Transport } from '../transport.ts';
import { type Connection, openConnection } from './connection.ts';
import { pushFile } from './push.ts';
import { startRemoteProcess } from './remote-process.ts';
import type { RemoteShell } from './remote-shell.ts';
import { unlessAborted } from './within.ts';

export interface RemoteOptions {
  /** How long a machine that was lost is waited for; one that was never there is not. */
  readonly patienceMs?: number;
  /**
   * How often the two machines tell each other that they are there. A connection that fails without a word is given
   * up after four beats at most; the other machine ends what runs there after 24.
   */
  readonly beatMs?: number;
  readonly clock?: Clock;
}

const PATIENCE_MS = 60_000;
const BEAT_MS = 5_000;
const BETWEEN_ATTEMPTS_MS = 500;
/** Of a process whose connection is lost each time before it has started. */
const STARTS = 3;

/** Runs processes on another machine through a shell there: the part that adb and ssh have in common. */
export function createRemoteTransport(shell: RemoteShell, options: RemoteOptions = {}): Transport {
  const { patienceMs = PATIENCE_MS, beatMs = BEAT_MS, clock = systemClock } = options;
  /** Sessions that may have left processes there. */
  const former = new Set<string>();
  let connection: Connection | undefined;
  let connecting: Promise<Connection> | undefined;
  let isStuck = false;
  let waiting = 0;

  const attempt = async (): Promise<Connection> => {
    await shell.reach(isStuck || connection?.isStuck() === true);
    isStuck = true;
    const fresh = await openConnection(shell, former, beatMs);
    isStuck = false;
    former.clear();
    former.add(fresh.session);
    connection = fresh;
    return fresh;
  };

  const connect = async (): Promise<Connection> => {
    const giveUpMs = clock.monotonicMs() + (connection === undefined ? 0 : patienceMs);
    for (;;) {
      try {
        return await attempt();
      } catch (thrown) {
        if (!(thrown instanceof NasError) || waiting === 0 || clock.monotonicMs() >= giveUpMs) throw thrown;
        await sleep(BETWEEN_ATTEMPTS_MS);
      }
    }
  };

  const connected = async (signal: AbortSignal | undefined): Promise<Connection> => {
    if (connection !== undefined && !connection.isLost()) return connection;
    waiting += 1;
    try {
      connecting ??= connect().finally(() => {
        connecting = undefined;
      });
      return await unlessAborted(signal, connecting);
    } finally {
      waiting -= 1;
    }
  };

  const transport: Transport = {
    name: shell.name,
    async start(argv, options = {}) {
      options.signal?.throwIfAborted();
      for (let started = 0; started < STARTS; started++) {
        const process = await startRemoteProcess(shell, await connected(options.signal), argv, options);
        if (process !== undefined) return process;
      }
      throw new NasError(shell.name, {
        found: `the connection was lost ${STARTS} times before ${argv[0]} had started`,
        next: 'see that its cable or network is sound',
      });
    },
    run: (argv, options = {}) => runToEnd(transport, argv, options),
    push: (localPath) => pushFile(transport, shell.folder, localPath),
    async close() {
      await connecting?.catch(() => {});
      await connection?.close();
      connection = undefined;
      await shell.close();
    },
  };
  return transport;
}
