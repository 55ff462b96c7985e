// A search in the folder it is started in, from its first trial to its last, or on from where the last process ended:
// with the program's own store, trainer and loop, but with a table that nobody had to measure.
// Usage: node run-search.mjs async|batches WORKERS TRIALS
import { writeSync } from 'node:fs';
import { systemClock } from '../../dist/base/clock.js';
import { holdRun } from '../../dist/cli/hold-run.js';
import { prepareDataset } from '../../dist/cli/prepare.js';
import { runConfigSchema } from '../../dist/cli/run-config.js';
import { prepareSearch } from '../../dist/cli/search-setup.js';
import { openTrainers } from '../../dist/cli/search-trainers.js';
import { beginRun, trainTrials } from '../../dist/cli/search-trials.js';
import { readSpace, requireProxy } from '../../dist/cli/space-files.js';
import { deployedCosts } from '../../dist/flows/candidate.js';
import { ladderOf } from '../../dist/flows/ladder.js';
import { kernelsOfSpace } from '../../dist/space/kernels.js';
import { openStore } from '../../dist/store/sqlite.js';

const [, , mode, workers, trials] = process.argv;
const nothing = { line() {}, live() {}, clear() {}, room: () => ({ columns: 80, rows: 24 }) };
const work = {
  progress: nothing,
  signal: new AbortController().signal,
  nowMs: () => systemClock.monotonicMs(),
};

/** A kernel takes so many milliseconds for each character of its name. */
function inventedTable(space, device, perCharacterMs) {
  const sample = { madMs: 0, p10Ms: 0, p90Ms: 1, warmMs: 0, samples: 9, rejected: 0 };
  const provenance = {
    ...{ device, processor: 'none', runtime: 'litert', runtimeVersion: '0', dtype: 'float32' },
    ...{
      threads: 1,
      core: null,
      governor: null,
      operatingSystem: 'none',
      measuredAt: '2026-01-01T00:00:00.000Z',
      nasVersion: '0',
    },
  };
  const kernels = kernelsOfSpace(space).map(({ signature }) => [
    signature,
    { signature, medianMs: perCharacterMs * signature.length, ...sample },
  ]);
  return { provenance, kernels: new Map(kernels), calibration: undefined, sessions: [] };
}

async function begin() {
  const config = runConfigSchema.parse({
    space: 'space.json',
    device: { device: 'local', dtype: 'float32', threads: 1 },
    otherDevices: ['adb:there'],
    targetsMs: [0.6, 0.7],
    reward: { name: 'mnas-hard' },
    latencyLimit: 1.25,
    strategy: 'evolution',
    trials: Number(trials),
    batch: 6,
    ...(mode === 'async' ? { inFlight: 3 } : {}),
    stopEarly: 'halving',
    dataset: 'folder:pictures',
    seed: '1',
  });
  const file = readSpace(config.space);
  const { space } = file;
  const proxy = requireProxy(space);
  const ladder = ladderOf(proxy, space.where);
  const tables = [inventedTable(space, 'here', 0.001), inventedTable(space, 'there', 0.0009)];
  const deployed = tables.map((table) => deployedCosts(space, table));
  const datasets = [];
  for (const { resolution, trainImages } of ladder) {
    const alike = ladder.findIndex((r) => r.resolution === resolution && r.trainImages === trainImages);
    const images = { ...proxy, resolution, trainImages };
    datasets.push(datasets[alike] ?? (await prepareDataset(config.dataset, images, config.seed, work)));
  }
  return { ...file, begun: undefined, config, proxy, ladder, tables, deployed, datasets };
}

const startMs = work.nowMs();
const store = openStore('runs/nas.db');
const prepared =
  store.runs().length === 0 ? await begin() : await prepareSearch({ resume: undefined }, store, work);
const trainers = await openTrainers(prepared, store, Number(workers), work);
/** Says so after everything that is stored. */
const telling = { ...store };
for (const method of ['append', 'appendRung', 'appendTells', 'saveUpdate']) {
  telling[method] = (...args) => {
    store[method](...args);
    writeSync(1, '.');
  };
}
writeSync(1, 'ready\n');
const run = beginRun(prepared, trainers, store);
await holdRun(store, run, { takeOver: false, signal: work.signal }, () =>
  trainTrials(run, prepared, trainers, { store: telling, startMs }, work),
);
await trainers.close();
store.close();
writeSync(1, 'done\n');
