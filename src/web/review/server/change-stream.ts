import type { ServerResponse } from 'node:http';

/** Tells browsers that something was stored, by server-sent events. */
export interface ChangeStream {
  /** The answer becomes a stream that lasts as long as its connection. */
  add(response: ServerResponse): void;
  close(): void;
}

/** How often the database is asked whether somebody has written to it, while anybody listens. */
const POLL_MS = 500;
/** Some proxies end a connection on which nothing is said for half a minute. */
const HEARTBEAT_POLLS = 30;

/** `version` is another text after each change. The first one is sent at once. */
export function createChangeStream(version: () => string): ChangeStream {
  const listeners = new Set<ServerResponse>();
  let told = '';
  let polls = 0;
  let timer: NodeJS.Timeout | undefined;
  const poll = (): void => {
    const now = version();
    polls++;
    const isNew = now !== told;
    told = now;
    if (isNew || polls % HEARTBEAT_POLLS === 0) {
      for (const listener of listeners) listener.write(isNew ? `data: ${now}\n\n` : ': still here\n\n');
    }
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    add(response) {
      listeners.add(response);
      response.on('error', () => response.destroy());
      response.on('close', () => {
        listeners.delete(response);
        if (listeners.size === 0) stop();
      });
      if (timer === undefined) {
        told = version();
        timer = setInterval(poll, POLL_MS);
      }
      response.write(`retry: 2000\ndata: ${told}\n\n`);
    },
    close() {
      stop();
      for (const listener of listeners) listener.end();
    },
  };
}
