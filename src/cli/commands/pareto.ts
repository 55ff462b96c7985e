import type { Command } from 'commander';
import { completedTrials } from '../../flows/search.ts';
import { paretoFront } from '../../objective/pareto.ts';
import { frontPlot } from '../../report/front-plot.ts';
import { proxyNote } from '../../report/proxy-note.ts';
import { trialTable } from '../../report/trial-table.ts';
import { print, printJson } from '../output.ts';
import { findProxyCheck } from '../proxy-checks.ts';
import { requireProxy } from '../space-files.ts';
import { originOf, readRuns } from '../stored-runs.ts';

export function addPareto(program: Command): void {
  program
    .command('pareto')
    .description('The networks of a run that no other one beats in both accuracy and latency')
    .argument('<run>', 'such as r1; nas runs lists them')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas pareto r1')
    .action((id: string, { json }: { readonly json?: true }) =>
      readRuns((store) => {
        const run = store.run(id);
        const trials = completedTrials(store.trials(id));
        const front = paretoFront(trials);
        if (json) {
          return printJson(
            front.map(({ number, accuracy, latencyMs, params, macs }) => ({
              trial: number,
              accuracy,
              latencyMs,
              params,
              macs,
            })),
          );
        }
        const { config, space } = originOf(run);
        print(frontPlot(trials, config.targetMs, { width: 60, height: 14 }));
        print(trialTable(front));
        print(
          `\n${front.length} of ${trials.length} networks; latencies are estimated from the kernels' table`,
        );
        const check = findProxyCheck(store, space, config.dataset);
        print(proxyNote(requireProxy(space), config.dataset, check, config.space));
      }),
    );
}
