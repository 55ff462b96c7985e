import type { ListedConfig } from '../report/run-listing.ts';

/**
 * Reads what is there of a config, whatever version wrote it: a run that this nas could not go on with is listed beside
 * the others all the same. `runConfigSchema` is what a run is continued by.
 */
export function outlineOf(config: unknown): ListedConfig & { readonly finalistsLonger: number } {
  const { finalists, targetMs, targetsMs, strategy, dataset, trainer, trials, timeMs } = recordOf(config);
  const targets = Array.isArray(targetsMs) ? targetsMs : [targetMs];
  const { name: trainerName } = recordOf(trainer);
  const { longer } = recordOf(finalists);
  return {
    targetsMs: targets.filter((target) => typeof target === 'number'),
    strategy: typeof strategy === 'string' ? strategy : undefined,
    dataset: typeof dataset === 'string' ? dataset : undefined,
    // Runs that say nothing of it are older than the choice.
    trainer: typeof trainerName === 'string' ? trainerName : 'embedded',
    budget: typeof trials === 'number' ? trials : undefined,
    timeMs: typeof timeMs === 'number' ? timeMs : undefined,
    // Runs by a supernet of before others had finalists.
    finalistsLonger: typeof longer === 'number' ? longer : 1,
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
