import { createRng } from '../../src/base/rng.ts';
import type { Condition, Decision } from '../../src/space/decision.ts';
import type { Genotype } from '../../src/space/genotype.ts';
import type { Outcome, Strategy, StrategyOptions } from '../../src/strategies/strategy.ts';

export function decision(name: string, count: number, ...conditions: readonly Condition[]): Decision {
  return {
    name,
    options: Array.from({ length: count }, (_, i) => i),
    ordinal: false,
    places: [{ name, stage: undefined, conditions }],
  };
}

/** Three free choices, and a fourth that exists only where the first is 1. */
export const CONDITIONAL: readonly Decision[] = [
  decision('a', 3),
  decision('b', 4),
  { ...decision('c', 4), ordinal: true },
  decision('d', 3, { decision: 0, option: 1 }),
];
export const CONDITIONAL_SIZE = (1 + 1 + 3) * 4 * 4;

/** More for higher choices, in accuracy and in latency. */
export const accuracyOf = (genotype: Genotype): number =>
  0.5 + genotype.reduce((sum, choice) => sum + Math.max(choice, 0), 0) / 40;
export const latencyOf = (genotype: Genotype): number => 1 + (genotype[0] ?? 0) + (genotype[1] ?? 0) ** 2;

export function optionsOf(changes: Partial<StrategyOptions> = {}): StrategyOptions {
  return {
    decisions: CONDITIONAL,
    rng: createRng('seed'),
    admits: () => true,
    costs: (genotype) => ({ latencyMs: latencyOf(genotype), params: 10 + (genotype[2] ?? 0), macs: 100 }),
    reward: (accuracy, latencyMs) => accuracy * Math.min(1, 6 / latencyMs),
    seeds: [],
    ...changes,
  };
}

export function outcomeOf(genotype: Genotype, { reward } = optionsOf()): Outcome {
  const [accuracy, latencyMs] = [accuracyOf(genotype), latencyOf(genotype)];
  return { genotype, latencyMs, accuracy, reward: reward(accuracy, latencyMs) };
}

export function failureOf(genotype: Genotype): Outcome {
  return { genotype, latencyMs: latencyOf(genotype), accuracy: undefined, reward: undefined };
}

/** Asks and tells, batch after batch, until there are `count` proposals or no more. */
export function run(strategy: Strategy, count: number, batch = 5): Genotype[] {
  const proposals: Genotype[] = [];
  while (proposals.length < count) {
    const asked = strategy.ask(Math.min(batch, count - proposals.length));
    if (asked.length === 0) break;
    proposals.push(...asked);
    strategy.tell(asked.map((genotype) => outcomeOf(genotype)));
  }
  return proposals;
}
