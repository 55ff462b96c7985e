import type { WebSocket } from 'ws';
import { messageOf, NasError } from '../../../base/errors.ts';
import { parseJson, parseWith } from '../../../base/parse.ts';
import { liteRtVersion } from '../../runtimes/litert/load-litert.ts';
import { limit } from '../limits.ts';
import type { StartOptions, Transport } from '../transport.ts';
import { watchHeartbeat } from './heartbeat.ts';
import { CLOSED, PAGE_RUNTIMES, type Page, pageSchema, type Start, type Work } from './page-messages.ts';
import { pageProcess, wordsOf } from './page-process.ts';
import { type PageServerOptions, servePage } from './page-server.ts';

export interface BrowserTransportOptions extends Omit<PageServerOptions, 'onConnection'> {
  /** Longest wait for a page, the first time and whenever it has gone. */
  readonly patienceMs: number;
  /** Told when the page connects, and when its connection ends; `why` may be empty. */
  readonly onPage?: (page: Page) => void;
  readonly onGone?: (why: string) => void;
}

/**
 * A page in a browser, as something that runs runners. It serves the page; `start` waits for it, the first time and
 * when it was closed or its phone fell asleep, and the runner it starts ends with the connection.
 */
export interface BrowserTransport extends Pick<Transport, 'name' | 'start' | 'close'> {
  readonly port: number;
  readonly urls: readonly [string, ...string[]];
  /** Waits for a page and tells what it is. */
  page(signal?: AbortSignal): Promise<Page>;
  /** Tells the person who looks at the page how far the work is. */
  announce(work: Omit<Work, 'kind'>): void;
}

interface Connection {
  readonly socket: WebSocket;
  readonly page: Page;
}

interface Waiting {
  resolve(connection: Connection): void;
  reject(error: unknown): void;
}

export async function openBrowserTransport(options: BrowserTransportOptions): Promise<BrowserTransport> {
  const { patienceMs, onPage = () => {}, onGone = () => {} } = options;
  const name = 'browser';
  /** The page that is here, whether it runs a runner or waits for one. */
  let present: Connection | undefined;
  let isIdle = false;
  let isClosed = false;
  let work: Work | undefined;
  const waiting = new Set<Waiting>();

  const welcome = (socket: WebSocket): void => {
    socket.on('error', () => {});
    watchHeartbeat(socket);
    socket.once('message', (data) => {
      const page = readPage(String(data));
      if (page instanceof Error) return socket.close(1008, messageOf(page).slice(0, 120));
      present?.socket.close(CLOSED.replaced);
      const connection = { socket, page };
      present = connection;
      isIdle = true;
      socket.once('close', (code, reason) => {
        if (present !== connection) return;
        present = undefined;
        isIdle = false;
        if (!isClosed) onGone(wordsOf(code, reason.toString()));
      });
      onPage(page);
      for (const { resolve } of waiting) resolve(connection);
    });
  };

  const server = await servePage({ host: options.host, port: options.port, onConnection: welcome });

  /** Waits for a page to which `isFit` applies. */
  const reach = (isFit: () => boolean, signal: AbortSignal | undefined): Promise<Connection> => {
    signal?.throwIfAborted();
    if (present !== undefined && isFit()) return Promise.resolve(present);
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        waiting.delete(entry);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        act();
      };
      const entry: Waiting = {
        resolve: (connection) => settle(() => resolve(connection)),
        reject: (error) => settle(() => reject(error)),
      };
      const abort = (): void => entry.reject(signal?.reason);
      const timer = setTimeout(() => entry.reject(nobody(patienceMs)), patienceMs);
      signal?.addEventListener('abort', abort, { once: true });
      waiting.add(entry);
    });
  };

  return {
    name,
    port: server.port,
    urls: server.urls,
    page: async (signal) => (await reach(() => true, signal)).page,
    async start([runtime], startOptions: StartOptions = {}) {
      const wanted = PAGE_RUNTIMES.find((each) => each === runtime);
      const { socket, page } = await reach(() => isIdle, startOptions.signal);
      if (wanted === undefined || !page.runtimes.includes(wanted)) {
        throw new NasError(`${name}: ${runtime}`, {
          found: 'the page does not run it',
          expected: page.runtimes.join(', '),
        });
      }
      isIdle = false;
      const process = pageProcess(socket);
      const start: Start = { kind: 'start', runtime: wanted, runtimeVersion: liteRtVersion() };
      process.writeLine(JSON.stringify(start));
      if (work !== undefined) process.writeLine(JSON.stringify(work));
      return limit(process, startOptions);
    },
    announce(told) {
      work = { kind: 'work', ...told };
      if (!isIdle) present?.socket.send(JSON.stringify(work), () => {});
    },
    async close() {
      isClosed = true;
      const closed = new NasError(name, { found: 'closed while a page was awaited' });
      for (const { reject } of waiting) reject(closed);
      if (present !== undefined) await farewell(present.socket);
      await server.close();
    },
  };
}

function readPage(text: string): Page | Error {
  try {
    return parseWith(pageSchema, parseJson(text, 'page'), 'page');
  } catch (thrown) {
    return thrown as Error;
  }
}

/** Longest wait for a page to take leave. */
const FAREWELL_MS = 1_000;

/** Tells the page that there is no more work, rather than that the connection broke. */
async function farewell(socket: WebSocket): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    setTimeout(resolve, FAREWELL_MS).unref();
    socket.once('close', () => resolve());
  });
  socket.close(CLOSED.finished);
  await closed;
}

function nobody(patienceMs: number): NasError {
  return new NasError('browser', {
    found: `no page has connected for ${patienceMs / 1000} s`,
    expected: 'the page, open and in front, with the screen on',
    next: 'do the same again and open the new address; what is measured stays',
  });
}
