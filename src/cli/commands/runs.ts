import type { Command } from 'commander';
import { formatDuration, formatMs } from '../../base/units.ts';
import { textTable } from '../../report/text-table.ts';
import { print, printJson } from '../output.ts';
import { originOf, readRuns } from '../stored-runs.ts';

export function addRuns(program: Command): void {
  program
    .command('runs')
    .description('The stored runs, newest first')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas runs')
    .action(({ json }: { readonly json?: true }) =>
      readRuns((store) => {
        const runs = store.runs().map((run) => {
          const { config, space } = originOf(run);
          return {
            run: run.id,
            state: run.state,
            space: space.name,
            targetMs: config.targetMs,
            strategy: config.strategy,
            dataset: config.dataset,
            seed: run.seed,
            trials: run.trials,
            completed: run.completed,
            budget: config.trials,
            seconds: run.seconds,
            createdAt: run.createdAt,
          };
        });
        if (json) return printJson(runs);
        print(
          textTable(runs, [
            { title: 'run', cell: ({ run }) => run },
            { title: 'state', cell: ({ state }) => state },
            { title: 'space', cell: ({ space }) => space },
            { title: 'target', align: 'right', cell: ({ targetMs }) => formatMs(targetMs) },
            { title: 'strategy', cell: ({ strategy }) => strategy },
            { title: 'dataset', cell: ({ dataset }) => dataset },
            { title: 'seed', cell: ({ seed }) => seed },
            { title: 'trials', align: 'right', cell: ({ trials, budget }) => `${trials}/${budget}` },
            { title: 'time', align: 'right', cell: ({ seconds }) => formatDuration(seconds) },
            { title: 'begun', cell: ({ createdAt }) => createdAt },
          ]),
        );
      }),
    );
}
