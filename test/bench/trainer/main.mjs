// Training throughput of the embedded trainer against PyTorch, on one thread each, on the same networks:
//   npm run build && node test/bench/trainer/main.mjs [--json] [--rounds 7] [--only small] [--without-torch]
// Images per second of processor time for forward, backward and update at batch 32, in interleaved rounds, so
// that whatever else the machine does falls on both alike.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRng } from '../../../dist/base/rng.js';
import { graphCost } from '../../../dist/graph/cost.js';
import { softmaxCrossEntropy } from '../../../dist/trainers/embedded/loss.js';
import { createNetwork } from '../../../dist/trainers/embedded/network.js';
import { createRuntime } from '../../../dist/trainers/embedded/runtime.js';
import { threadCpuSeconds } from '../../../dist/trainers/embedded/thread-cpu-time.js';
import { NETWORKS } from './networks.mjs';
import { quantile } from './quantile.mjs';

const BATCH = 32;
const WARM_UP_STEPS = 10;
/** Seconds of processor time that one measurement should take. */
const ROUND_SECONDS = 0.5;
const PYTHON = process.env.NAS_BENCH_PYTHON ?? '/usr/bin/python3';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
    'without-torch': { type: 'boolean', default: false },
  },
});

/** Both sides answer alike: prepare a network, then give the seconds of so many steps. */
function embeddedTrainer() {
  const runtime = createRuntime();
  let step;
  return {
    name: `embedded (WebAssembly, Node ${process.versions.node})`,
    async prepare(graph) {
      const network = createNetwork(runtime, graph, { batchSize: BATCH, rng: createRng('bench') });
      const { input, output } = network;
      const rng = createRng('images');
      const images = runtime.floats(input.value, input.floats);
      for (let i = 0; i < input.floats; i++) if (i % input.stride < input.channels) images[i] = rng.normal();
      const labels = Array.from({ length: BATCH }, (_, image) => image % output.channels);
      const logits = runtime.floats(output.value, output.floats);
      const gradient = runtime.floats(network.outputGradient, output.floats);
      step = () => {
        network.forward({ training: true, statisticsMomentum: 0.1 });
        softmaxCrossEntropy(logits, output, labels, 0.05, gradient);
        network.backward();
        network.update({ learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 });
      };
    },
    async seconds(steps) {
      const start = threadCpuSeconds();
      for (let i = 0; i < steps; i++) step();
      return threadCpuSeconds() - start;
    },
    close() {},
  };
}

/** torch_peer.py behind lines of JSON; undefined where it does not start. */
async function torchTrainer() {
  const script = fileURLToPath(new URL('./torch_peer.py', import.meta.url));
  const child = spawn(PYTHON, ['-B', script, String(BATCH)], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(complaint.trim().split('\n').at(-1) || 'it ended without a word');
    return JSON.parse(value);
  };
  const ask = (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return answer();
  };
  child.on('error', (error) => {
    complaint = error.message;
  });
  try {
    const { version } = await answer();
    return {
      name: `PyTorch ${version}`,
      prepare: (graph) => ask({ graph }),
      seconds: async (steps) => (await ask({ steps })).seconds,
      close: () => child.stdin.end(),
    };
  } catch (error) {
    process.stderr.write(`PyTorch is left out: ${PYTHON}: ${error.message}\n`);
    return undefined;
  }
}

/** Images per processor second of each trainer, a number a round. */
async function measure(graph, trainers) {
  const steps = [];
  for (const trainer of trainers) {
    await trainer.prepare(graph);
    await trainer.seconds(WARM_UP_STEPS);
    const perStep = (await trainer.seconds(WARM_UP_STEPS)) / WARM_UP_STEPS;
    steps.push(Math.max(5, Math.round(ROUND_SECONDS / perStep)));
  }
  const rates = trainers.map(() => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [index, trainer] of trainers.entries()) {
      rates[index].push((BATCH * steps[index]) / (await trainer.seconds(steps[index])));
    }
  }
  return rates;
}

const torch = options['without-torch'] ? undefined : await torchTrainer();
const trainers = [embeddedTrainer(), ...(torch ? [torch] : [])];
const results = [];
for (const [name, graph] of Object.entries(NETWORKS)) {
  if (options.only !== undefined && options.only !== name) continue;
  const [ours, theirs] = await measure(graph, trainers);
  const ratios = theirs?.map((rate, round) => ours[round] / rate);
  results.push({
    network: name,
    macs: graphCost(graph).macs,
    embedded: quantile(ours, 0.5),
    torch: theirs && quantile(theirs, 0.5),
    ratio: ratios && quantile(ratios, 0.5),
    ratioQuartiles: ratios && [quantile(ratios, 0.25), quantile(ratios, 0.75)],
  });
}
for (const trainer of trainers) trainer.close();

if (options.json) {
  process.stdout.write(
    `${JSON.stringify({ batch: BATCH, trainers: trainers.map((t) => t.name), results })}\n`,
  );
} else {
  process.stdout.write(
    `images per processor second, one thread, batch ${BATCH}: ${trainers.map((t) => t.name).join('; ')}\n`,
  );
  process.stdout.write('network     M MACs   embedded    PyTorch   ratio   (quartiles)\n');
  for (const { network, macs, embedded, torch: peer, ratio, ratioQuartiles } of results) {
    const columns = [
      network.padEnd(10),
      (macs / 1e6).toFixed(2).padStart(7),
      embedded.toFixed(0).padStart(10),
    ];
    if (peer !== undefined) {
      const [low, high] = ratioQuartiles;
      columns.push(
        peer.toFixed(0).padStart(10),
        ratio.toFixed(2).padStart(7),
        `  (${low.toFixed(2)} to ${high.toFixed(2)})`,
      );
    }
    process.stdout.write(`${columns.join(' ')}\n`);
  }
}
