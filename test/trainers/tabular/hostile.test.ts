import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../../src/base/errors.ts';
import { parseJson, parseWith } from '../../../src/base/parse.ts';
import { INACTIVE } from '../../../src/space/genotype.ts';
import { proxySchema } from '../../../src/space/proxy.ts';
import { RECIPES } from '../../../src/trainers/recipes.ts';
import { parseBenchmark } from '../../../src/trainers/tabular/benchmark.ts';
import { brokenDocument } from '../../fuzz/hostile.ts';

const GOOD = {
  ...{ name: 'tiny', vars: [2, 3], ops: ['a', 'b', 'c'], acc: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] },
  ...{ latency_ms: [1, 2, 3, 4, 5, 6], params_m: [1, 2, 3, 4, 5, 6], flops_m: [1, 2, 3, 4, 5, 6] },
};

describe('a tabular benchmark', () => {
  test('with parts of it broken is read, every network of it with an accuracy, or refused', () => {
    fc.assert(
      fc.property(brokenDocument(GOOD), (broken) => {
        try {
          const benchmark = parseBenchmark(parseJson(JSON.stringify(broken), 'benchmark'), 'benchmark');
          const last = benchmark.decisions.map(({ options }) => options.length - 1);
          for (const genotype of [benchmark.decisions.map(() => 0), last]) {
            expect(genotype).not.toContain(INACTIVE);
            expect(benchmark.accuracies[benchmark.indexOf(genotype)]).toEqual(expect.any(Number));
          }
          for (const values of [benchmark.cost('latency_ms'), benchmark.params ?? [], benchmark.macs ?? []]) {
            expect(values.every(Number.isFinite)).toBe(true);
          }
        } catch (error) {
          if (!(error instanceof NasError)) throw error;
        }
      }),
      { numRuns: 2000, seed: 16 },
    );
  });

  test.each<[string, object, string]>([
    ['variables that multiply', { vars: Array(64).fill(1000) }, 'expected'],
    ['a variable of many operations', { vars: [2 ** 31, 2] }, 'acc has 6 values; expected 4294967296'],
    ['more operations than it names', { vars: [6], ops: ['a', 'b'] }, 'vars[0] is 6; expected at most 2'],
    ['a column of the language', { vars: [6], ops: [...'abcdef'] }, "no column 'constructor'"],
  ])('with %s is refused', (_, change, message) => {
    expect(() => parseBenchmark({ ...GOOD, ...change }, 'benchmark').cost('constructor')).toThrow(message);
  });
});

test('a recipe with parts of it broken is read, with finite numbers, or refused', () => {
  const { recipe } = Object.values(RECIPES)[0]!;
  fc.assert(
    fc.property(brokenDocument(recipe), (broken) => {
      try {
        const text = JSON.stringify(broken);
        const read = parseWith(proxySchema.shape.recipe, parseJson(text, 'recipe'), 'recipe');
        const numbers = Object.values(read).filter((value) => typeof value === 'number');
        expect(numbers.every(Number.isFinite)).toBe(true);
      } catch (error) {
        if (!(error instanceof NasError)) throw error;
      }
    }),
    { numRuns: 2000, seed: 17 },
  );
});
