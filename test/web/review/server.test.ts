import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NasError } from '../../../src/base/errors.ts';
import { type PageKey, printPageKey } from '../../../src/report/pages/page-key.ts';
import { type ReviewServer, serveReview } from '../../../src/web/review/server/review-server.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

let server: ReviewServer;
let read: PageKey[] = [];
let version = '1';
const defects: unknown[] = [];

const open = (host?: string): Promise<ReviewServer> =>
  serveReview({
    ...{ host, port: 0, version: () => version, onDefect: (error) => defects.push(error) },
    readDocument(key) {
      read.push(key);
      if (printPageKey(key) === 'runs/r404')
        throw new NasError('nas.db', { found: "no run 'r404'", next: 'nas runs' });
      if (printPageKey(key) === 'runs/r500') throw new TypeError('secret');
      return { of: key };
    },
  });

const ask = ({ path = '/', method = 'GET', headers = {}, body }: Asked, of = server): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(of.urls[0]);
    const asked = request(
      { host: hostname, port, path, method, headers: { host, ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });

beforeEach(async () => {
  read = [];
  version = '1';
  defects.length = 0;
  server = await open();
});
afterEach(() => server.close());

test('a document is asked for by its key, and by nothing else', async () => {
  const { status, body, headers } = await ask({ path: '/api/runs/r3/trials/17' });
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(JSON.parse(body)).toEqual({ of: { page: 'trial', run: 'r3', trial: 17 } });
  expect(read).toHaveLength(1);
});

test.each([
  ...['/api/', '/api/runs/', '/api/runs/r1?x=1', '/api/runs/r1%2Ftrials%2F1', '/api/../package.json', '/api'],
  ...[
    "/api/runs/r1'%20OR%201=1",
    '/api/tables/%2e%2e/nas',
    '/api/tables/../nas',
    '/api/tables/..%2Fnas',
    '/../app.js',
  ],
  ...[
    '/runs/nas.db',
    '/app.js.map',
    '/constructor',
    '/__proto__',
    '/api/constructor',
    '//app.js',
    '/index.html',
  ],
])('%s finds nothing, and nothing is read', async (path) => {
  expect((await ask({ path })).status).toBe(404);
  expect(read).toEqual([]);
});

test('what is not there is told in the words of the error, a defect is not', async () => {
  const missing = await ask({ path: '/api/runs/r404' });
  expect([missing.status, JSON.parse(missing.body)]).toEqual([
    404,
    { where: 'nas.db', found: "no run 'r404'", next: 'nas runs' },
  ]);
  const broken = await ask({ path: '/api/runs/r500' });
  expect(broken.status).toBe(500);
  expect(broken.body).not.toContain('secret');
  expect(defects).toEqual([new TypeError('secret')]);
});

test('the pages run nothing that is not from here, and are kept by nobody', async () => {
  for (const path of ['/', '/app.js', '/app.css', '/api/runs', '/nothing']) {
    const { headers } = await ask({ path });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers).toMatchObject({
      ...{
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      },
      ...{ 'cross-origin-resource-policy': 'same-origin', 'cross-origin-opener-policy': 'same-origin' },
    });
  }
  const { body } = await ask({});
  expect(body).not.toMatch(/<script(?![^>]* src=)|<style| on\w+=| style=/i);
});

describe('a request', () => {
  test.each(['evil.example', '127.0.0.1', 'localhost', '127.0.0.1:1', '[::1]'])(
    'under the name %j is none of ours',
    async (host) => {
      expect((await ask({ path: '/api/runs', headers: { host } })).status).toBe(421);
      expect((await ask({ headers: { host } })).status).toBe(421);
      expect(read).toEqual([]);
    },
  );

  test('by a name of this machine is answered', async () => {
    expect((await ask({ headers: { host: `localhost:${server.port}` } })).status).toBe(200);
  });

  test('that a page of another site sends gets no data', async () => {
    for (const site of ['cross-site', 'same-site']) {
      expect((await ask({ path: '/api/runs', headers: { 'sec-fetch-site': site } })).status).toBe(403);
    }
    expect((await ask({ path: '/api/runs', headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
    expect(read).toHaveLength(1);
  });

  test('may only read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect((await ask({ path: '/api/runs', method })).status).toBe(405);
    }
    expect(await ask({ path: '/app.js', method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect(read).toEqual([]);
  });
});

describe('to other machines', () => {
  let open2: ReviewServer;
  const token = (): string => open2.urls[0].split('#/enter/')[1] ?? '';
  const origin = (): string => `http://127.0.0.2:${open2.port}`;
  const enter = (body: string, headers: Readonly<Record<string, string>> = { origin: origin() }) =>
    ask({ method: 'POST', path: '/session', body, headers }, open2);
  beforeEach(async () => {
    // Not the loopback address itself, so that it counts as one that others may reach.
    open2 = await open('127.0.0.2');
  });
  afterEach(() => open2.close());

  test('nothing is told without the token', async () => {
    expect(token()).toMatch(/^[\w-]{22}$/);
    for (const path of ['/api/runs', '/api/changes', '/api/nothing']) {
      expect((await ask({ path }, open2)).status).toBe(401);
    }
    const cookie = `nas-review-${open2.port}=`;
    for (const wrong of [cookie, `${cookie}${token()}`, `${cookie}x`, 'x=y']) {
      expect((await ask({ path: '/api/runs', headers: { cookie: wrong } }, open2)).status).toBe(401);
    }
    expect(read).toEqual([]);
    // The pages themselves tell nothing.
    expect((await ask({}, open2)).status).toBe(200);
  });

  test('the token buys a session, as often as it is shown, from a page of this server', async () => {
    for (const wrong of ['', 'A'.repeat(22), token().slice(1), `${token()}x`, 'x'.repeat(10_000)]) {
      expect((await enter(wrong)).status).toBe(403);
    }
    expect((await enter(token(), { origin: 'http://evil.example' })).status).toBe(403);
    expect((await enter(token(), {})).status).toBe(403);
    for (let times = 0; times < 2; times++) {
      const { status, headers } = await enter(token());
      const [cookie = ''] = headers['set-cookie'] ?? [];
      expect(status).toBe(204);
      expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
      const session = cookie.split(';')[0] ?? '';
      expect((await ask({ path: '/api/runs', headers: { cookie: session } }, open2)).status).toBe(200);
    }
  });

  test('a server of this machine alone has no token to buy anything with', async () => {
    expect(server.urls[0]).toBe(`http://127.0.0.1:${server.port}/`);
    const headers = { origin: `http://127.0.0.1:${server.port}` };
    expect((await ask({ method: 'POST', path: '/session', body: '', headers })).status).toBe(403);
  });
});

test('a change is told to everybody who listens, once', async () => {
  const heard: string[] = [];
  const listening = request({
    port: server.port,
    path: '/api/changes',
    headers: { host: `127.0.0.1:${server.port}` },
  });
  listening.on('response', (response) => {
    expect(response.headers['content-type']).toBe('text/event-stream');
    response.setEncoding('utf8').on('data', (text: string) => heard.push(text));
    response.on('error', () => {});
  });
  listening.on('error', () => {});
  listening.end();
  await expect.poll(() => heard.join(''), { timeout: 120_000 }).toContain('data: 1\n\n');
  version = '2';
  await expect.poll(() => heard.join(''), { timeout: 120_000 }).toContain('data: 2\n\n');
  version = '3';
  await expect.poll(() => heard.join(''), { timeout: 120_000 }).toContain('data: 3\n\n');
  expect(heard.join('').match(/data: 2\n/g)).toHaveLength(1);
  listening.destroy();
});

test('a port that is taken is told', async () => {
  await expect(
    serveReview({ port: server.port, readDocument: () => ({}), version: () => '', onDefect: () => {} }),
  ).rejects.toThrow(/another program listens there/);
});
