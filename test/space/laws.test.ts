import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { createRng } from '../../src/base/rng.ts';
import { type Cost, graphCost, nodeCost } from '../../src/graph/cost.ts';
import { fuse, printOp } from '../../src/graph/fusion.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { checkGenotype } from '../../src/space/check-genotype.ts';
import { isActive } from '../../src/space/decision.ts';
import { encode } from '../../src/space/encode.ts';
import { mutate } from '../../src/space/mutate.ts';
import { buildGraph } from '../../src/space/network.ts';
import { costOfParts, createPartBuilder } from '../../src/space/parts.ts';
import { proxyBuildOptions } from '../../src/space/proxy.ts';
import { sampleGenotype } from '../../src/space/sample.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { NETWORKS, SPACES } from './shipped.ts';

/** Seeds of random genotypes: fast-check shrinks nothing here, but prints the seed that breaks a law. */
const seeds = fc.string({ minLength: 1, maxLength: 8 });

const holds = <Values extends [unknown, ...unknown[]]>(
  runs: number,
  arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  law: (...values: Values) => void,
): void => fc.assert(fc.property(...arbitraries, law), { numRuns: runs, seed: 1 });

/** All that a graph computes, without the names. */
const opsOf = (graph: Graph): readonly string[] =>
  graph.nodes.map(({ op, inputs }) => `${printOp(op)} of ${inputs}`);

describe.each(SPACES.map((space) => [space.name, space] as const))('space %s', (name, space) => {
  const { decisions } = space;
  const sample = (seed: string) => sampleGenotype(decisions, createRng(seed));
  const { parts } = createPartBuilder(space);

  test('every genotype decodes, builds, costs and fuses, and its parts add up to it', () => {
    holds(40, [seeds], (seed) => {
      const genotype = sample(seed);
      checkGenotype(decisions, genotype, name);
      const graph = buildGraph(space.decode(genotype));
      const network = parts(genotype);
      expect(costOfParts(network)).toEqual(graphCost(graph));
      expect(network.flatMap(({ kernels }) => kernels.map(({ kernel }) => kernel.signature))).toEqual(
        fuse(graph).map(({ kernel }) => kernel.signature),
      );
      expect(graph.nodes.at(-1)?.shape).toEqual([1, 1, space.head.decode(genotype).classes]);
    });
  });

  test('every genotype has a proxy for ten classes', () => {
    holds(20, [seeds], (seed) => {
      const graph = buildGraph(space.decode(sample(seed)), {
        ...proxyBuildOptions(space.proxy!),
        classes: 10,
      });
      expect(graph.nodes[graph.output]?.shape).toEqual([1, 1, 10]);
    });
  });

  test('a decoded network, printed and parsed, is the same network', () => {
    holds(20, [seeds], (seed) => {
      const architecture = space.decode(sample(seed));
      expect(parseSpace(JSON.parse(JSON.stringify(architecture)), name).decode([])).toEqual(architecture);
    });
  });

  test('encoding a network finds a genotype of the same network', () => {
    holds(5, [seeds], (seed) => {
      const graph = buildGraph(space.decode(sample(seed)));
      const found = encode(space, graph);
      expect(found).toBeDefined();
      expect(opsOf(buildGraph(space.decode(found!)))).toEqual(opsOf(graph));
    });
  });

  test('a mutation changes exactly one active decision, to a neighbour where it is ordinal', () => {
    holds(100, [seeds], (seed) => {
      const genotype = sample(seed);
      const mutant = mutate(decisions, genotype, createRng(`${seed}/mutation`));
      checkGenotype(decisions, mutant, name);
      const changed = decisions.flatMap((decision, index) =>
        isActive(decision, genotype) && isActive(decision, mutant) && genotype[index] !== mutant[index]
          ? [index]
          : [],
      );
      expect(changed).toHaveLength(1);
      const [index = -1] = changed;
      if (decisions[index]?.ordinal) expect(Math.abs(mutant[index]! - genotype[index]!)).toBe(1);
    });
  });

  test('MACs never fall with the width or the resolution multiplier', () => {
    const { divisor } = proxyBuildOptions(space.proxy!);
    const widths = fc.double({ min: 0.1, max: 2, noNaN: true });
    const resolutions = fc.integer({ min: 32, max: 320 });
    holds(20, [seeds, widths, widths, resolutions, resolutions], (seed, a, b, c, d) => {
      const architecture = space.decode(sample(seed));
      const macs = (width: number, resolution: number): number =>
        graphCost(buildGraph(architecture, { width, resolution, divisor })).macs;
      const [narrow, wide] = a < b ? [a, b] : [b, a];
      const [small, large] = c < d ? [c, d] : [d, c];
      expect(macs(narrow, small)).toBeLessThanOrEqual(macs(wide, small));
      expect(macs(wide, small)).toBeLessThanOrEqual(macs(wide, large));
    });
  });
});

describe.each([...NETWORKS])('network %s', (_, architecture) => {
  test('its kernels have its MACs and parameters between them', () => {
    const graph = buildGraph(architecture);
    const sum = { macs: 0, params: 0 };
    for (const { nodes } of fuse(graph)) {
      for (const id of nodes) {
        const cost: Cost = nodeCost(graph, graph.nodes[id]!);
        sum.macs += cost.macs;
        sum.params += cost.params;
      }
    }
    expect(sum).toEqual(graphCost(graph));
  });
});

describe('documents that nobody meant', () => {
  const stage = (block: unknown) => ({
    ...{ name: 'x', family: '', paper: '', resolution: 8, classes: 2 },
    stages: [block],
  });
  test.each([
    ['any JSON', (value: unknown) => value],
    ['any stage', stage],
    ['any block', (value: unknown) => stage({ block: value })],
    ['any choice', (value: unknown) => stage({ block: { choose: value } })],
    [
      'any tag',
      (value: unknown) => stage({ block: { choose: [1, 2], tag: value }, repeat: { choose: value } }),
    ],
    ['independent layers', (value: unknown) => stage({ block: {}, independent: true, repeat: value })],
  ])('%s is read or refused, never more', (_, wrap) => {
    holds(200, [fc.jsonValue()], (value) => {
      try {
        parseSpace(wrap(value), 'x.json');
      } catch (error) {
        expect(error).toBeInstanceOf(NasError);
      }
    });
  });
});
