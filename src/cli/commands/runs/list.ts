import { runTable } from '../../../report/run-table.ts';
import { print, printJson } from '../../output.ts';
import { readRuns } from '../../read-runs.ts';
import { outlineOf } from '../../run-outline.ts';

/** What `nas runs` prints. */
export function listRuns(json: boolean): void {
  const runs = readRuns((store) =>
    store.runs().map((run) => {
      const outline = outlineOf(run.config);
      const [targetMs] = outline.targetsMs;
      const best = targetMs === undefined ? undefined : store.bestUnder(run.id, targetMs);
      return { run, outline, best };
    }),
  );
  if (json) {
    printJson(
      runs.map(({ run, outline, best }) => ({
        run: run.id,
        state: run.state,
        space: run.space,
        devices: run.devices,
        targetMs: outline.targetsMs[0] ?? null,
        targetsMs: outline.targetsMs,
        strategy: outline.strategy ?? null,
        dataset: outline.dataset ?? null,
        trainer: outline.trainer,
        seed: run.seed,
        trials: run.trials,
        completed: run.completed,
        budget: outline.budget ?? null,
        best:
          best === undefined
            ? null
            : {
                trial: best.number,
                accuracy: best.accuracy,
                latencyMs: best.latencyMs,
                measuredMs: best.measuredMs,
              },
        seconds: run.seconds,
        createdAt: run.createdAt,
      })),
    );
    return;
  }
  print(
    runTable(
      runs.map(({ run: { id, config: _, ...run }, outline, best }) => ({
        ...run,
        ...outline,
        run: id,
        best: best === undefined ? undefined : { trial: best.number, accuracy: best.accuracy },
      })),
    ),
  );
}
