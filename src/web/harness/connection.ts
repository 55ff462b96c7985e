import {
  CLOSED,
  controlSchema,
  PATHS,
  type Page,
  type Work,
} from '../../devices/transports/browser/page-messages.ts';
import { type Runner, startRunner } from './runner.ts';

export interface ConnectionListener {
  onOpen(): void;
  /** A runner is loading. */
  onStart(): void;
  /** The host has work for the runner: a request of some kind, for a key. */
  onRequest(kind: string, key: string): void;
  onWork(work: Work): void;
  onClose(code: number): void;
}

export interface Connection {
  close(code: number, reason?: string): void;
}

/** Longest reason a WebSocket may be closed with, less what one character may take. */
const REASON_BYTES = 120;

/** Connects to the server and runs what it asks for, until either closes the connection. */
export function connect(page: Page, listener: ConnectionListener): Connection {
  const socket = new WebSocket(`ws://${location.host}${PATHS.runner}`);
  let runner: Runner | undefined;
  const close = (code: number, reason = ''): void => {
    runner?.end();
    runner = undefined;
    socket.close(code, shortened(reason));
  };
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify(page));
    listener.onOpen();
  });
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const line = readLine(data);
    const control = controlSchema.safeParse(line);
    if (!control.success) {
      runner?.send(data);
      const { kind, key } = line ?? {};
      return listener.onRequest(String(kind ?? ''), String(key ?? ''));
    }
    if (control.data.kind === 'work') return listener.onWork(control.data);
    listener.onStart();
    runner = startRunner(control.data, {
      onLine: (answer) => socket.send(answer),
      onFailure: (why) => close(CLOSED.runnerFailed, why),
    });
  });
  socket.addEventListener('close', ({ code }) => {
    runner?.end();
    listener.onClose(code);
  });
  return { close };
}

/** A line of the host as far as it can be read; the runner is who answers for it. */
function readLine(text: string): { readonly kind?: unknown; readonly key?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function shortened(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  return bytes.length <= REASON_BYTES
    ? reason
    : new TextDecoder().decode(bytes.slice(0, REASON_BYTES)).replace(/\uFFFD+$/, '');
}
