import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = 'redis-server';

/** Why tests that need a queue are skipped, if they are. */
export const NO_REDIS =
  spawnSync(PROGRAM, ['--version']).status === 0 ? undefined : 'no redis-server: apt install redis-server';

export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** SIGKILL; what it wrote down stays. */
  kill(): Promise<void>;
  /** Again, with what it wrote down. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** A real Redis of our own on the loopback, which writes down what it is told (AOF), with more options where given. */
export async function startRedis(...options: readonly string[]): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'nas-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = spawn(
      PROGRAM,
      [
        ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
        ...['--appendonly', 'yes', '--daemonize', 'no', ...options],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    child = started;
    let log = '';
    for await (const chunk of started.stdout) {
      log += chunk;
      if (log.includes('Ready to accept connections')) break;
    }
    if (!log.includes('Ready to accept connections')) throw new Error(`redis-server did not start: ${log}`);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
