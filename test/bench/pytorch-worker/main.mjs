// Training throughput of the PyTorch worker against a plain PyTorch script, on the same networks:
//   npm run build && node test/bench/pytorch-worker/main.mjs [--json] [--rounds 7] [--only small] [--device cuda:0]
// Images per second for whole epochs, each with its validation, in rounds that take turns, so that whatever else the
// machine does falls on both alike. On a processor: seconds of one thread; on a GPU: seconds of the clock.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRng } from '../../../dist/base/rng.js';
import { graphCost } from '../../../dist/graph/cost.js';
import { createPytorchTrainer } from '../../../dist/trainers/pytorch/pytorch.js';
import { NETWORKS } from '../trainer/networks.mjs';
import { quantile } from '../trainer/quantile.mjs';

const PYTHON = process.env.NAS_BENCH_PYTHON ?? '/usr/bin/python3';
const VALIDATION_IMAGES = 256;
/** Seconds that one round of a trainer should take. */
const ROUND_SECONDS = 2;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
    device: { type: 'string', default: 'cpu' },
    batch: { type: 'string' },
  },
});
const onGpu = options.device !== 'cpu';
const BATCH = Number(options.batch ?? (onGpu ? 256 : 32));
const CLASSES = 10;

const recipe = {
  ...{
    epochs: 1,
    batchSize: BATCH,
    peakLearningRate: 0.01,
    warmupFraction: 0,
    momentum: 0.9,
    weightDecay: 5e-4,
  },
  ...{ labelSmoothing: 0.05, flip: true, shiftPixels: 2 },
};

function randomDataset(size, images) {
  const rng = createRng('images');
  const part = (count) => {
    const pixels = new Uint8Array(new SharedArrayBuffer(count * size * size * 3));
    for (let i = 0; i < pixels.length; i++) pixels[i] = rng.integer(256);
    const labels = new Uint16Array(new SharedArrayBuffer(2 * count));
    for (let i = 0; i < count; i++) labels[i] = rng.integer(CLASSES);
    return { count, height: size, width: size, channels: 3, pixels, labels };
  };
  return {
    name: 'noise',
    digest: `noise ${size} ${images}`,
    classes: Array.from({ length: CLASSES }, (_, index) => `${index}`),
    train: part(images),
    validation: part(VALIDATION_IMAGES),
    mean: [128, 128, 128],
    standardDeviation: [64, 64, 64],
  };
}

/** Both sides answer alike: prepare a network with so many images, then give the seconds of an epoch. */
function workerTrainer(folder) {
  let trainer;
  let graph;
  return {
    name: 'worker',
    async prepare(wanted, images) {
      await trainer?.close();
      graph = wanted;
      trainer = await createPytorchTrainer({
        dataset: randomDataset(graph.nodes[0].shape[0], images),
        python: PYTHON,
        devices: [options.device],
        workersPerDevice: 1,
        datasetsFolder: folder,
        weightsFolder: folder,
      });
    },
    async epochSeconds() {
      if (!onGpu) return (await trainer.train({ graph, genotype: [], recipe, seed: 'bench' })).cpuSeconds;
      // From the report of the first epoch to that of the second: without what only the first has to do.
      const reports = [];
      const onEpoch = () => reports.push(performance.now());
      await trainer.train({ graph, genotype: [], recipe: { ...recipe, epochs: 2 }, seed: 'bench', onEpoch });
      return (reports[1] - reports[0]) / 1000;
    },
    close: () => trainer?.close(),
  };
}

async function plainScript() {
  const script = fileURLToPath(new URL('./plain_training.py', import.meta.url));
  // Where torch_network.py is.
  const PYTHONPATH = fileURLToPath(new URL('../trainer', import.meta.url));
  const env = { ...process.env, PYTHONPATH };
  const child = spawn(PYTHON, ['-B', script, options.device], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${PYTHON} ${script} ended`);
    return JSON.parse(value);
  };
  const ask = (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return answer();
  };
  const { version } = await answer();
  return {
    name: 'plain script',
    version,
    prepare: (graph, images) => ask({ graph, recipe, images, validationImages: VALIDATION_IMAGES }),
    async epochSeconds() {
      const { seconds, processorSeconds } = await ask({});
      return onGpu ? seconds : processorSeconds;
    },
    close: () => child.stdin.end(),
  };
}

/** Images per second of each trainer, a number a round. */
async function measure(graph, trainers, rounds) {
  const [, plain] = trainers;
  await plain.prepare(graph, 16 * BATCH);
  await plain.epochSeconds();
  const perImage = (await plain.epochSeconds()) / (16 * BATCH);
  const images = BATCH * Math.max(8, Math.round(ROUND_SECONDS / perImage / BATCH));
  for (const trainer of trainers) {
    await trainer.prepare(graph, images);
    await trainer.epochSeconds();
  }
  const rates = trainers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, trainer] of trainers.entries()) {
      rates[index].push(images / (await trainer.epochSeconds()));
    }
  }
  return rates;
}

const folder = mkdtempSync(join(tmpdir(), 'nas-bench-'));
const plain = await plainScript();
const trainers = [workerTrainer(folder), plain];
const results = [];
try {
  for (const [network, graph] of Object.entries(NETWORKS)) {
    if (options.only !== undefined && options.only !== network) continue;
    const [ours, theirs] = await measure(graph, trainers, Number(options.rounds));
    const ratios = ours.map((rate, round) => rate / theirs[round]);
    results.push({
      network,
      macs: graphCost(graph).macs,
      worker: quantile(ours, 0.5),
      plain: quantile(theirs, 0.5),
      ratio: quantile(ratios, 0.5),
      ratioQuartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    });
  }
} finally {
  for (const trainer of trainers) await trainer.close();
  rmSync(folder, { recursive: true, force: true });
}

const what = { device: options.device, batch: BATCH, torch: plain.version };
if (options.json) {
  process.stdout.write(`${JSON.stringify({ ...what, results })}\n`);
} else {
  const unit = onGpu ? 'second' : 'processor second';
  process.stdout.write(
    `images per ${unit} of PyTorch ${what.torch} on ${what.device}, batch ${BATCH}: its worker, a plain script\n`,
  );
  process.stdout.write('network     M MACs     worker      plain   ratio   (quartiles)\n');
  for (const { network, macs, worker, plain: script, ratio, ratioQuartiles } of results) {
    const [low, high] = ratioQuartiles;
    const columns = [
      network.padEnd(10),
      (macs / 1e6).toFixed(2).padStart(7),
      worker.toFixed(0).padStart(10),
      script.toFixed(0).padStart(10),
      ratio.toFixed(2).padStart(7),
      `  (${low.toFixed(2)} to ${high.toFixed(2)})`,
    ];
    process.stdout.write(`${columns.join(' ')}\n`);
  }
}
