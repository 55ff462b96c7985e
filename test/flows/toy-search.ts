import { NasError } from '../../src/base/errors.ts';
import { createRng } from '../../src/base/rng.ts';
import type { Goal } from '../../src/flows/goals.ts';
import type { Candidate, SearchEvent, SearchLog, SearchParts } from '../../src/flows/search.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { createReward } from '../../src/objective/reward.ts';
import type { Trial } from '../../src/objective/trial.ts';
import type { Failure, StoredRung, Tell, Update } from '../../src/store/store.ts';
import { STRATEGIES, type StrategyName } from '../../src/strategies/index.ts';
import type { Trainer, TrainRequest } from '../../src/trainers/trainer.ts';
import { TOY_RECIPE } from '../trainers/toy-recipe.ts';

const CHOICES = 5;
const decisions = [0, 1, 2].map((i) => ({
  name: `choice ${i}`,
  options: [...Array(CHOICES).keys()],
  ordinal: false,
  places: [{ name: `choice ${i}`, stage: undefined, conditions: [] }],
}));
const builder = new GraphBuilder();
const graph = builder.build(builder.input([1, 1, 1]));

export const never = new AbortController().signal;

/** What a log holds, as a run is judged by it. */
export interface LogContent {
  readonly trials: Trial[];
  readonly rungs: StoredRung[];
  readonly failures: Failure[];
  readonly tells: Tell[];
  readonly updates: Update[];
}

/** A crash of the process, as far as the search can see one. */
export class Crash extends Error {}

/** A log in memory. With `crashAfter` the process ends once that many things are in it. */
export function memoryLog(
  crashAfter = Number.POSITIVE_INFINITY,
  content: LogContent = { trials: [], rungs: [], failures: [], tells: [], updates: [] },
): SearchLog & { readonly content: LogContent; readonly writes: () => number } {
  let writes = 0;
  const write = <Item>(list: Item[], ...items: Item[]): void => {
    if (writes >= crashAfter) throw new Crash();
    list.push(...items);
    writes++;
    if (writes >= crashAfter) throw new Crash();
  };
  return {
    content,
    writes: () => writes,
    trials: () => [...content.trials],
    rungs: () => [...content.rungs],
    failures: () => [...content.failures],
    tells: () => [...content.tells],
    updates: () => [...content.updates],
    append: (trial) => write(content.trials, trial),
    appendRung: (rung) => write(content.rungs, rung),
    appendFailure: (failure) => write(content.failures, failure),
    appendTells: (tells) => write(content.tells, ...tells),
    saveUpdate: (update) => write(content.updates, update),
  };
}

/** The content in an order that does not depend on what finished first within a batch. */
export function sorted({ trials, rungs, failures, tells, updates }: LogContent): LogContent {
  return {
    trials: [...trials].sort((a, b) => a.number - b.number),
    rungs: [...rungs].sort((a, b) => a.trial - b.trial || a.rung - b.rung),
    failures: [...failures].sort((a, b) => a.trial - b.trial || a.attempt - b.attempt),
    tells,
    updates,
  };
}

/** Accuracy from genotype and rung; where the last choice is 0, training fails, and fails again where the others are. */
export function toyAccuracy({ genotype, seed, untilEpoch = 9 }: TrainRequest): number {
  const [a = 0, b = 0, c = 0] = genotype;
  const isSecond = seed.endsWith('attempt 2');
  if (c === 0 && (!isSecond || a === b)) throw new NasError('training', { found: 'the loss is NaN' });
  return ((1 + a + b + c + (isSecond ? 0.5 : 0)) / 16) * (1 - 0.5 / untilEpoch);
}

/** Trains in an order of its own: of the trainings under way it ends the one whose number comes first, shuffled. */
export function toyTrainer(
  parallelism: number,
  accuracyOf: (request: TrainRequest) => number = toyAccuracy,
): Trainer & { readonly requests: TrainRequest[] } {
  const pending: { readonly place: number; readonly end: () => void }[] = [];
  const requests: TrainRequest[] = [];
  const endOne = (): void => {
    pending.sort((a, b) => a.place - b.place);
    pending.shift()?.end();
    if (pending.length > 0) setImmediate(endOne);
  };
  return {
    name: 'toy',
    implementation: 'toy',
    digest: 'toy',
    parallelism,
    requests,
    train(request, signal) {
      requests.push(request);
      if (pending.length === 0) setImmediate(endOne);
      return new Promise((resolve, reject) => {
        const end = (): void => {
          try {
            signal?.throwIfAborted();
            const accuracy = accuracyOf(request);
            resolve({
              accuracy,
              epochs: [],
              cpuSeconds: 0,
              ...(request.saveWeights ? { weights: 'w' } : {}),
            });
          } catch (error) {
            reject(error);
          }
        };
        pending.push({ place: createRng(request.seed).uniform(), end });
      });
    },
    close: async () => {},
  };
}

export interface ToyOptions {
  readonly strategy?: StrategyName;
  /** Epochs at which trainings pause before the full nine. */
  readonly pauses?: readonly number[];
  readonly targetsMs?: readonly number[];
  readonly isTimeUp?: () => boolean;
}

/** A search of 125 networks; the slowest takes 9 ms. */
export function toyParts(log: SearchLog, trainer: Trainer, options: ToyOptions = {}): SearchParts {
  const { strategy = 'ppo', pauses = [], targetsMs = [10], isTimeUp } = options;
  const latencyOf = (genotype: readonly number[]): number => 5 + (genotype[0] ?? 0);
  const claimed = new Set<string>();
  const goals = targetsMs.map((targetMs, index): Goal => {
    const reward = createReward({ name: 'mnas-hard' }, targetMs);
    return {
      device: 0,
      targetMs,
      reward,
      strategy: STRATEGIES[strategy]({
        decisions,
        rng: createRng(`goal ${index}`),
        admits: (genotype) =>
          latencyOf(genotype) <= 1.25 * targetMs && (targetsMs.length === 1 || !claimed.has(genotype.join())),
        costs: (genotype) => ({ latencyMs: latencyOf(genotype), params: 1, macs: 1 }),
        reward,
        seeds: [],
      }),
    };
  });
  const rungs = [...pauses, undefined];
  return {
    goals: goals as [Goal, ...Goal[]],
    claimed,
    candidate: (genotype): Candidate => ({
      genotype,
      architecture: genotype.join(),
      latencyMs: latencyOf(genotype),
      params: 1,
      macs: 1,
      rungs: rungs.map((untilEpoch, index) => ({
        training: {
          graph,
          genotype,
          recipe: TOY_RECIPE,
          ...(untilEpoch === undefined ? {} : { untilEpoch }),
        },
        work: genotype[1] ?? 0,
        continues: index === 0 ? ('nothing' as const) : ('training' as const),
      })),
    }),
    trainers: [trainer, ...pauses.map(() => trainer)],
    log,
    timestamp: () => 'now',
    ...(isTimeUp === undefined ? {} : { isTimeUp }),
  };
}

export async function collect(events: AsyncIterable<SearchEvent>): Promise<SearchEvent[]> {
  const all: SearchEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
