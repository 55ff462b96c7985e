import type { WebSocket } from 'ws';
import { createLineQueue } from '../lines.ts';
import { CONNECTION_LOST, type ProcessExit, type TransportProcess } from '../transport.ts';
import { CLOSED } from './page-messages.ts';

/** Longest wait for a page to answer that its connection is closed. */
const LONG_ENOUGH_TO_CLOSE_MS = 2_000;

/** The runner in a page: ends with the connection, whoever closes it. */
export function pageProcess(socket: WebSocket): TransportProcess {
  const queue = createLineQueue({ onFlood: () => socket.terminate() });
  let words = '';
  let isKilled = false;
  const exited = new Promise<ProcessExit>((resolve) => {
    socket.once('close', (code, reason) => {
      words = wordsOf(code, reason.toString());
      queue.end();
      if (isKilled) resolve({ code: null, signal: 'SIGKILL' });
      else resolve(exitOf(code));
    });
  });
  socket.on('message', (data) => queue.push(Buffer.from(`${String(data)}\n`)));
  return {
    writeLine: (line) => socket.send(line, () => {}),
    write: (data) => socket.send(data, () => {}),
    closeInput: () => socket.close(CLOSED.runnerEnded),
    lines: queue.lines,
    lastWords: () => words,
    exited,
    async kill() {
      isKilled = true;
      socket.close(CLOSED.runnerEnded);
      const timer = setTimeout(() => socket.terminate(), LONG_ENOUGH_TO_CLOSE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

function exitOf(code: number): ProcessExit {
  switch (code) {
    case CLOSED.runnerEnded:
    case CLOSED.finished:
      return { code: 0, signal: null };
    case CLOSED.runnerFailed:
      return { code: 1, signal: null };
    default:
      return { code: null, signal: CONNECTION_LOST };
  }
}

/** Why a connection was closed, for the person at the host; empty where nobody said. */
export function wordsOf(code: number, reason: string): string {
  if (code === CLOSED.hidden) return 'the page is not in front, or the screen is off';
  if (code === CLOSED.replaced) return 'the page was opened in another tab';
  return reason;
}
