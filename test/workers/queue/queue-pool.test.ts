import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/base/digest.ts';
import { connect } from '../../../src/workers/queue/connect.ts';
import { presentWorkers } from '../../../src/workers/queue/presence.ts';
import { createQueuePool } from '../../../src/workers/queue/queue-pool.ts';
import { type ArithmeticPool, type ArithmeticTask, poolContract } from '../contract.ts';
import { freePort, NO_REDIS, startRedis, type TestRedis } from './redis.ts';

const SERVER = fileURLToPath(new URL('arithmetic-server.mjs', import.meta.url));
const STALLED_MS = 1_000;

let redis: TestRedis;
let client: Redis;
let queue = '';
let queues = 0;
let supervised: Supervised[] = [];

interface Supervised {
  child: ChildProcess;
  output: string;
  isOver: boolean;
}

beforeAll(async () => {
  if (NO_REDIS !== undefined) return;
  redis = await startRedis();
  client = await connect({ url: redis.url });
});
afterAll(async () => {
  client?.disconnect();
  await redis?.remove();
});
beforeEach(() => {
  queue = `arithmetic-${queues++}`;
});
afterEach(async () => {
  for (const worker of supervised) {
    worker.isOver = true;
    if (worker.child.exitCode !== null || worker.child.signalCode !== null) continue;
    const ended = once(worker.child, 'exit');
    worker.child.kill('SIGKILL');
    await ended;
  }
  supervised = [];
});

/** A worker process; `restart`: another takes its place when it dies. */
async function startServer({ restart = false } = {}): Promise<Supervised> {
  const worker: Supervised = { child: undefined as unknown as ChildProcess, output: '', isOver: false };
  const begin = (): void => {
    worker.child = spawn(process.execPath, [SERVER, redis.url, queue, '1', `${STALLED_MS}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    worker.child.stdout?.on('data', (chunk) => {
      worker.output += chunk;
    });
    worker.child.on('exit', () => {
      if (restart && !worker.isOver) begin();
    });
  };
  begin();
  supervised.push(worker);
  await expect.poll(() => worker.output, { timeout: 60_000 }).toContain('ready');
  return worker;
}

function openPool(workers: number): Promise<ArithmeticPool> {
  return createQueuePool<ArithmeticTask, number, number>({
    ...{ name: 'arithmetic', address: { url: redis.url }, redis: client, queue },
    keyOf: digestOf,
    places: () => workers,
  });
}

poolContract(
  'processes behind a queue',
  async (workers) => {
    await Promise.all(Array.from({ length: workers }, () => startServer({ restart: true })));
    return openPool(workers);
  },
  { skip: NO_REDIS },
);

describe('a queue', { skip: NO_REDIS !== undefined }, () => {
  test('gives the task of a worker that is killed to another', async () => {
    const pool = await openPool(1);
    const [first, second] = [await startServer(), await startServer()];
    const result = pool.run({ do: 'sleep', number: 3_000 });
    await expect.poll(() => first.output + second.output).toContain('begun');
    const [busy, idle] = first.output.includes('begun') ? [first, second] : [second, first];
    busy.child.kill('SIGKILL');
    expect(await result).toBe(3_000);
    expect(idle.output).toContain('begun');
    await pool.close();
  });

  test('keeps the answer for an asker that died, who asks again', async () => {
    const task = { do: 'add', number: 5 } as const;
    const dead = await openPool(1);
    void dead.run(task).catch(() => {});
    const worker = await startServer();
    await expect.poll(() => worker.output).toContain('ended    add');
    const pool = await openPool(1);
    expect(await pool.run(task)).toBe(45);
    expect(worker.output.match(/begun/g)).toHaveLength(1);
    await dead.close();
    await pool.close();
  });

  test('outlives a Redis that is killed and started again', async () => {
    const pool = await openPool(1);
    await startServer();
    expect(await pool.run({ do: 'add', number: 1 })).toBe(41);
    await redis.kill();
    const results = Promise.all([2, 3].map((number) => pool.run({ do: 'add', number })));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await redis.start();
    expect(await results).toEqual([42, 43]);
    await pool.close();
  });

  test('puts a task there again that Redis has forgotten', async () => {
    const pool = await openPool(1);
    const task = { do: 'add', number: 7 } as const;
    const result = pool.run(task);
    await expect.poll(() => client.exists(`nas:${queue}:${digestOf(task)}`)).toBe(1);
    await client.flushall();
    await startServer();
    expect(await result).toBe(47);
    await pool.close();
  });

  test('asked to end, a worker finishes what it does; asked again, others begin that anew', async () => {
    const pool = await openPool(2);
    const first = await startServer();
    const counted = pool.run({ do: 'sleep', number: 2_000 });
    await expect.poll(() => first.output).toContain('begun');
    first.child.kill('SIGTERM');
    expect(await counted).toBe(2_000);

    const second = await startServer();
    const hanging = pool.run({ do: 'sleep', number: 4_000 });
    await expect.poll(() => second.output).toContain('begun');
    second.child.kill('SIGINT');
    await once(second.child, 'exit');
    expect(second.output).toContain('released');
    await startServer();
    expect(await hanging).toBe(4_000);
    await pool.close();
  });

  test('knows the workers that are there, and not those that are gone', async () => {
    const [first, second] = [await startServer(), await startServer()];
    const ids = async () => (await presentWorkers(client)).map(({ processId }) => processId);
    expect(await ids()).toEqual(expect.arrayContaining([first.child.pid, second.child.pid]));
    first.child.kill('SIGKILL');
    await expect.poll(ids, { timeout: 60_000, interval: 500 }).not.toContain(first.child.pid);
    expect(await ids()).toContain(second.child.pid);
  });

  test.each([
    ['redis://127.0.0.1:1', /^redis:\/\/127\.0\.0\.1:1: no queue that answers/],
    ['redis://user:secret@127.0.0.1:1', /^redis:\/\/user:…@127\.0\.0\.1:1: no queue/],
    ['http://127.0.0.1', /^--queue: http:\/\/127\.0\.0\.1; expected redis:/],
    ['redis://host/zero', /^--queue/],
    ['nonsense', /^--queue/],
  ])('%s is refused in words', async (url, message) => {
    await expect(connect({ url })).rejects.toMatchObject({
      name: 'NasError',
      message: expect.stringMatching(message),
    });
  });

  test('speaks TLS, with a certificate that it can check', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nas-tls-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ],
        ...[
          '-keyout',
          key,
          '-out',
          certificate,
          '-subj',
          '/CN=localhost',
          '-addext',
          'subjectAltName=IP:127.0.0.1',
        ],
      ],
      { stdio: 'pipe' },
    );
    const port = await freePort();
    const secure = await startRedis(
      ...['--tls-port', `${port}`, '--tls-cert-file', certificate, '--tls-key-file', key],
      ...['--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'],
    );
    try {
      const url = `rediss://127.0.0.1:${port}`;
      const trusted = await connect({ url, certificateAuthority: certificate });
      expect(await trusted.ping()).toBe('PONG');
      trusted.disconnect();
      await expect(connect({ url })).rejects.toThrow(/certificate/);
      await expect(connect({ url, certificateAuthority: join(folder, 'none.pem') })).rejects.toThrow(
        /^--queue-ca/,
      );
    } finally {
      await secure.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a password is asked for, and given', async () => {
    const locked = await startRedis('--requirepass', 'se/cret');
    try {
      await expect(connect({ url: locked.url })).rejects.toThrow(/NOAUTH/);
      const both = [
        await connect({ url: locked.url, password: 'se/cret' }),
        await connect({ url: `redis://:se%2Fcret@127.0.0.1:${locked.port}` }),
      ];
      for (const one of both) {
        expect(await one.ping()).toBe('PONG');
        one.disconnect();
      }
    } finally {
      await locked.remove();
    }
  });
});
