import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../dist/base/clock.js';
import { digestOf } from '../../../dist/base/digest.js';
import { createRng } from '../../../dist/base/rng.js';
import { runConfigSchema } from '../../../dist/cli/run-config.js';
import { beginRun, trainTrials } from '../../../dist/cli/search-trials.js';
import { deployedCosts } from '../../../dist/flows/candidate.js';
import { fullTraining } from '../../../dist/flows/ladder.js';
import { kernelsOfSpace } from '../../../dist/space/kernels.js';
import { parseSpace } from '../../../dist/space/search-space.js';
import { openStore } from '../../../dist/store/sqlite.js';
import { connect } from '../../../dist/workers/queue/connect.js';
import { presentWorkers } from '../../../dist/workers/queue/presence.js';
import { createQueuePool } from '../../../dist/workers/queue/queue-pool.js';

/**
 * What a search by many workers asks of the one process that coordinates it and of Redis. Real: the search loop with its strategy,
 * the space `mobile`, the networks as they are sent, the store, Redis and its queue. Simulated: trainings are sleeps,
 * half to one and a half times as long as asked for, accuracies and latencies are made up, and workers share processes.
 * Build first; then: node test/bench/queue/main.mjs [workers [trials [seconds of a training [strategy]]]]
 */

const [, , workersAsked = '1000', trialsAsked = '10000', secondsAsked = '20', strategy = 'guided'] =
  process.argv;
const [WORKERS, TRIALS, SLEEP_MS] = [Number(workersAsked), Number(trialsAsked), 1000 * Number(secondsAsked)];
const PROCESSES = Math.ceil(WORKERS / 250);
const QUEUE = 'train-sleep';
const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));

const print = (line) => process.stdout.write(`${line}\n`);
const percentile = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function startUntil(program, args, text) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes(text)) resolve();
    });
    child.on('exit', () => reject(new Error(`${program} ended:\n${output}`)));
  });
  return child;
}

function preparedSearch() {
  const source = JSON.parse(
    readFileSync(new URL('../../../search-spaces/mobile.json', import.meta.url), 'utf8'),
  );
  const space = parseSpace(source, 'mobile');
  const provenance = {
    ...{ device: 'made-up', processor: 'none', runtime: 'none', runtimeVersion: '0', dtype: 'float32' },
    ...{ threads: 1, core: null, governor: null, operatingSystem: 'none' },
    ...{ measuredAt: '2026-01-01T00:00:00.000Z', nasVersion: '0' },
  };
  const sample = { madMs: 0, p10Ms: 0, p90Ms: 1, warmMs: 0, samples: 9, rejected: 0 };
  const kernels = kernelsOfSpace(space).map(({ signature }) => [
    signature,
    { signature, medianMs: 0.01 * signature.length, ...sample },
  ]);
  const table = { provenance, kernels: new Map(kernels), calibration: undefined };
  const images = {
    count: 10_000,
    height: space.proxy.resolution,
    width: space.proxy.resolution,
    channels: 3,
  };
  const dataset = {
    ...{ name: 'made-up', digest: 'made-up', classes: Array.from({ length: 10 }, (_, i) => `${i}`) },
    ...{ train: images, validation: images, mean: [0, 0, 0], standardDeviation: [1, 1, 1] },
  };
  const config = runConfigSchema.parse({
    ...{ space: 'mobile', device: { device: 'made-up', dtype: 'float32', threads: 1 }, targetsMs: [30] },
    ...{ reward: { name: 'mnas-hard' }, latencyLimit: 1.25, strategy, trials: TRIALS, batch: 8 },
    ...{ inFlight: Math.ceil(1.1 * WORKERS), dataset: 'made-up', seed: '1' },
  });
  return {
    ...{ source, space, begun: undefined, config, proxy: space.proxy, ladder: fullTraining(space.proxy) },
    ...{ tables: [table], deployed: [deployedCosts(space, table)], datasets: [dataset] },
  };
}

const folder = mkdtempSync(join(tmpdir(), 'nas-bench-queue-'));
const port = await freePort();
const url = `redis://127.0.0.1:${port}`;
const started = [];
process.once('SIGTERM', () => {
  for (const child of started) child.kill('SIGKILL');
  process.exit(1);
});
try {
  const redisOptions = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  started.push(await startUntil('redis-server', redisOptions, 'Ready to accept'));
  const perProcess = Math.ceil(WORKERS / PROCESSES);
  for (let left = WORKERS; left > 0; left -= perProcess) {
    const count = `${Math.min(left, perProcess)}`;
    started.push(await startUntil(process.execPath, [WORKER, url, QUEUE, count], 'ready'));
  }
  const redis = await connect({ url });
  print(
    `${(await presentWorkers(redis)).length} workers in ${PROCESSES} processes, trainings of ${SLEEP_MS / 1000} s`,
  );

  let present = WORKERS;
  const lookMs = [];
  const looking = setInterval(async () => {
    const startMs = performance.now();
    present = (await presentWorkers(redis)).length;
    lookMs.push(performance.now() - startMs);
  }, 3_000);
  const pool = await createQueuePool({
    ...{ name: 'bench', address: { url }, redis, queue: QUEUE, keyOf: digestOf, places: () => present },
  });
  const rng = createRng('bench of a queue');
  const waits = [];
  let bytes = 0;
  const trainer = {
    ...{ name: 'sleep', implementation: QUEUE, digest: QUEUE, close: () => pool.close() },
    get parallelism() {
      return Math.ceil(1.1 * pool.workers);
    },
    async train({ graph, recipe, seed }) {
      const sleepMs = SLEEP_MS * (0.5 + rng.uniform());
      const task = { graph, recipe, seed, sleepMs, accuracy: 0.5 + 0.4 * rng.uniform() };
      bytes += JSON.stringify(task).length;
      const startMs = performance.now();
      const accuracy = await pool.run(task);
      waits.push(performance.now() - startMs - sleepMs);
      return { accuracy, epochs: [{ epoch: 1, trainLoss: 1, validationAccuracy: accuracy }], cpuSeconds: 1 };
    },
  };
  const prepared = preparedSearch();
  const store = openStore(join(folder, 'nas.db'));
  const trainers = { byRung: [trainer], digest: QUEUE, close: trainer.close };
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const run = beginRun(prepared, trainers, store);
  await trainTrials(
    run,
    prepared,
    trainers,
    { store, startMs },
    {
      progress: { line() {}, live() {}, clear() {}, room: () => ({ columns: 80, rows: 24 }) },
      signal: new AbortController().signal,
      nowMs: () => systemClock.monotonicMs(),
    },
  );
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(looking);
  const info = Object.fromEntries(
    (await redis.info()).split('\r\n').flatMap((line) => (line.includes(':') ? [line.split(':')] : [])),
  );
  const { trials } = store.trialCounts(run);
  const numbers = new Set(store.trials(run).map(({ number }) => number));
  store.close();
  const ideal = (TRIALS * SLEEP_MS) / 1000 / WORKERS;
  print(
    `${trials} trials stored, ${numbers.size} different, in ${seconds.toFixed(0)} s; ${ideal.toFixed(0)} s if workers never waited`,
  );
  print(
    `coordinator: ${(((user + system) / 1e6 / TRIALS) * 1000).toFixed(1)} CPU ms a trial, ${((user + system) / 1e4 / seconds).toFixed(0)} % of a core`,
  );
  print(
    `its event loop: delayed by ${(delay.percentile(50) / 1e6 - 10).toFixed(0)} ms (median), ${(delay.percentile(99) / 1e6 - 10).toFixed(0)} ms (99 %), ${(delay.max / 1e6).toFixed(0)} ms (most)`,
  );
  // A tenth of the networks under way wait for a worker on purpose.
  print(
    `a trial beyond its training: ${percentile(waits, 0.5).toFixed(0)} ms (median), ${percentile(waits, 0.99).toFixed(0)} ms (99 %)`,
  );
  print(
    `look at ${WORKERS} workers: ${percentile(lookMs, 0.5).toFixed(0)} ms; a task: ${(bytes / TRIALS / 1024).toFixed(0)} KiB`,
  );
  print(
    `Redis: ${Number(info.used_cpu_user) + Number(info.used_cpu_sys)} CPU s, at most ${info.used_memory_peak_human}, ${info.connected_clients} connections`,
  );
  await pool.close();
  redis.disconnect();
} finally {
  for (const child of started.reverse()) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
