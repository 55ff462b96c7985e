import { formatPercent } from '../base/units.ts';
import { proxyTraining } from '../flows/candidate.ts';
import { latencyOn } from '../flows/goals.ts';
import { retrain, retrainingChoice } from '../flows/retrain.ts';
import { completedTrials } from '../flows/search.ts';
import type { Store } from '../store/store.ts';
import { Interrupted } from './exit.ts';
import type { PreparedSearch } from './search-setup.ts';
import { openTrainer } from './trainer-options.ts';
import type { Work } from './work.ts';

/** Candidates for each target of each device that are trained on their own before one is called the answer. */
const CANDIDATES = 4;

/** Trains the best candidates of a search by a supernet on their own, with the proxy's recipe. */
export async function retrainBest(
  { config, space, proxy, tables, datasets }: PreparedSearch,
  run: string,
  store: Store,
  workers: number | undefined,
  { progress, signal, queue }: Work,
): Promise<void> {
  const dataset = datasets.at(-1) ?? datasets[0];
  const trials = completedTrials(store.trials(run));
  const chosen = new Map(
    [...tables.keys()]
      .flatMap((device) => {
        const there = trials.map((trial) => ({ ...trial, latencyMs: latencyOn(trial, device) }));
        return config.targetsMs.flatMap((targetMs) => retrainingChoice(there, targetMs, CANDIDATES));
      })
      .map((trial) => [trial.number, trial]),
  );
  progress.line(
    `retrain  ${chosen.size} candidates on their own, which inherited their accuracies until now`,
  );
  const trainer = await openTrainer({ name: 'embedded' }, { dataset, workers, signal, queue });
  try {
    const events = retrain(
      [...chosen.values()],
      store.retrainings(run),
      config.seed,
      {
        trainer,
        training: (genotype) => proxyTraining(space, proxy, genotype, dataset).training,
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
      const inherited = formatPercent(chosen.get(trial)?.accuracy ?? 0);
      progress.line(
        `retrain  ${event.done}/${event.total}  trial ${trial}  ${formatPercent(accuracy)} trained, ${inherited} inherited`,
      );
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted(`stopped while candidates were trained; go on with: nas search --resume ${run}`);
  } finally {
    await trainer.close();
  }
}
