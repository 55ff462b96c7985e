import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { rewardOf, type SearchParts, search } from '../../../src/flows/search.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { hypervolume, paretoFront } from '../../../src/objective/pareto.ts';
import { createReward } from '../../../src/objective/reward.ts';
import type { Genotype } from '../../../src/space/genotype.ts';
import { STRATEGIES } from '../../../src/strategies/index.ts';
import { parseBenchmark } from '../../../src/trainers/tabular/benchmark.ts';
import { createTabularTrainer } from '../../../src/trainers/tabular/tabular.ts';
import { memoryLog } from '../../flows/toy-search.ts';

const FOLDER = new URL('../../../../shared/data/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const missing = existsSync(new URL('nas-bench-macro.json', FOLDER))
  ? undefined
  : 'no ../shared/data beside the checkout';

const builder = new GraphBuilder();
const graph = builder.build(builder.input([1, 1, 1]));
const recipe = {
  ...{ epochs: 1, batchSize: 1, peakLearningRate: 1, warmupFraction: 0, momentum: 0, weightDecay: 0 },
  ...{ labelSmoothing: 0, flip: false, shiftPixels: 0 },
};

describe('NAS-Bench-Macro', () => {
  test.beforeEach((context) => {
    if (missing !== undefined) context.skip(missing);
  });

  test('rewards have the optima, and fronts the hypervolume, that others computed', () => {
    const benchmark = parseBenchmark(read('nas-bench-macro.json'), 'nas-bench-macro.json');
    const known = read('nas-bench-macro-optima.json');
    for (const column of ['flops_m', 'params_m']) {
      const { TAR, optima, pareto, hv, ref_acc, ref_lat } = known[`macro_c10:${column}`];
      const cost = benchmark.cost(column);
      const points = benchmark.accuracies.map((accuracy, index) => ({
        accuracy,
        latencyMs: cost[index]!,
        index,
      }));
      for (const [quartile, targetMs] of TAR.entries()) {
        for (const [name, config] of [
          ['-0.07', { name: 'mnas' }],
          ['-0.15', { name: 'mnas', alpha: -0.15, beta: -0.15 }],
          ['hard', { name: 'mnas-hard' }],
        ] as const) {
          const reward = createReward(config, targetMs);
          const best = Math.max(...points.map(({ accuracy, latencyMs }) => reward(accuracy, latencyMs)));
          expect(best).toBeCloseTo(optima[`p${25 * (quartile + 1)}|${name}`].reward, 6);
        }
      }
      const front = paretoFront(points);
      expect(front.map(({ accuracy, latencyMs }) => [accuracy.toFixed(5), latencyMs.toFixed(4)])).toEqual(
        pareto.map(([, accuracy, latency]: number[]) => [accuracy!.toFixed(5), latency!.toFixed(4)]),
      );
      expect(hypervolume(points, { accuracy: ref_acc, latencyMs: ref_lat })).toBeCloseTo(hv, 6);
    }
  });

  test('a search with each strategy comes close to the optimum in 300 of 6,561 networks', async () => {
    const benchmark = parseBenchmark(read('nas-bench-macro.json'), 'nas-bench-macro.json');
    const { TAR, optima } = read('nas-bench-macro-optima.json')['macro_c10:flops_m'];
    const cost = benchmark.cost('flops_m');
    const reward = createReward({ name: 'mnas-hard' }, TAR[1]);
    for (const strategy of ['ppo', 'random'] as const) {
      const log = memoryLog();
      const costOf = (genotype: Genotype): number => cost[benchmark.indexOf(genotype)] ?? Number.NaN;
      const goal = {
        device: 0,
        targetMs: TAR[1],
        reward,
        strategy: STRATEGIES[strategy]({
          decisions: benchmark.decisions,
          rng: createRng('macro'),
          admits: (genotype) => costOf(genotype) <= 1.25 * TAR[1],
          costs: (genotype) => ({ latencyMs: costOf(genotype), params: 0, macs: 0 }),
          reward,
          seeds: [],
        }),
      };
      const parts: SearchParts = {
        goals: [goal],
        candidate: (genotype) => ({
          genotype,
          architecture: genotype.join(),
          latencyMs: costOf(genotype),
          params: 0,
          macs: 0,
          rungs: [{ training: { graph, genotype, recipe }, work: 0, continues: 'nothing' }],
        }),
        trainers: [createTabularTrainer(benchmark)],
        log,
        timestamp: () => 'now',
      };
      let best = 0;
      const plan = { trials: 300, batch: 10, seed: '1' };
      for await (const event of search(plan, parts, new AbortController().signal)) {
        if (event.kind === 'finished') best = Math.max(best, rewardOf(event.trial, reward) ?? 0);
      }
      expect(log.content.trials).toHaveLength(300);
      expect(1 - best / optima['p50|hard'].reward, strategy).toBeLessThan(0.005);
    }
  });
});

describe('a tabular benchmark', () => {
  const small = {
    name: 'small',
    vars: [2, 3],
    ops: ['a', 'b', 'c'],
    acc: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    ms: [1, 2, 3, 4, 5, 6],
  };

  test('is indexed in mixed radix, first variable most significant', async () => {
    const benchmark = parseBenchmark(small, 'small.json');
    const trainer = createTabularTrainer(benchmark);
    const { accuracy } = await trainer.train({ graph, genotype: [1, 0], recipe, seed: '' });
    expect(accuracy).toBe(0.4);
    expect(benchmark.cost('ms')[benchmark.indexOf([1, 2])]).toBe(6);
    await expect(trainer.train({ graph, genotype: [2, 0], recipe, seed: '' })).rejects.toThrow(
      'no network [2,0]',
    );
  });

  test('of another size than its variables, or without the column, is refused', () => {
    expect(() => parseBenchmark({ ...small, acc: [1] }, 'small.json')).toThrow(
      'acc has 1 values; expected 6',
    );
    expect(() => parseBenchmark(small, 'small.json').cost('flops')).toThrow(
      "no column 'flops'; expected one of ms",
    );
    expect(() => parseBenchmark({ ...small, vars: 'x' }, 'small.json')).toThrow('small.json: vars is "x"');
  });
});
