import type { CompletedTrial } from '../objective/trial.ts';

/**
 * The trial of a search that NetAdapt is to start from: the most accurate of those that need at most `latencyLimit` times
 * the target, the fastest of equals; `undefined` where there is none. Such a network may be slower than the target, which
 * is what the adaptation is for, as MobileNetV3 was adapted from a seed that its search had found (arXiv:1905.02244,
 * sections 5.1 and 5.2).
 */
export function adaptationStart(
  trials: readonly CompletedTrial[],
  targetMs: number,
  latencyLimit: number,
): CompletedTrial | undefined {
  const admissible = trials.filter(({ latencyMs }) => latencyMs <= latencyLimit * targetMs);
  const [first, ...others] = admissible;
  if (first === undefined) return undefined;
  return others.reduce(
    (best, trial) =>
      trial.accuracy > best.accuracy || (trial.accuracy === best.accuracy && trial.latencyMs < best.latencyMs)
        ? trial
        : best,
    first,
  );
}
