// Searches by four workers behind a queue, while workers, Redis and the search itself are killed at random moments, and compares
// what it stored with a search that had none of it. Usage: node test/kill/kill-queue.mjs FOLDER [KILLS [TRIALS [SEED]]];
// FOLDER has space.json and pictures/, and gets a latency table. Prints one JSON document.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRng } from '../../dist/base/rng.js';
import { storedIn } from './stored-in.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const WORKERS = 4;
/** How long Redis stays away. */
const AWAY_MS = 500;

const [, , source, kills = '30', trials = '200', seed = '1'] = process.argv;
const root = mkdtempSync(join(tmpdir(), 'nas-kill-queue-'));
const rng = createRng(`kills of a queue ${seed}`);
const say = (line) => process.stderr.write(`${line}\n`);

function copyOf(name) {
  const folder = join(root, name);
  cpSync(source, folder, { recursive: true });
  return folder;
}

const children = [];
process.once('SIGTERM', () => {
  for (const child of children) child.kill('SIGKILL');
  process.exit(1);
});

function start(program, args, cwd, env = {}) {
  const child = spawn(program, args, {
    ...{ cwd, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, NO_COLOR: '1', NAS_CACHE: join(root, 'cache'), ...env },
  });
  const started = { child, output: '' };
  children.push(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      started.output += text;
    });
  }
  return started;
}

const nas = (args, cwd, env) => start(process.execPath, [MAIN, ...args], cwd, env);
const ended = ({ child }) => child.exitCode !== null || child.signalCode !== null;

async function kill(started) {
  if (ended(started)) return;
  const gone = once(started.child, 'exit');
  started.child.kill('SIGKILL');
  await gone;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const SEARCH = ['search', '--target', '1s', '--runtime', 'litert', '--space', 'space.json'];
const REST = ['--dataset', 'folder:pictures', '--batch', '8', '--trials', trials];

/** So that both go by one table. */
async function measureTable() {
  const folder = copyOf('table');
  const search = nas([...SEARCH, '--dataset', 'folder:pictures', '--trials', '1'], folder);
  await once(search.child, 'close');
  if (search.child.exitCode !== 0) throw new Error(`the search failed:\n${search.output}`);
  cpSync(join(folder, 'latency-tables'), join(source, 'latency-tables'), { recursive: true });
}

/** What a search without kills stores, and how long it takes. */
async function unbroken() {
  const folder = copyOf('unbroken');
  const startMs = performance.now();
  const search = nas([...SEARCH, ...REST], folder);
  await once(search.child, 'close');
  if (search.child.exitCode !== 0) throw new Error(`the search failed:\n${search.output}`);
  return { expected: storedIn(folder), tookMs: performance.now() - startMs };
}

/** Kills are at most `spanMs` apart. */
async function broken(expected, spanMs) {
  const folder = copyOf('broken');
  const port = await freePort();
  const data = join(root, 'redis');
  mkdirSync(data);
  const env = { NAS_QUEUE: `redis://127.0.0.1:${port}`, NAS_SHARED: join(root, 'shared') };
  const redisOptions = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', data, '--save', ''];
  const startRedis = async () => {
    const redis = start('redis-server', [...redisOptions, '--appendonly', 'yes'], root);
    while (!redis.output.includes('Ready to accept')) {
      if (ended(redis)) throw new Error(`redis-server failed:\n${redis.output}`);
      await pause(20);
    }
    return redis;
  };
  const startWorker = () =>
    nas(
      ['worker', '--trainer', 'embedded', '--workers', '1', '--device', 'local', '--stalled-after', '2s'],
      folder,
      env,
    );
  const startSearch = (isFirst) =>
    nas(isFirst ? [...SEARCH, ...REST] : ['search', '--resume', 'r1'], folder, env);

  const counts = { worker: 0, redis: 0, search: 0 };
  let redis = await startRedis();
  const workers = Array.from({ length: WORKERS }, startWorker);
  let search = startSearch(true);
  try {
    for (let left = Number(kills); !ended(search) || search.child.exitCode !== 0; ) {
      const next = Date.now() + (left > 0 ? rng.uniform() * spanMs : 1_000);
      while (Date.now() < next && !ended(search)) await pause(20);
      if (ended(search) && search.child.exitCode !== 0 && search.child.signalCode === null) {
        throw new Error(`the search ended with ${search.child.exitCode}:\n${search.output}`);
      }
      if (left === 0 || ended(search)) continue;
      // Nothing to go on with before the run is in the store.
      if (!search.output.includes('run      r1') && !search.output.includes('run r1')) continue;
      left--;
      const what = ['worker', 'worker', 'redis', 'search'][rng.integer(4)];
      counts[what]++;
      if (what === 'worker') {
        const index = rng.integer(WORKERS);
        await kill(workers[index]);
        workers[index] = startWorker();
      } else if (what === 'redis') {
        await kill(redis);
        await pause(AWAY_MS);
        redis = await startRedis();
      } else {
        await kill(search);
        search = startSearch(false);
      }
      say(`killed ${what}, ${left} kills left, ${storedIn(folder).trials.length} trials stored`);
    }
  } finally {
    for (const started of [search, ...workers, redis]) await kill(started);
  }
  const found = storedIn(folder);
  return {
    counts,
    trials: found.trials.length,
    failures: found.failures.length,
    different: Object.keys(expected).flatMap((name) =>
      expected[name].join() === found[name].join()
        ? []
        : [{ name, ...firstDifference(expected[name], found[name]) }],
    ),
    /** States of trainings that nobody needs any more. */
    leftBehind: readdirSync(join(root, 'shared', 'checkpoints')).length,
  };
}

function firstDifference(expected, found) {
  const row = expected.findIndex((one, index) => one !== found[index]);
  return { row, expected: expected[row], found: found[row] };
}

try {
  await measureTable();
  const { expected, tookMs } = await unbroken();
  say(`unbroken: ${expected.trials.length} trials, ${expected.rungs.length} rungs`);
  process.stdout.write(`${JSON.stringify(await broken(expected, tookMs / Number(kills)))}\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
