/** What lists and comparisons say of a run's config. */
export interface RunOutline {
  readonly targetsMs: readonly number[];
  readonly strategy: string | undefined;
  readonly dataset: string | undefined;
  readonly trainer: string;
  /** Trials that it is to have. */
  readonly budget: number | undefined;
  /** After which it begins no more trainings. */
  readonly timeMs: number | undefined;
}

/**
 * Reads what is there of a config, whatever version wrote it: a run that this nas could not go on with is listed beside
 * the others all the same. `runConfigSchema` is what a run is continued by.
 */
export function outlineOf(config: unknown): RunOutline {
  const { targetMs, targetsMs, strategy, dataset, trainer, trials, timeMs } = recordOf(config);
  const targets = Array.isArray(targetsMs) ? targetsMs : [targetMs];
  const { name: trainerName } = recordOf(trainer);
  return {
    targetsMs: targets.filter((target) => typeof target === 'number'),
    strategy: typeof strategy === 'string' ? strategy : undefined,
    dataset: typeof dataset === 'string' ? dataset : undefined,
    // Runs that say nothing of it are older than the choice.
    trainer: typeof trainerName === 'string' ? trainerName : 'embedded',
    budget: typeof trials === 'number' ? trials : undefined,
    timeMs: typeof timeMs === 'number' ? timeMs : undefined,
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
