import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { type Condition, type Decision, isActive } from '../../src/space/decision.ts';
import { type Genotype, INACTIVE } from '../../src/space/genotype.ts';
import { createTemplate } from '../../src/strategies/_template/template.ts';
import { STRATEGIES } from '../../src/strategies/index.ts';
import type { Strategy, StrategyOptions } from '../../src/strategies/strategy.ts';

/** Three free choices, and a fourth that exists only where the first is 1: 2·4·4 + … = 4·4·(2 + 3) genotypes. */
const decision = (name: string, count: number, ...conditions: Condition[]): Decision => ({
  name,
  options: Array.from({ length: count }, (_, i) => i),
  ordinal: false,
  places: [{ name, stage: undefined, conditions }],
});
const decisions = [
  decision('a', 3),
  decision('b', 4),
  decision('c', 4),
  decision('d', 3, { decision: 0, option: 1 }),
];
const SIZE = (1 + 1 + 3) * 4 * 4;

const admitsAll = (): boolean => true;
const rewardOf = (genotype: Genotype): number =>
  genotype.reduce((sum, choice) => sum + Math.max(choice, 0), 0) / 10;

/** Asks and tells until `count` genotypes are proposed. */
function run(strategy: Strategy, count: number, batch = 5): Genotype[] {
  const proposals: Genotype[] = [];
  while (proposals.length < count) {
    const asked = strategy.ask(Math.min(batch, count - proposals.length));
    if (asked.length === 0) break;
    proposals.push(...asked);
    strategy.tell(
      asked.map((genotype) => {
        const accuracy = rewardOf(genotype);
        return { genotype, latencyMs: 1, accuracy, reward: accuracy };
      }),
    );
  }
  return proposals;
}

describe.each([...Object.entries(STRATEGIES), ['_template', createTemplate] as const])(
  'strategy %s',
  (_, create) => {
    const make = (changes: Partial<StrategyOptions> = {}): Strategy =>
      create({
        decisions,
        rng: createRng('seed'),
        admits: admitsAll,
        costs: () => ({ latencyMs: 1, params: 1, macs: 1 }),
        reward: (accuracy) => accuracy,
        seeds: [],
        ...changes,
      });

    test('proposes genotypes of the space', () => {
      for (const genotype of run(make(), 40)) {
        expect(genotype).toHaveLength(decisions.length);
        decisions.forEach((d, i) => {
          if (isActive(d, genotype)) expect(d.options).toContain(genotype[i]);
          else expect(genotype[i]).toBe(INACTIVE);
        });
      }
    });

    test('proposes nothing twice, and stops when the space is exhausted', () => {
      const proposals = run(make(), SIZE + 10);
      expect(new Set(proposals.map(String)).size).toBe(proposals.length);
      expect(proposals.length).toBeLessThanOrEqual(SIZE);
      expect(proposals.length).toBeGreaterThan(SIZE / 2);
    });

    test('proposes the same for the same seed, and something else for another', () => {
      expect(run(make(), 30)).toEqual(run(make(), 30));
      expect(run(make({ rng: createRng('other') }), 30)).not.toEqual(run(make(), 30));
    });

    test('proposes only what is admitted', () => {
      const proposals = run(make({ admits: (genotype) => genotype[1] === 2 }), 15);
      expect(proposals.length).toBeGreaterThan(10);
      expect(proposals.every((genotype) => genotype[1] === 2)).toBe(true);
    });

    test('gives up where nothing is admitted', () => {
      expect(make({ admits: () => false }).ask(3)).toEqual([]);
    });

    test('goes on after failed trials', () => {
      const strategy = make();
      for (let i = 0; i < 4; i++) {
        const asked = strategy.ask(4);
        expect(asked).toHaveLength(4);
        strategy.tell(
          asked.map((genotype) => ({ genotype, latencyMs: 1, accuracy: undefined, reward: undefined })),
        );
      }
    });
  },
);
