import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { createRng } from '../../../dist/base/rng.js';
import { readDocument } from '../../../dist/cli/review/documents.js';
import { printTable } from '../../../dist/latency/print-table.js';
import { parsePageKey } from '../../../dist/report/pages/page-key.js';
import { kernelsOfSpace } from '../../../dist/space/kernels.js';
import { sampleGenotype } from '../../../dist/space/sample.js';
import { parseSpace } from '../../../dist/space/search-space.js';
import { openStore } from '../../../dist/store/sqlite.js';

/**
 * What commands that read a store of many trials take, as a user waits for them: from the start of the process to its
 * end. The latencies and accuracies are made up; nothing is trained. Two runs hold nine tenths of the trials, a hundred
 * share the rest.
 * Build first; then: node test/bench/store/main.mjs [trials] [folder to leave the store in]
 */

const TRIALS = Number(process.argv[2] ?? 100_000);
const KEPT = process.argv[3];
const RUNS = 100;
const ROUNDS = 9;
const EPOCHS = 5;
const NAS = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

const print = (line) => process.stdout.write(`${line}\n`);
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const file = new URL('../../../search-spaces/mobile.json', import.meta.url);
const source = JSON.parse(readFileSync(file, 'utf8'));
const space = parseSpace(source, 'mobile');
const rng = createRng('bench');

function table() {
  const provenance = {
    ...{ device: 'made-up', processor: 'none', runtime: 'none', runtimeVersion: '0', dtype: 'float32' },
    ...{ threads: 1, core: null, governor: null, operatingSystem: 'none' },
    ...{ measuredAt: '2026-01-01T00:00:00.000Z', nasVersion: '0' },
  };
  const kernels = kernelsOfSpace(space).map(({ signature }, i) => [
    signature,
    {
      ...{ signature, medianMs: 0.01 + 1e-4 * i, madMs: 0.001, p10Ms: 0.01, p90Ms: 0.02, warmMs: 0.01 },
      ...{ samples: 50, rejected: 3 },
    },
  ]);
  return printTable({ provenance, kernels: new Map(kernels), calibration: undefined });
}

/** Runs with one trial each, made as a search makes them. */
function createRuns(database) {
  const store = openStore(database);
  const origin = {
    config: {
      ...{ space: 'mobile', device: { device: 'local', dtype: 'float32', threads: 1 }, targetsMs: [15] },
      ...{ otherDevices: [], reward: { name: 'mnas-hard' }, latencyLimit: 1.25, strategy: 'ppo', batch: 8 },
      ...{ trials: TRIALS, dataset: 'cifar10', trainer: { name: 'embedded' }, seed: '1' },
    },
    ...{ seed: '1', space: source, spaceDigest: space.digest, table: table(), datasetDigest: 'd' },
    ...{ trainerDigest: 't', codeVersion: '0' },
  };
  const at = '2026-01-01T00:00:00.000Z';
  for (let run = 0; run < RUNS; run++) {
    const { id } = store.createRun(origin, at);
    const trial = {
      ...{ state: 'completed', number: 0, genotype: sampleGenotype(space.decisions, rng), latencyMs: 10 },
      ...{ accuracy: 0.4, params: 3e6, macs: 1e8, cpuSeconds: 8.5 },
      epochs: Array.from({ length: EPOCHS }, (_, i) => ({
        ...{ epoch: i + 1, trainLoss: 2 / (i + 1), validationAccuracy: 0.08 * (i + 1) },
      })),
    };
    store.append(id, trial, { trainer: 'none', device: 'made-up', startedAt: at, finishedAt: at });
    store.setState(id, 'finished');
  }
  store.close();
}

/** Copies of the first trials with other figures, in one transaction: one each would take minutes. */
function fill(path) {
  const database = new Database(path);
  const columns = database.pragma('table_info(trials)').map(({ name }) => name);
  const changed = { number: '@number', latency_ms: '@latencyMs', accuracy: '@accuracy' };
  const insert = database.prepare(
    `INSERT INTO trials (${columns.join()})
     SELECT ${columns.map((name) => changed[name] ?? name).join()} FROM trials WHERE run = @run AND number = 0`,
  );
  database.transaction(() => {
    const next = new Map();
    for (let trial = RUNS; trial < TRIALS; trial++) {
      const run = trial % 20 < 9 ? 1 : trial % 20 < 18 ? 2 : 3 + (trial % (RUNS - 2));
      const number = next.get(run) ?? 1;
      next.set(run, number + 1);
      const latencyMs = 5 + 15 * rng.uniform();
      const accuracy = 0.6 - 1 / latencyMs + 0.05 * rng.normal();
      insert.run({ run, number, latencyMs, accuracy: Math.min(Math.max(accuracy, 0), 1) });
    }
  })();
  const { largest } = database.prepare('SELECT max(number) + 1 AS largest FROM trials').get();
  database.close();
  return largest;
}

/** Wall seconds of some work, the median over some rounds. */
function seconds(work) {
  const times = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const before = performance.now();
    work();
    const took = (performance.now() - before) / 1000;
    // The first brings the file into memory.
    if (round > 0) times.push(took);
  }
  return { median: median(times), least: Math.min(...times), most: Math.max(...times) };
}

function run(args, cwd) {
  const { status, stderr } = spawnSync(process.execPath, [NAS, ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function report(what, work) {
  const { median: middle, least, most } = seconds(work);
  print(`${what.padEnd(24)} ${middle.toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)})`);
}

const folder = KEPT ?? mkdtempSync(join(tmpdir(), 'nas-bench-'));
try {
  mkdirSync(join(folder, 'runs'), { recursive: true });
  const path = join(folder, 'runs/nas.db');
  createRuns(path);
  const largest = fill(path);
  print(
    `${TRIALS} trials in ${RUNS} runs, ${largest} in the largest; seconds of the whole process, ${ROUNDS} rounds`,
  );
  for (const command of [
    '--version',
    'runs',
    'pareto r1',
    'pareto r1 --json',
    'show r3',
    'show r1/17',
    'runs compare r1 r2',
  ]) {
    report(`nas ${command}`, () => run(command.split(' '), folder));
  }
  print('what pages are drawn from, in a process that runs already');
  process.chdir(folder);
  for (const key of ['runs', 'runs/r1', 'runs/r1/decisions', 'runs/r1/trials/17', 'compare/r1,r2']) {
    report(key, () => JSON.stringify(readDocument(parsePageKey(key))));
  }
} finally {
  if (KEPT === undefined) rmSync(folder, { recursive: true });
}
