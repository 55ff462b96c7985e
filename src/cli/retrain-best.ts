import { formatPercent } from '../base/units.ts';
import { proxyTraining } from '../flows/candidate.ts';
import { latencyOn } from '../flows/goals.ts';
import { retrain, retrainingChoice } from '../flows/retrain.ts';
import { completedTrials } from '../flows/search.ts';
import type { Store } from '../store/store.ts';
import { Interrupted } from './exit.ts';
import type { RunConfig } from './run-config.ts';
import type { PreparedSearch } from './search-setup.ts';
import { openTrainer } from './trainer-options.ts';
import type { Work } from './work.ts';

/** Trains the best candidates for each answer of a search on their own, for so many times the proxy's epochs. */
export async function retrainBest(
  { config, space, proxy, tables, datasets }: PreparedSearch,
  { count, longer }: NonNullable<RunConfig['finalists']>,
  run: string,
  store: Store,
  workers: number | undefined,
  { progress, signal, queue }: Work,
): Promise<void> {
  const dataset = datasets.at(-1) ?? datasets[0];
  const trials = completedTrials(store.trials(run));
  const { trainer: searching, targetsMs, latencyLimit, chain } = config;
  // What is to be narrowed may be slower before.
  const limit = chain?.adapt === undefined ? 1 : latencyLimit;
  const chosen = new Map(
    [...tables.keys()]
      .flatMap((device) => {
        const there = trials.map((trial) => ({ ...trial, latencyMs: latencyOn(trial, device) }));
        return targetsMs.flatMap((targetMs) => retrainingChoice(there, targetMs * limit, count));
      })
      .map((trial) => [trial.number, trial]),
  );
  const known = store.retrainings(run);
  if ([...chosen.keys()].every((number) => known.some(({ trial }) => trial === number))) return;
  const isInherited = searching.name === 'supernet';
  progress.line(
    isInherited
      ? `retrain  ${chosen.size} candidates on their own, which inherited their accuracies until now`
      : `retrain  the best ${chosen.size} candidates, ${longer} times as long as the proxy`,
  );
  const trainer = await openTrainer(isInherited ? { name: 'embedded' } : searching, {
    ...{ dataset, workers, signal, queue },
  });
  try {
    const events = retrain(
      [...chosen.values()],
      known,
      config.seed,
      {
        trainer,
        training: (genotype) => {
          const { training } = proxyTraining(space, proxy, genotype, dataset);
          const { recipe } = training;
          return { ...training, recipe: { ...recipe, epochs: recipe.epochs * longer } };
        },
        save: (retraining) => store.saveRetraining(run, retraining),
      },
      signal,
    );
    for await (const event of events) {
      if (event.kind === 'failed') {
        progress.line(`retrain  trial ${event.trial} failed: ${event.error.message}`);
        continue;
      }
      const { trial, accuracy } = event.retraining;
      const before = formatPercent(chosen.get(trial)?.accuracy ?? 0);
      progress.line(
        `retrain  ${event.done}/${event.total}  trial ${trial}  ${formatPercent(accuracy)}, ` +
          `${before} ${isInherited ? 'inherited' : 'of the proxy'}`,
      );
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted(`stopped while candidates were trained; go on with: nas search --resume ${run}`);
  } finally {
    await trainer.close();
  }
}
