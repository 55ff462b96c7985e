import { readFileSync } from 'node:fs';
import { createRng } from '../../../dist/base/rng.js';
import { deployedCosts } from '../../../dist/flows/candidate.js';
import { graphCost } from '../../../dist/graph/cost.js';
import { estimateLatency } from '../../../dist/latency/estimate.js';
import { kernelsOfSpace } from '../../../dist/space/kernels.js';
import { buildGraph } from '../../../dist/space/network.js';
import { sampleGenotype } from '../../../dist/space/sample.js';
import { parseSpace } from '../../../dist/space/search-space.js';

/**
 * Candidates a second on one core: sample, decode, cost and latency lookup, as a strategy does before it proposes.
 * The peer lowers every candidate as a whole and looks all its kernels up, as is done for a single network.
 * The latencies of the table are made up; a lookup takes the same time whatever it finds.
 * Build first; then: node test/bench/space/main.mjs [space …]
 */

const names = process.argv.length > 2 ? process.argv.slice(2) : ['mobilenet-v3', 'mobile'];
const ROUNDS = 7;

const print = (line) => process.stdout.write(`${line}\n`);
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Processor seconds that `count` candidates take, the garbage they leave included. */
function cpuSeconds(count, evaluate) {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) evaluate();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

for (const name of names) {
  const file = new URL(`../../../search-spaces/${name}.json`, import.meta.url);
  const space = parseSpace(JSON.parse(readFileSync(file, 'utf8')), name);
  const kernels = new Map(
    kernelsOfSpace(space).map(({ signature }, i) => [signature, { signature, medianMs: 0.01 + 1e-5 * i }]),
  );
  const table = { provenance: { device: 'made up', runtime: 'none' }, kernels };
  const rng = createRng('bench');
  const deployed = deployedCosts(space, table);
  const byParts = () => deployed(sampleGenotype(space.decisions, rng));
  const asWhole = () => {
    const graph = buildGraph(space.decode(sampleGenotype(space.decisions, rng)));
    return { ...estimateLatency(graph, table), ...graphCost(graph) };
  };
  cpuSeconds(20_000, byParts);
  cpuSeconds(200, asWhole);
  const rates = { byParts: [], asWhole: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.byParts.push(20_000 / cpuSeconds(20_000, byParts));
    rates.asWhole.push(200 / cpuSeconds(200, asWhole));
  }
  const ratios = rates.byParts.map((rate, round) => rate / rates.asWhole[round]);
  print(
    `${name.padEnd(14)} ${Math.round(median(rates.byParts))} candidates per CPU-second ` +
      `(${ROUNDS} rounds, ${Math.round(Math.min(...rates.byParts))} to ${Math.round(Math.max(...rates.byParts))}), ` +
      `${median(ratios).toFixed(0)} times lowering each as a whole (${Math.round(median(rates.asWhole))})`,
  );
}
