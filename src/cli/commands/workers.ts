import type { Command } from 'commander';
import { textTable } from '../../report/text-table.ts';
import { connect } from '../../workers/queue/connect.ts';
import { type Presence, presentWorkers } from '../../workers/queue/presence.ts';
import { print, printJson } from '../output.ts';
import { addQueueOptions, type QueueOptions, queueAddressOf } from '../work-queue.ts';

interface WorkersOptions extends QueueOptions {
  readonly json?: true;
}

export function addWorkers(program: Command): void {
  addQueueOptions(
    program.command('workers').description('Who takes tasks from a queue, and what each is doing'),
    { shared: false },
  )
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas workers --queue redis://host')
    .action(async (options: WorkersOptions) => {
      const redis = await connect(queueAddressOf(options));
      try {
        const workers = await presentWorkers(redis);
        if (options.json) printJson(workers);
        else if (workers.length === 0) print('no workers; nas worker --queue … starts one');
        else print(table(workers));
      } finally {
        redis.disconnect();
      }
    });
}

function table(workers: readonly Presence[]): string {
  return textTable(workers, [
    { title: 'host', cell: ({ host }) => host },
    { title: 'process', align: 'right', cell: ({ processId }) => `${processId}` },
    { title: 'nas', cell: ({ nasVersion }) => nasVersion },
    {
      title: 'trains with',
      cell: ({ trainer }) =>
        trainer === undefined ? '-' : `${trainer.name} ${trainer.implementation.slice(0, 8)}`,
    },
    { title: 'at once', align: 'right', cell: ({ trainer }) => `${trainer?.places ?? '-'}` },
    { title: 'measures on', cell: ({ devices }) => devices.join(', ') || '-' },
    { title: 'since', cell: ({ since }) => since.slice(0, 16).replace('T', ' ') },
    {
      title: 'is doing',
      cell: ({ busy, draining }) => [...busy, ...(draining ? ['ending'] : [])].join(', ') || '-',
    },
  ]);
}
