import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { type BenchSpace, optimumOf, percentile, playBench } from '../../src/flows/bench.ts';
import { summarizeBench } from '../../src/flows/bench-summary.ts';
import { meanInterval95 } from '../../src/numeric/bootstrap.ts';
import { createReward } from '../../src/objective/reward.ts';
import { STRATEGIES } from '../../src/strategies/index.ts';
import { parseBenchmark } from '../../src/trainers/tabular/benchmark.ts';

const FOLDER = new URL('../../../shared/data/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));

describe('on NAS-Bench-Macro', () => {
  test.beforeEach((context) => {
    if (!existsSync(new URL('nas-bench-macro.json', FOLDER)))
      context.skip('no ../shared/data beside the checkout');
  });

  test('targets, optima, reference point and hypervolume are those that others worked out', () => {
    const benchmark = parseBenchmark(read('nas-bench-macro.json'), 'nas-bench-macro.json');
    const known = read('nas-bench-macro-optima.json');
    for (const column of ['flops_m', 'params_m']) {
      const { TAR, optima, hv, ref_acc, ref_lat } = known[`macro_c10:${column}`];
      const costs = benchmark.cost(column);
      for (const [i, quartile] of [25, 50, 75].entries()) {
        expect(percentile(costs, quartile)).toBeCloseTo(TAR[i], 9);
        const optimum = optimumOf({ ...benchmark, costs }, createReward({ name: 'mnas-hard' }, TAR[i]));
        expect(optimum.reward).toBeCloseTo(optima[`p${quartile}|hard`].reward, 9);
        expect(optimum.reference.accuracy).toBeCloseTo(ref_acc, 9);
        expect(optimum.reference.latencyMs).toBeCloseTo(ref_lat, 9);
        expect(optimum.hypervolume).toBeCloseTo(hv, 6);
      }
    }
  });

  test('guided is well ahead of random sampling after 50 trials, in reward and in hypervolume', () => {
    const benchmark = parseBenchmark(read('nas-bench-macro.json'), 'nas-bench-macro.json');
    const costs = benchmark.cost('flops_m');
    const space = { ...benchmark, costs };
    for (const name of ['mnas', 'mnas-hard'] as const) {
      const reward = createReward({ name }, percentile(costs, 50));
      const optimum = optimumOf(space, reward);
      const play = (strategy: keyof typeof STRATEGIES, seed: number) =>
        playBench(space, STRATEGIES[strategy], { reward, budgets: [50], batch: 1 }, optimum, `${seed}`);
      for (const seed of [1, 2, 3]) {
        const [guided, random] = [play('guided', seed), play('random', seed)];
        expect(guided.regretPercent[0]).toBeLessThan(0.25);
        expect(guided.regretPercent[0]).toBeLessThanOrEqual(random.regretPercent[0]!);
        expect(guided.hypervolumeRatio[0]).toBeGreaterThan(random.hypervolumeRatio[0]!);
      }
    }
  });
});

const small = parseBenchmark(
  {
    name: 'small',
    vars: [2, 2],
    ops: ['a', 'b'],
    acc: [0.5, 0.6, 0.8, 0.7],
    ms: [1, 2, 4, 3],
    flops_m: [1, 2, 3, 4],
  },
  'small.json',
);
const smallSpace: BenchSpace = { ...small, costs: small.cost('ms') };

describe('a search of a table', () => {
  test('ends with the optimum and the whole front when all was tried, even if asked for more', () => {
    const reward = createReward({ name: 'mnas-hard' }, 3);
    const optimum = optimumOf(smallSpace, reward);
    expect(optimum.reward).toBe(0.7);
    const plan = { reward, budgets: [1, 4, 9], batch: 2 };
    for (const strategy of Object.values(STRATEGIES)) {
      const { regretPercent, hypervolumeRatio } = playBench(smallSpace, strategy, plan, optimum, '1');
      expect(regretPercent.slice(1)).toEqual([0, 0]);
      expect(hypervolumeRatio.slice(1)).toEqual([1, 1]);
      expect(regretPercent[0]).toBeGreaterThanOrEqual(0);
    }
  });

  test('costs are known by the column, params and MACs by theirs', () => {
    expect(small.macs).toEqual([1e6, 2e6, 3e6, 4e6]);
    expect(small.params).toBeUndefined();
  });

  test('summaries are means by budget with intervals about them', () => {
    const results = [0, 1, 2, 3].map((value) => ({
      regretPercent: [value, 0],
      hypervolumeRatio: [0.5, value / 4],
    }));
    const summary = summarizeBench('some', [10, 20], results, 0.1, createRng('1'));
    expect(summary.regretPercent).toEqual({ 10: 1.5, 20: 0 });
    expect(summary.hypervolumeRatio).toEqual({ 10: 0.5, 20: 0.375 });
    const [low, high] = summary.regretPercentInterval95['10'] ?? [];
    expect(low).toBeLessThan(1.5);
    expect(high).toBeGreaterThan(1.5);
    expect(summary.regretPercentInterval95['20']).toEqual([0, 0]);
  });

  test('the interval of a mean is about two standard errors wide on either side', () => {
    const rng = createRng('interval');
    const values = Array.from({ length: 400 }, () => rng.normal());
    const [low, high] = meanInterval95(values, rng);
    expect((high - low) / 2).toBeGreaterThan(1.7 / 20);
    expect((high - low) / 2).toBeLessThan(2.2 / 20);
  });

  test.each([
    [[1, 2, 3, 4], 50, 2.5],
    [[4, 1, 3, 2], 100, 4],
    [[7], 25, 7],
    [[0, 10], 99, 9.9],
  ])('percentile of %j at %i is %f', (values, percent, expected) => {
    expect(percentile(values, percent)).toBeCloseTo(expected, 12);
  });
});
