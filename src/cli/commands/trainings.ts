import type { Command } from 'commander';
import { formatCount, formatPercent } from '../../base/units.ts';
import { textTable } from '../../report/text-table.ts';
import { openTrainingLog } from '../../store/trainings.ts';
import { DATABASE } from '../folders.ts';
import { print, printJson } from '../output.ts';

export function addTrainings(program: Command): void {
  program
    .command('trainings')
    .description('The networks that nas train has trained, with their accuracies and weights')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas trainings')
    .action(({ json }: { readonly json?: true }) => {
      const log = openTrainingLog(DATABASE, { readOnly: true });
      try {
        const trainings = log.all();
        if (json) return printJson(trainings);
        print(
          textTable(trainings, [
            { title: 'training', cell: ({ id }) => id },
            { title: 'network', cell: ({ network }) => network },
            { title: 'params', align: 'right', cell: ({ params }) => formatCount(params) },
            { title: 'MACs', align: 'right', cell: ({ macs }) => formatCount(macs) },
            { title: 'dataset', cell: ({ dataset }) => dataset },
            { title: 'epochs', align: 'right', cell: ({ epochs }) => String(epochs.length) },
            {
              title: 'begun',
              cell: ({ initialWeights }) => (initialWeights === undefined ? 'anew' : 'from weights'),
            },
            {
              title: 'validation',
              align: 'right',
              cell: ({ best }) => formatPercent(best.validationAccuracy),
            },
            {
              title: 'test',
              align: 'right',
              cell: ({ best }) =>
                best.testAccuracy === undefined ? 'none' : formatPercent(best.testAccuracy),
            },
            { title: 'weights', cell: ({ best }) => best.weights },
          ]),
        );
      } finally {
        log.close();
      }
    });
}
