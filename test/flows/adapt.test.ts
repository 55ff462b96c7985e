import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import {
  type Adaptation,
  type AdaptationJournal,
  type AdaptEvent,
  type AdaptParts,
  adapt,
  type StepPlan,
  trainedGraph,
} from '../../src/flows/adapt.ts';
import type { ProposalResult } from '../../src/flows/adapt-proposals.ts';
import { keptChannels, sliceGraph } from '../../src/graph/channel-slice.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';
import { deriveWidths, graphOfWidths } from '../../src/space/widths/width-space.ts';
import type { Trainer, TrainRequest } from '../../src/trainers/trainer.ts';
import { TOY_RECIPE } from '../trainers/toy-recipe.ts';

/** With two widths: the stem's, which a sum shares, and an expansion's. */
function network(stem: number, expanded: number, classes: number): Graph {
  const b = new GraphBuilder();
  const first = b.convolutionUnit(b.input([8, 8, 3]), stem, 'relu', { kernel: 3 });
  const wide = b.within('expand', () => b.convolutionUnit(first, expanded, 'relu'));
  const deep = b.convolutionUnit(wide, expanded, 'relu', { kernel: 3, groups: expanded });
  const sum = b.add({ kind: 'add' }, [first, b.convolution(deep, stem)]);
  return b.build(b.linear(b.globalAveragePool(sum), classes));
}

const deployed = deriveWidths(network(32, 96, 100));
const trained = deriveWidths(network(16, 48, 4));
const isWhole = ({ nodes }: Graph, name: string): boolean =>
  nodes.find((node) => node.name === name)?.shape[2] ===
  trained.graph.nodes.find((node) => node.name === name)?.shape[2];
const signal = new AbortController().signal;
/** A microsecond for a thousand multiply-accumulates. */
const latencyOf = (graph: Graph): number => graphCost(graph).macs * 1e-6;
const settings = { targetMs: 0, step: 0.1, decay: 0.96, rule: 'mobilenet-v3', divisor: 8 } as const;

function memoryJournal() {
  const plans = new Map<number, StepPlan>();
  const results = new Map<number, Map<number, ProposalResult>>();
  const journal: AdaptationJournal = {
    plan: (step) => plans.get(step),
    savePlan: (step, plan) => void plans.set(step, plan),
    results: (step) => results.get(step) ?? new Map(),
    saveResult(step, place, result) {
      results.set(step, new Map([...(results.get(step) ?? []), [place, result]]));
    },
    saveChoice: () => {},
  };
  return { journal, plans, results };
}

/** The parts of an adaptation around a trainer that answers as told; test/cli/adapt.test.ts has the real ones. */
function partsOf(answer: (request: TrainRequest) => number, parallelism = 1) {
  const asked: TrainRequest[] = [];
  const files = new Set<string>();
  let atOnce = 0;
  let most = 0;
  let made = 0;
  const trainer: Trainer = {
    name: 'scripted',
    implementation: 'scripted',
    digest: 'scripted',
    parallelism,
    async train(request) {
      if (request.recipe.epochs === 0) return { accuracy: 0.9, epochs: [], cpuSeconds: 0 };
      asked.push(request);
      most = Math.max(most, ++atOnce);
      // Later ones end earlier.
      for (let turn = 0; turn < 20 / asked.length; turn++) await Promise.resolve();
      atOnce--;
      const weights = `tuned ${asked.length}`;
      files.add(weights);
      return { accuracy: answer(request), epochs: [], cpuSeconds: 1, weights };
    },
    close: async () => {},
  };
  const parts: Omit<AdaptParts, 'journal'> = {
    ...{ deployed, trained, trainer, recipe: TOY_RECIPE, seed: 'a' },
    estimate: async (graphs) => graphs.map((graph) => ({ latencyMs: latencyOf(graph), interpolated: 0 })),
    inherit({ space: { graph, groups }, kept, widths }) {
      const staying = kept.map((bundles, i) => bundles.slice(0, widths[i]));
      const weights = `inherited ${++made}`;
      files.add(weights);
      return { kept: staying, graph: sliceGraph(graph, keptChannels(graph, groups, staying)), weights };
    },
    discard(paths) {
      for (const path of paths) files.delete(path);
    },
  };
  return { parts, asked, files, most: () => most };
}

async function run(targetMs: number, parts: AdaptParts) {
  const events: AdaptEvent[] = [];
  const running = adapt({ weights: 'start' }, { ...settings, targetMs }, parts, signal);
  let next = await running.next();
  for (; next.done !== true; next = await running.next()) events.push(next.value);
  const adaptation: Adaptation = next.value;
  return { events, adaptation };
}

const startMs = latencyOf(deployed.graph);

describe('an adaptation', () => {
  test('ends at the target; what is trained has the same parts as what is deployed; losers leave no files', async () => {
    const { parts, asked, files } = partsOf(() => 0.8);
    const { adaptation, events } = await run(0.5 * startMs, { ...parts, journal: memoryJournal().journal });
    const { network, met } = adaptation;
    expect(met).toBe(true);
    expect(network.latencyMs).toBeLessThanOrEqual(0.5 * startMs);
    expect(network.latencyMs).toBe(latencyOf(graphOfWidths(deployed, network.widths)));
    const small = trainedGraph(parts, network);
    expect(network.kept.map(({ length }) => length)).toEqual(network.widths.map((width) => width / 2));
    expect(asked.at(-1)?.initialWeights).toMatch(/^inherited/);
    expect(small.nodes.map(({ name }) => name)).toEqual(trained.graph.nodes.map(({ name }) => name));
    const chosen = events.filter(({ kind }) => kind === 'chosen');
    expect(files.size).toBe(chosen.length);
    expect(files).toContain(network.weights);
  });

  test('tells the same whatever ends first, as many at once as the trainer takes', async () => {
    const accuracyOf = ({ graph }: TrainRequest): number => 0.5 + (graphCost(graph).params % 89) / 1000;
    const [one, two] = [partsOf(accuracyOf), partsOf(accuracyOf, 2)];
    const alone = await run(0.6 * startMs, { ...one.parts, journal: memoryJournal().journal });
    const together = await run(0.6 * startMs, { ...two.parts, journal: memoryJournal().journal });
    const { weights: _, ...network } = alone.adaptation.network;
    expect(together.adaptation.network).toMatchObject(network);
    expect([one.most(), two.most()]).toEqual([1, 2]);
  });

  test('goes on behind the last result that its journal has', async () => {
    const first = partsOf(() => 0.8);
    const { journal, results } = memoryJournal();
    const whole = await run(0.5 * startMs, { ...first.parts, journal });
    results.get(1)?.delete(0);
    for (const step of [...results.keys()].filter((step) => step > 1)) results.delete(step);
    const second = partsOf(() => 0.8);
    const again = await run(0.5 * startMs, { ...second.parts, journal });
    const { weights: _, ...network } = whole.adaptation.network;
    expect(again.adaptation.network).toMatchObject(network);
    expect(second.asked.length).toBeLessThan(first.asked.length);
    expect(second.asked[0]?.seed).toBe('a/step 1');
  });

  test('passes over a proposal whose training fails, and stops where all do', async () => {
    const failing = ({ graph }: TrainRequest): number => {
      if (isWhole(graph, 'convolution')) return 0.8;
      throw new NasError('scripted', { found: 'it diverged' });
    };
    const { journal, results } = memoryJournal();
    const { parts } = partsOf(failing);
    const { adaptation } = await run(0.8 * startMs, { ...parts, journal });
    const [stem = 0, expansion = 0] = adaptation.network.widths;
    expect(stem).toBe(32);
    expect(expansion).toBeLessThan(96);
    expect(results.get(0)?.get(0)).toEqual({ error: 'scripted: it diverged' });

    const lost = partsOf(() => {
      throw new NasError('scripted', { found: 'it diverged' });
    });
    const all = run(0.8 * startMs, { ...lost.parts, journal: memoryJournal().journal });
    await expect(all).rejects.toThrow('the first: scripted: it diverged');
  });

  test('misses a target that nothing left to cut can reach', async () => {
    const { parts } = partsOf(() => 0.8);
    const { adaptation } = await run(1e-9, { ...parts, journal: memoryJournal().journal });
    expect(adaptation.met).toBe(false);
    expect(adaptation.network.latencyMs).toBeLessThan(0.2 * startMs);
  });

  test('says what to do where nothing is known of the network itself', async () => {
    const { parts } = partsOf(() => 0.8);
    const unknown = { ...parts, estimate: async () => [undefined], journal: memoryJournal().journal };
    await expect(run(1, unknown)).rejects.toThrow('the table lacks kernels of the network');
  });
});
