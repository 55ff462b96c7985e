import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { checkGenotype } from '../../src/space/check-genotype.ts';
import type { Genotype } from '../../src/space/genotype.ts';
import { createTemplate } from '../../src/strategies/_template/template.ts';
import { STRATEGIES } from '../../src/strategies/index.ts';
import type { Outcome, Strategy, StrategyOptions } from '../../src/strategies/strategy.ts';
import {
  CONDITIONAL,
  CONDITIONAL_SIZE,
  decision,
  failureOf,
  latencyOf,
  optionsOf,
  outcomeOf,
  run,
} from './spaces.ts';

/** One call of a strategy, and what it was answered. */
type Call =
  | { readonly kind: 'ask'; readonly count: number; readonly answer: readonly Genotype[] }
  | { readonly kind: 'tell'; readonly outcomes: readonly Outcome[]; readonly answer: unknown };

/** As in asynchronous search: outcomes come one or more at a time, in any order, while others are outstanding. */
function runAsynchronously(strategy: Strategy, trials: number, seed: string): Call[] {
  const rng = createRng(seed);
  const calls: Call[] = [];
  const outstanding: Genotype[] = [];
  let asked = 0;
  while (asked < trials || outstanding.length > 0) {
    if (asked < trials && outstanding.length < 6 && rng.uniform() < 0.6) {
      const count = Math.min(1 + rng.integer(3), trials - asked);
      const answer = strategy.ask(count);
      calls.push({ kind: 'ask', count, answer });
      if (answer.length === 0) asked = trials;
      asked += answer.length;
      outstanding.push(...answer);
    } else if (outstanding.length > 0) {
      const outcomes = Array.from({ length: 1 + rng.integer(Math.min(2, outstanding.length)) }, () => {
        const [genotype = []] = outstanding.splice(rng.integer(outstanding.length), 1);
        return rng.uniform() < 0.1 ? failureOf(genotype) : outcomeOf(genotype);
      });
      calls.push({ kind: 'tell', outcomes, answer: strategy.tell(outcomes) });
    }
  }
  return calls;
}

describe.each([...Object.entries(STRATEGIES), ['_template', createTemplate] as const])(
  'strategy %s',
  (name, create) => {
    const make = (changes: Partial<StrategyOptions> = {}): Strategy => create(optionsOf(changes));

    test('proposes genotypes of the space, as many as asked for', () => {
      const strategy = make();
      for (const count of [1, 4, 7, 1, 20]) {
        const asked = strategy.ask(count);
        expect(asked).toHaveLength(count);
        for (const genotype of asked) checkGenotype(CONDITIONAL, genotype, name);
        strategy.tell(asked.map((genotype) => outcomeOf(genotype)));
      }
    });

    test('proposes nothing twice, and exhausts a space to the last network', () => {
      for (const batch of [1, 5]) {
        const proposals = run(make(), CONDITIONAL_SIZE + 10, batch);
        expect(new Set(proposals.map(String)).size).toBe(CONDITIONAL_SIZE);
        expect(proposals).toHaveLength(CONDITIONAL_SIZE);
      }
    });

    test('exhausts the smallest spaces', () => {
      const none = { decisions: [], costs: () => ({ latencyMs: 1, params: 1, macs: 1 }) };
      expect(run(make(none), 5)).toEqual([[]]);
      expect(run(make({ decisions: [decision('a', 1)] }), 5)).toEqual([[0]]);
      expect(run(make({ decisions: [decision('a', 1), decision('b', 2)] }), 5).sort()).toEqual([
        [0, 0],
        [0, 1],
      ]);
    });

    test('proposes the same for the same seed, and something else for another', () => {
      expect(run(make(), 30)).toEqual(run(make(), 30));
      expect(run(make({ rng: createRng('other') }), 30)).not.toEqual(run(make(), 30));
    });

    test('proposes only what is admitted', () => {
      const admits = (genotype: Genotype): boolean => genotype[1] === 2;
      const proposals = run(make({ admits }), CONDITIONAL_SIZE);
      expect(proposals).toHaveLength(CONDITIONAL_SIZE / 4);
      expect(proposals.every(admits)).toBe(true);
    });

    test('gives up where nothing is admitted', () => {
      expect(make({ admits: () => false }).ask(3)).toEqual([]);
    });

    test('proposes one of networks that compute the same', () => {
      const identity = ([a, b]: Genotype): string => `${a} ${b}`;
      const proposals = run(make({ identity }), CONDITIONAL_SIZE);
      expect(proposals).toHaveLength(3 * 4);
      expect(new Set(proposals.map(identity)).size).toBe(3 * 4);
    });

    test('goes on after failed trials, even if all fail', () => {
      const strategy = make();
      for (let i = 0; i < 10; i++) {
        const asked = strategy.ask(4);
        expect(asked).toHaveLength(4);
        strategy.tell(asked.map(failureOf));
      }
    });

    test('is told of outcomes one at a time, in any order, while others are outstanding', () => {
      for (const seed of ['1', '2', '3']) {
        const calls = runAsynchronously(make(), 50, seed);
        const proposals = calls.flatMap((call) => (call.kind === 'ask' ? call.answer : []));
        expect(proposals).toHaveLength(50);
        expect(new Set(proposals.map(String)).size).toBe(50);
      }
    });

    test('the same calls have the same answers, so that a stored run can be replayed up to any point', () => {
      const calls = runAsynchronously(make(), 40, 'replay');
      const replayed = make();
      for (const call of calls) {
        expect(call.kind === 'ask' ? replayed.ask(call.count) : replayed.tell(call.outcomes)).toEqual(
          call.answer,
        );
      }
    });

    test('does not mind a space whose networks all cost and achieve the same', () => {
      const strategy = make({ costs: () => ({ latencyMs: 1, params: 1, macs: 1 }) });
      for (let i = 0; i < 6; i++) {
        const asked = strategy.ask(5);
        expect(asked).toHaveLength(5);
        strategy.tell(asked.map((genotype) => ({ genotype, latencyMs: 1, accuracy: 0.7, reward: 0.7 })));
      }
    });

    test('diagnostics are numbers', () => {
      const strategy = make();
      for (let i = 0; i < 8; i++) {
        const diagnostics = strategy.tell(strategy.ask(5).map((genotype) => outcomeOf(genotype)));
        for (const [key, value] of Object.entries(diagnostics)) expect(value, key).toSatisfy(Number.isFinite);
      }
    });
  },
);

test.each(['guided', 'evolution', 'local-search', 'nsga2'] as const)(
  '%s begins with the seeds that are admitted',
  (name) => {
    const seeds = [
      [0, 3, 3, -1],
      [1, 0, 2, 2],
      [2, 1, 0, -1],
    ];
    const admits = (genotype: Genotype): boolean => latencyOf(genotype) < 9;
    expect(STRATEGIES[name](optionsOf({ seeds, admits })).ask(2)).toEqual(seeds.slice(1));
  },
);

test.each(['guided', 'ppo', 'reinforce', 'evolution', 'local-search'] as const)(
  '%s finds better networks than random sampling',
  (name) => {
    const decisions = Array.from({ length: 8 }, (_, i) => decision(`choice ${i}`, 4));
    const bestOf = (strategy: keyof typeof STRATEGIES, seed: string): number => {
      const options = optionsOf({
        decisions,
        rng: createRng(seed),
        costs: () => ({ latencyMs: 1, params: 1, macs: 1 }),
      });
      const created = STRATEGIES[strategy](options);
      let best = 0;
      for (let trial = 0; trial < 80; trial++) {
        const [genotype = []] = created.ask(1);
        const accuracy = genotype.reduce((sum, choice) => sum + choice, 0) / 24;
        best = Math.max(best, accuracy);
        created.tell([{ genotype, latencyMs: 1, accuracy, reward: accuracy }]);
      }
      return best;
    };
    const seeds = ['1', '2', '3', '4', '5', '6'];
    const sum = (strategy: keyof typeof STRATEGIES): number =>
      seeds.reduce((total, seed) => total + bestOf(strategy, seed), 0);
    expect(sum(name)).toBeGreaterThan(sum('random') + 0.3);
  },
);
