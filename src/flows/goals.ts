import type { Reward } from '../objective/reward.ts';
import type { Trial } from '../objective/trial.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Diagnostics, Strategy } from '../strategies/strategy.ts';

/** What a search is after: a latency on one of its devices. */
export interface Goal {
  /** Which of the run's devices. */
  readonly device: number;
  readonly targetMs: number;
  readonly reward: Reward;
  /** Its own: with its own stream of chance, admitting what this goal admits. */
  readonly strategy: Strategy;
}

export interface Proposal {
  readonly genotype: Genotype;
  /** The goal it was proposed for. */
  readonly goal: number;
}

/** A trial that has ended, with the accuracy that a strategy should take it to have; none where it failed. */
export interface Ending {
  readonly trial: Trial;
  readonly accuracy: number | undefined;
}

/** The strategies of a run as one. */
export interface Proposer {
  /** Up to `count`; fewer only where all spaces seem exhausted. */
  ask(count: number): readonly Proposal[];
  tell(endings: readonly Ending[]): Diagnostics;
}

/**
 * Lets the goals propose by turns. A network's accuracy serves all goals, only its reward is each one's own: so every
 * strategy is told of every trial, and one training is a lesson to them all. What has been proposed is added to
 * `claimed`, for a goal not to admit what another had trained already.
 */
export function createProposer(goals: readonly Goal[], claimed: Set<string> = new Set()): Proposer {
  let turn = 0;
  return {
    ask(count) {
      const asked: Proposal[] = [];
      const exhausted = new Set<number>();
      while (asked.length < count && exhausted.size < goals.length) {
        const shares = goals.map(() => 0);
        for (let left = count - asked.length; left > 0; turn++) {
          const goal = turn % goals.length;
          if (exhausted.has(goal)) continue;
          shares[goal] = (shares[goal] ?? 0) + 1;
          left--;
        }
        const proposed = goals.map(({ strategy }, goal) => {
          const share = shares[goal] ?? 0;
          const genotypes = share === 0 ? [] : strategy.ask(share);
          if (genotypes.length < share) exhausted.add(goal);
          for (const genotype of genotypes) claimed.add(genotype.join());
          return genotypes;
        });
        for (let place = 0; proposed.some((genotypes) => place < genotypes.length); place++) {
          for (const [goal, genotypes] of proposed.entries()) {
            const genotype = genotypes[place];
            if (genotype !== undefined) asked.push({ genotype, goal });
          }
        }
      }
      return asked;
    },
    tell(endings) {
      const several = goals.length > 1;
      return Object.fromEntries(
        goals.flatMap((goal, index) => {
          const outcomes = endings.map(({ trial, accuracy }) => {
            const latencyMs = latencyOn(trial, goal.device);
            const reward = accuracy === undefined ? undefined : goal.reward(accuracy, latencyMs);
            return { genotype: trial.genotype, latencyMs, accuracy, reward };
          });
          const diagnostics = Object.entries(goal.strategy.tell(outcomes));
          return diagnostics.map(([name, value]) => [several ? `goal_${index}.${name}` : name, value]);
        }),
      );
    },
  };
}

/** Of a trial on one of the run's devices, as estimated. */
export function latencyOn(trial: Pick<Trial, 'latencyMs' | 'latenciesMs'>, device: number): number {
  return trial.latenciesMs?.[device] ?? trial.latencyMs;
}
