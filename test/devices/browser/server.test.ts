import { request } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type PageServer, servePage } from '../../../src/devices/transports/browser/page-server.ts';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answered {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

let server: PageServer;
let connections = 0;

beforeEach(async () => {
  connections = 0;
  server = await servePage({ onConnection: () => connections++ });
  return () => server.close();
});

/** A request as anything might send it: `fetch` would mend paths and headers. */
function ask({ method = 'GET', path = '/', headers = {}, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const token = (): string => new URL(server.urls[0]).hash.slice(1);
const origin = (): string => `http://127.0.0.1:${server.port}`;

function enter(shown: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  return ask({ method: 'POST', path: '/session', headers: { origin: origin(), ...headers }, body: shown });
}

const cookieOf = ({ headers }: Answered): string => headers['set-cookie']?.[0]?.split(';')[0] ?? '';

/** The status of the answer to a page that wants a connection; 101 when it gets one. */
function connect(headers: Readonly<Record<string, string>>, path = '/runner'): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    socket.on('upgrade', () => resolve(101));
    socket.on('unexpected-response', (sent, { statusCode }) => {
      sent.destroy();
      resolve(statusCode ?? 0);
    });
    socket.on('error', () => {});
  });
}

describe('the token', () => {
  test('is 128 bits, in the part of the address that browsers keep to themselves', () => {
    expect(Buffer.from(token(), 'base64url')).toHaveLength(16);
    expect(server.urls[0]).toBe(`${origin()}/#${token()}`);
  });

  test('lets one browser in, whose cookie no script and no other site can use', async () => {
    const welcome = await enter(token());
    expect(welcome.status).toBe(204);
    expect(welcome.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict;/);
    expect((await ask({ path: '/session', headers: { cookie: cookieOf(welcome) } })).status).toBe(204);
  });

  test('lets the same browser in again, and no other', async () => {
    const cookie = cookieOf(await enter(token()));
    expect((await enter(token(), { cookie })).status).toBe(204);
    expect(await enter(token())).toMatchObject({ status: 403, body: 'used' });
    const other = cookie.replace(/=.*/, '=AAAAAAAAAAAAAAAAAAAAAA');
    expect(await enter(token(), { cookie: other })).toMatchObject({ status: 403, body: 'used' });
  });

  test('is matched by no other text', async () => {
    for (const shown of ['A'.repeat(22), '', token().slice(0, 11), `${token()}x`, token().toUpperCase()])
      expect(await enter(shown)).toMatchObject({ status: 403, body: 'wrong' });
    expect((await enter('x'.repeat(10_000))).status).toBe(413);
    expect((await enter(token())).status).toBe(204);
  });

  test('cannot be sent by a page of another origin', async () => {
    expect((await enter(token(), { origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask({ method: 'POST', path: '/session', body: token() })).status).toBe(403);
  });
});

describe('a session', () => {
  test('is what the connection takes, from a page of this origin', async () => {
    const cookie = cookieOf(await enter(token()));
    expect(await connect({ cookie, origin: origin() })).toBe(101);
    expect(connections).toBe(1);
    expect(await connect({ cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await connect({ cookie })).toBe(403);
    expect(await connect({ origin: origin() })).toBe(403);
    expect(await connect({ cookie: `nas-${server.port}=`, origin: origin() })).toBe(403);
    expect(await connect({ cookie, origin: origin() }, '/other')).toBe(404);
    expect(await connect({ cookie, origin: origin(), host: 'evil.example' })).toBe(421);
    expect(connections).toBe(1);
  });

  test('is none before its token was used', async () => {
    expect(await connect({ cookie: `nas-${server.port}=`, origin: origin() })).toBe(403);
    expect((await ask({ path: '/session' })).status).toBe(403);
  });
});

describe('a request', () => {
  test.each(['evil.example', '127.0.0.1', 'localhost', '127.0.0.1:1', '[::1]'])(
    'under the name %j is none of ours',
    async (host) => {
      expect((await ask({ headers: { host } })).status).toBe(421);
    },
  );

  test('by a name of this machine is answered', async () => {
    expect((await ask({ headers: { host: `localhost:${server.port}` } })).status).toBe(200);
  });

  test.each([
    '/..',
    '/../package.json',
    '/%2e%2e/package.json',
    '/litert/',
    '/litert',
    '/litert/../page.js',
    '/litert/%2e%2e/page.js',
    '//page.js',
    '/page.js/',
    '/page.js?x',
    '/index.html',
    '/constructor',
    '/__proto__',
    '/page.js%00',
    'http://127.0.0.1/page.js',
    '*',
  ])('for %s finds nothing', async (path) => {
    expect(await ask({ path })).toMatchObject({ status: 404, body: '' });
  });

  test('for each file gets it, with its type and as nothing else', async () => {
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/style.css', 'text/css'],
      ['/page.js', 'text/javascript'],
      ['/worker.js', 'text/javascript'],
      ['/litert/litert_wasm_internal.js', 'text/javascript'],
      ['/litert/litert_wasm_compat_internal.wasm', 'application/wasm'],
    ] as const) {
      const { status, headers } = await ask({ path, method: 'HEAD' });
      expect([path, status]).toEqual([path, 200]);
      expect(headers['content-type']).toContain(type);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    const { body } = await ask({ path: '/page.js' });
    expect(body.length).toBeGreaterThan(10_000);
  });

  test('may only read', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS'])
      expect((await ask({ method, path: '/page.js' })).status).toBe(405);
    expect((await ask({ method: 'POST', path: '/page.js', headers: { origin: origin() } })).status).toBe(405);
  });
});

test('the page is isolated from all other origins, and runs nothing that is not from here', async () => {
  const { headers } = await ask({});
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*/);
});

test('a port that is taken is told', async () => {
  await expect(servePage({ port: server.port, onConnection: () => {} })).rejects.toThrow(
    /another program listens there/,
  );
});
