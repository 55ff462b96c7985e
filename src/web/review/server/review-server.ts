import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { NasError } from '../../../base/errors.ts';
import { isLoopback, LOOPBACK, namesOf } from '../../../devices/transports/browser/addresses.ts';
import { listen, readToken, sessionOf } from '../../../devices/transports/browser/http-session.ts';
import { type PageKey, parsePageKey } from '../../../report/pages/page-key.ts';
import { createAccess } from './access.ts';
import { appFiles } from './app-files.ts';
import { createChangeStream } from './change-stream.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export interface ReviewServerOptions {
  /** The address to listen on; without it this machine alone gets an answer. Any other one needs a token. */
  readonly host?: string | undefined;
  /** 0: any that is free. */
  readonly port: number;
  /** Throws a NasError where there is no such thing. */
  readonly readDocument: (key: PageKey) => unknown;
  /** Another text after each change of what is stored. */
  readonly version: () => string;
  /** Told of what is no fault of a request. */
  readonly onDefect: (error: unknown) => void;
}

export interface ReviewServer {
  readonly port: number;
  /** Where the pages are, with the token where one is needed; the best of several addresses first. */
  readonly urls: readonly [string, ...string[]];
  close(): Promise<void>;
}

/**
 * Serves the pages and what they are drawn from, as JSON below `/api/`. It only reads. A request is answered where it
 * asks by a name of this server, for a path that is one of a few exact forms, and with the session where one is needed.
 */
export async function serveReview(options: ReviewServerOptions): Promise<ReviewServer> {
  const host = options.host ?? LOOPBACK;
  const names = namesOf(host).map((name) => (name.includes(':') ? `[${name}]` : name));
  const access = isLoopback(host) ? undefined : createAccess();
  const files = appFiles();
  const changes = createChangeStream(options.version);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.onDefect(error);
      response.destroy();
    });
  });
  const port = await listen(server, host, options.port);
  const hosts = new Set(names.map((name) => `${name}:${port}`));
  // Cookies are shared by all ports of a name.
  const cookie = `nas-review-${port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const end = (
      status: number,
      extra: Readonly<Record<string, string>> = {},
      body: string | Buffer = '',
    ): void => {
      response.writeHead(status, { ...SECURITY_HEADERS, ...extra }).end(method === 'HEAD' ? '' : body);
    };
    const json = (status: number, document: unknown): void =>
      end(status, { 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(document));
    // A name that somebody else made point here would share our origin; see "DNS rebinding".
    if (!hosts.has(headers.host ?? '')) return end(421);
    const isSameSite = [undefined, 'same-origin', 'none'].includes(
      headers['sec-fetch-site'] as string | undefined,
    );
    if (url === '/session') {
      if (method !== 'POST') return end(405, { allow: 'POST' });
      if (headers.origin !== `http://${headers.host}`) return end(403);
      const token = await readToken(request);
      const session = token === undefined ? undefined : access?.redeem(token);
      if (session === undefined) return end(403);
      const attributes = 'Path=/; HttpOnly; SameSite=Strict; Max-Age=604800';
      return end(204, { 'set-cookie': `${cookie}=${session}; ${attributes}` });
    }
    if (method !== 'GET' && method !== 'HEAD') return end(405, { allow: 'GET, HEAD' });
    const file = files.get(url);
    if (file !== undefined) return end(200, { 'content-type': file.type }, file.content);
    if (!url.startsWith('/api/')) return end(404);
    if (!isSameSite) return end(403);
    if (access !== undefined && !access.holds(sessionOf(request, cookie))) return end(401);
    if (url === '/api/changes') {
      response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream' });
      return changes.add(response);
    }
    const key = parsePageKey(url.slice('/api/'.length));
    if (key === undefined) return json(404, { where: 'the address', found: 'no page of that form' });
    try {
      json(200, options.readDocument(key));
    } catch (error) {
      if (!(error instanceof NasError)) {
        options.onDefect(error);
        return json(500, { where: 'nas', found: 'a defect; the terminal of nas ui tells more' });
      }
      const { where, found, expected, next } = error;
      json(404, { where, found, expected, next });
    }
  }

  const fragment = access === undefined ? '' : `#/enter/${access.token}`;
  const [first = '', ...rest] = names.map((name) => `http://${name}:${port}/${fragment}`);
  return {
    port,
    urls: [first, ...rest],
    async close() {
      changes.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
