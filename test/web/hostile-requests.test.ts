import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openBrowserTransport } from '../../src/devices/transports/browser/browser-transport.ts';
import { type PageServer, servePage } from '../../src/devices/transports/browser/page-server.ts';
import { parsePageKey, printPageKey } from '../../src/report/pages/page-key.ts';
import { type ReviewServer, serveReview } from '../../src/web/review/server/review-server.ts';

/** What a server answers to these bytes, until it or we close the connection. */
function send(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (part) => {
      text += part;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    // Ends our half: a server that waits for more of a request learns that there is none.
    socket.end(bytes);
  });
}

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'get', 'X', ''];
const PATHS = [
  ...['/', '/session', '/runner', '/api/runs', '/api/changes', '/app.js', '/api/tables/a/b', '*', ''],
  ...[
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/litert/../../package.json',
    '//evil.example/',
    '/\0',
  ],
  ...[
    'http://evil.example/',
    '/api/runs/r1/../../..',
    '/api/runs/r1%00',
    '/api/runs/__proto__',
    '/api/constructor',
  ],
  ...[
    `/${'a'.repeat(9_000)}`,
    `/api/compare/${Array(2000).fill('r1').join()}`,
    '/api/runs/r99999999999999999999',
  ],
];
const HEADERS = [
  ...['Host: evil.example', 'Host: 127.0.0.1', 'Host:', 'Origin: null', 'Origin: http://evil.example'],
  ...['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13'],
  ...['Content-Length: 5', 'Content-Length: 99999999999', 'Content-Length: -1', 'Transfer-Encoding: chunked'],
  ...['Expect: 100-continue', 'Cookie: nas=1; nas-review=__proto__; =;;;', 'Range: bytes=0-99999999999'],
  ...[`X: ${'y'.repeat(20_000)}`, 'bad header', ': empty', 'Sec-Fetch-Site: cross-site', '__proto__: x'],
];

function requests(port: number): fc.Arbitrary<Uint8Array> {
  const good = [`Host: 127.0.0.1:${port}`, `Origin: http://127.0.0.1:${port}`];
  const lines = fc
    .record({
      method: fc.constantFrom(...METHODS),
      path: fc.constantFrom(...PATHS),
      version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9', ''),
      headers: fc.array(fc.constantFrom(...HEADERS), { maxLength: 4 }),
      mine: fc.subarray(good),
      body: fc.oneof(fc.constant(''), fc.string({ maxLength: 200 }), fc.constant('x'.repeat(100_000))),
    })
    .map(({ method, path, version, headers, mine, body }) =>
      Buffer.from([`${method} ${path} ${version}`, ...mine, ...headers, '', body].join('\r\n'), 'latin1'),
    );
  return fc.oneof(
    { weight: 9, arbitrary: lines },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  );
}

const STATUSES = ['200', '204', '400', '403', '404', '405', '413', '417', '421', '431', '501', '505', '100'];

describe('whatever is sent, the server of the pages', () => {
  let server: ReviewServer;
  const defects: unknown[] = [];
  const read: string[] = [];

  beforeEach(async () => {
    defects.length = 0;
    server = await serveReview({
      ...{ port: 0, version: () => '1', onDefect: (error) => defects.push(error) },
      readDocument(key) {
        read.push(printPageKey(key));
        return { key };
      },
    });
  });
  afterEach(() => server.close());

  test('answers or hangs up, has no defect, and goes on serving', async () => {
    const { port } = server;
    await fc.assert(
      fc.asyncProperty(requests(port), async (bytes) => {
        // A stream of changes lasts; hang up once it has begun.
        if (Buffer.from(bytes).includes('/api/changes')) return;
        const answer = await send(port, bytes);
        for (const [, status = ''] of answer.matchAll(/^HTTP\/1\.1 (\d+)/gm))
          expect(STATUSES).toContain(status);
        expect(answer).not.toMatch(/root:|at \w+ \(|node_modules/);
      }),
      { numRuns: 400, seed: 11 },
    );
    expect(defects).toEqual([]);
    // A token that breaks off.
    const host = `127.0.0.1:${port}`;
    const head = `POST /session HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nContent-Length: 40`;
    await send(port, Buffer.from(`${head}\r\n\r\nabc`));
    expect(defects).toEqual([]);
    for (const key of read) expect(printPageKey(parsePageKey(key) ?? { page: 'runs' })).toBe(key);
    expect((await fetch(new URL('/api/runs', server.urls[0]))).status).toBe(200);
  });
});

describe('whatever is sent, the server of the page for phones', () => {
  let server: PageServer;
  beforeEach(async () => {
    server = await servePage({ onConnection: (socket) => socket.close() });
  });
  afterEach(() => server.close());

  test('answers or hangs up, and goes on serving', async () => {
    await fc.assert(
      fc.asyncProperty(requests(server.port), async (bytes) => {
        const answer = await send(server.port, bytes);
        for (const [, status = ''] of answer.matchAll(/^HTTP\/1\.1 (\d+)/gm))
          expect(STATUSES).toContain(status);
        expect(answer).not.toMatch(/root:|at \w+ \(/);
        expect(answer).not.toContain(new URL(server.urls[0]).hash.slice(1));
      }),
      { numRuns: 400, seed: 12 },
    );
    expect((await fetch(new URL('/', server.urls[0]))).status).toBe(200);
  });
});

test('a page that says anything but what it is, is shown out, and the next one is let in', async () => {
  const transport = await openBrowserTransport({ patienceMs: 60_000 });
  try {
    const [url] = transport.urls;
    const origin = new URL(url).origin;
    const entered = await fetch(new URL('/session', url), {
      method: 'POST',
      headers: { origin },
      body: new URL(url).hash.slice(1),
    });
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const closedWith = (message: string | Uint8Array): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${origin.replace('http', 'ws')}/runner`, {
          headers: { cookie, origin },
        });
        socket.on('open', () => socket.send(message));
        socket.on('error', () => {});
        socket.on('close', (code) => resolve(code));
      });
    const page = {
      ...{ kind: 'page', userAgent: 'x', platform: '', platformVersion: '', model: '', cores: 1, simd: true },
      ...{ relaxedSimd: true, threads: false, gpu: null, tickUs: 1, wakeLock: true, runtimes: ['litert'] },
    };
    for (const message of [
      ...['', 'x', '[', '['.repeat(100_000), '{"kind":"page"}', '{"__proto__":{"kind":"page"}}'],
      ...[JSON.stringify({ ...page, tickUs: 1e300 }), JSON.stringify({ ...page, model: '\u001b[2J' })],
      ...[JSON.stringify({ ...page, cores: 2 ** 40 }), Buffer.from([0, 255, 254])],
    ]) {
      expect(await closedWith(message)).toBe(1008);
    }
    // Larger than any message may be.
    expect(await closedWith('x'.repeat(5 << 20))).toBe(1009);
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/runner`, { headers: { cookie, origin } });
    socket.on('open', () => socket.send(JSON.stringify(page)));
    expect(await transport.page()).toMatchObject({ userAgent: 'x', cores: 1 });
    socket.close();
  } finally {
    await transport.close();
  }
});
