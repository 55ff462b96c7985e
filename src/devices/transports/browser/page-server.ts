import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { LOOPBACK, namesOf } from './addresses.ts';
import { listen, readToken, sessionOf } from './http-session.ts';
import { pageFiles } from './page-files.ts';
import { PATHS } from './page-messages.ts';
import { createPairing } from './pairing.ts';
import { responseHeaders } from './response-headers.ts';

export interface PageServerOptions {
  /** The address to listen on; without it this machine alone gets an answer. */
  readonly host?: string | undefined;
  /** 0, as without it: any that is free. */
  readonly port?: number | undefined;
  /** A page that was let in has connected. */
  readonly onConnection: (socket: WebSocket) => void;
}

export interface PageServer {
  readonly port: number;
  /** Where the page is, with the token that lets one browser in; the best of several addresses first. */
  readonly urls: readonly [string, ...string[]];
  close(): Promise<void>;
}

/** Answers of a runner are lines of some hundred bytes to some kilobytes. */
const LINE_BYTES = 4 << 20;

/** Serves the page and lets one browser in. */
export async function servePage(options: PageServerOptions): Promise<PageServer> {
  const host = options.host ?? LOOPBACK;
  const names = namesOf(host);
  const files = pageFiles();
  const pairing = createPairing();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LINE_BYTES, perMessageDeflate: false });
  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => response.destroy(thrown as Error));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const status = refusalOf(request, true) ?? (request.url === PATHS.runner ? undefined : 404);
    if (status !== undefined) return hangUp(socket, status);
    if (!pairing.holds(sessionOf(request, cookie))) return hangUp(socket, 403);
    sockets.handleUpgrade(request, socket, head, options.onConnection);
  });

  const port = await listen(server, host, options.port ?? 0);
  const hosts = new Set(names.map((name) => `${name}:${port}`));
  // Cookies are shared by all ports of a name.
  const cookie = `nas-${port}`;

  /** The status of a request that comes from elsewhere than the page, or asks under a name that is not ours. */
  const refusalOf = ({ headers }: IncomingMessage, fromPage: boolean): number | undefined => {
    // A name that somebody else made point here would share our origin; see "DNS rebinding".
    if (!hosts.has(headers.host ?? '')) return 421;
    if (fromPage && headers.origin !== `http://${headers.host}`) return 403;
    return undefined;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const end = (status: number, extra: Readonly<Record<string, string>> = {}, body = ''): void => {
      response.writeHead(status, { ...responseHeaders(headers.host ?? ''), ...extra }).end(body);
    };
    const isPost = method === 'POST';
    const refused = refusalOf(request, isPost);
    if (refused !== undefined) return end(refused);
    if (url === PATHS.session) {
      const session = sessionOf(request, cookie);
      if (!isPost) return end(method === 'GET' && pairing.holds(session) ? 204 : 403);
      const token = await readToken(request);
      if (token === undefined) return end(413, { connection: 'close' });
      const redeemed = pairing.redeem(token, session);
      if (redeemed.state !== 'welcome') return end(403, { 'content-type': 'text/plain' }, redeemed.state);
      const attributes = 'Path=/; HttpOnly; SameSite=Strict; Max-Age=86400';
      return end(204, { 'set-cookie': `${cookie}=${redeemed.session}; ${attributes}` });
    }
    const file = files.get(url);
    if (file === undefined) return end(404);
    if (method !== 'GET' && method !== 'HEAD') return end(405, { allow: 'GET, HEAD' });
    if (method === 'HEAD') return end(200, { 'content-type': file.type });
    response.writeHead(200, { ...responseHeaders(headers.host ?? ''), 'content-type': file.type });
    // A browser that goes away in the middle is no trouble of ours.
    await pipeline(createReadStream(file.path), response).catch(() => {});
  }

  const [first, ...rest] = names.map((name) => `http://${name}:${port}/#${pairing.token}`);
  return {
    port,
    urls: [first ?? '', ...rest],
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const REASONS: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
};

function hangUp(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
