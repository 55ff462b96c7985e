import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readSpace } from '../../../src/cli/space-files.ts';
import { parseBenchmark } from '../../../src/trainers/tabular/benchmark.ts';

const FILE = new URL('../../../search-spaces/benchmarks/five-blocks.json', import.meta.url);
const source: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
const { acc_seeds, provenance } = z
  .object({
    acc_seeds: z.array(z.array(z.number())),
    provenance: z.object({ spaceDigest: z.string(), trainer: z.string(), dataset: z.string() }),
  })
  .parse(source);

describe('the benchmark that comes with the program', () => {
  const { space } = readSpace('five-blocks');
  const benchmark = parseBenchmark(source, 'five-blocks.json');

  test('is of the space as it is today', () => {
    expect(provenance).toEqual({ spaceDigest: space.digest, trainer: 'embedded', dataset: 'cifar10' });
    expect(benchmark.decisions.map(({ options }) => options.length)).toEqual(
      space.decisions.map(({ options }) => options.length),
    );
  });

  test('has every network three times, better than chance, at latencies that differ', () => {
    expect(benchmark.accuracies).toHaveLength(243);
    expect(acc_seeds).toHaveLength(3);
    for (const [i, accuracy] of benchmark.accuracies.entries()) {
      const each = acc_seeds.map((seed) => seed[i] ?? Number.NaN);
      expect(each.every((value) => value > 0.15)).toBe(true);
      expect(accuracy).toBeCloseTo((each[0]! + each[1]! + each[2]!) / 3, 5);
    }
    const latenciesMs = benchmark.cost('latency_ms');
    expect(Math.max(...latenciesMs)).toBeGreaterThan(5 * Math.min(...latenciesMs));
  });
});
