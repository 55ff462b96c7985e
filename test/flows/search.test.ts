import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { createRng } from '../../src/base/rng.ts';
import { type SearchEvent, type SearchParts, search, type TrialLog } from '../../src/flows/search.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { createReward } from '../../src/objective/reward.ts';
import type { Trial } from '../../src/objective/trial.ts';
import { createPpo, PPO_DEFAULTS } from '../../src/strategies/ppo/ppo.ts';
import { createRandom } from '../../src/strategies/random/random.ts';
import type { Strategy, StrategyOptions } from '../../src/strategies/strategy.ts';
import type { Trainer } from '../../src/trainers/trainer.ts';

const CHOICES = 5;
const decisions = [0, 1, 2].map((i) => ({
  name: `choice ${i}`,
  options: [...Array(CHOICES).keys()],
  ordinal: false,
  places: [{ name: `choice ${i}`, stage: undefined, conditions: [] }],
}));
const builder = new GraphBuilder();
const graph = builder.build(builder.input([1, 1, 1]));
const plan = { trials: 20, batch: 4, seed: '1' };

/** Accuracy from the genotype; finishes in an order of its own. */
function trainerOf(
  parallelism: number,
  train: (genotype: readonly number[], call: number) => number,
): Trainer {
  let calls = 0;
  return {
    name: 'toy',
    digest: 'toy',
    parallelism,
    async train({ genotype }, signal) {
      const call = calls++;
      for (let turn = 0; turn < 1 + (call % 3); turn++) await Promise.resolve();
      signal?.throwIfAborted();
      return { accuracy: train(genotype, call), epochs: [], cpuSeconds: 0 };
    },
    close: async () => {},
  };
}

const accuracyOf = (genotype: readonly number[]): number =>
  genotype.reduce((sum, choice) => sum + choice, 1) / 16;

function memoryLog(): TrialLog & { readonly stored: Trial[] } {
  const stored: Trial[] = [];
  return { stored, trials: () => stored, append: (trial) => stored.push(trial) };
}

const strategies = {
  ppo: (space) => createPpo(space, { ...PPO_DEFAULTS, hiddenUnits: 8 }),
  random: createRandom,
} satisfies Record<string, (space: StrategyOptions) => Strategy>;

function parts(log: TrialLog, trainer: Trainer, strategy: keyof typeof strategies = 'ppo'): SearchParts {
  const reward = createReward({ name: 'mnas-hard' }, 10);
  return {
    strategy: strategies[strategy]({
      decisions,
      rng: createRng('1'),
      admits: () => true,
      costs: (genotype) => ({ latencyMs: 5 + (genotype[0] ?? 0), params: 1, macs: 1 }),
      reward,
      seeds: [],
    }),
    reward,
    candidate: (genotype) => ({
      genotype,
      latencyMs: 5 + (genotype[0] ?? 0),
      params: 1,
      macs: 1,
      training: {
        graph,
        genotype,
        recipe: {
          ...{ epochs: 1, batchSize: 1, peakLearningRate: 1, warmupFraction: 0, momentum: 0, weightDecay: 0 },
          ...{ labelSmoothing: 0, flip: false, shiftPixels: 0 },
        },
      },
      trainingMacs: genotype[1] ?? 0,
    }),
    trainer,
    log,
  };
}

async function collect(events: AsyncIterable<SearchEvent>): Promise<SearchEvent[]> {
  const all: SearchEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const never = new AbortController().signal;
const byNumber = (trials: readonly Trial[]): readonly Trial[] =>
  [...trials].sort((a, b) => a.number - b.number);

describe.each(['ppo', 'random'] as const)('a search with %s', (strategy) => {
  test('gives the same trials however many trainings run at once', async () => {
    const [one, four] = [memoryLog(), memoryLog()];
    await collect(search(plan, parts(one, trainerOf(1, accuracyOf), strategy), never));
    await collect(search(plan, parts(four, trainerOf(4, accuracyOf), strategy), never));
    expect(byNumber(four.stored)).toEqual(byNumber(one.stored));
    expect(one.stored).toHaveLength(plan.trials);
  });

  test('killed after any trial and resumed, ends with the trials of the unbroken one', async () => {
    const unbroken = memoryLog();
    await collect(search(plan, parts(unbroken, trainerOf(3, accuracyOf), strategy), never));
    for (let killedAfter = 0; killedAfter < plan.trials; killedAfter++) {
      const log = memoryLog();
      for await (const event of search(plan, parts(log, trainerOf(3, accuracyOf), strategy), never)) {
        if (event.kind === 'finished' && log.stored.length > killedAfter) break;
      }
      const before = log.stored.length;
      const events = await collect(search(plan, parts(log, trainerOf(2, accuracyOf), strategy), never));
      expect(byNumber(log.stored)).toEqual(byNumber(unbroken.stored));
      expect(events.filter((e) => e.kind === 'started').length).toBe(plan.trials - before);
    }
  });
});

test('a trial is stored before anyone hears of it', async () => {
  const log = memoryLog();
  for await (const event of search(plan, parts(log, trainerOf(2, accuracyOf)), never)) {
    if (event.kind === 'finished') expect(log.stored).toContain(event.trial);
  }
});

test('a failed training is stored with its reason and the run goes on', async () => {
  const log = memoryLog();
  const trainer = trainerOf(2, (genotype) => {
    if (genotype[2] === 0) throw new NasError('training', { found: 'the loss is NaN' });
    return accuracyOf(genotype);
  });
  await collect(search(plan, parts(log, trainer), never));
  const failed = log.stored.filter((trial) => trial.state === 'failed');
  expect(failed.length).toBeGreaterThan(0);
  expect(failed[0]).toMatchObject({ error: 'training: the loss is NaN' });
  expect(log.stored).toHaveLength(plan.trials);
});

test('an abort keeps what is finished and stores nothing more', async () => {
  const log = memoryLog();
  const controller = new AbortController();
  const events = search(plan, parts(log, trainerOf(2, accuracyOf)), controller.signal);
  for await (const event of events)
    if (event.kind === 'finished' && event.trial.number >= 5) controller.abort();
  const kept = log.stored.length;
  expect(kept).toBeLessThan(plan.trials);
  await collect(search(plan, parts(log, trainerOf(2, accuracyOf)), never));
  expect(log.stored).toHaveLength(plan.trials);
});

test('a stored trial of another network is not taken for ours', async () => {
  const log = memoryLog();
  log.append({ state: 'failed', number: 0, genotype: [9, 9, 9], latencyMs: 1, error: 'x' });
  await expect(collect(search(plan, parts(log, trainerOf(1, accuracyOf)), never))).rejects.toThrow(
    'the stored network [9,9,9] is not the one proposed now',
  );
});
