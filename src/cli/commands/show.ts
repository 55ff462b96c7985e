import type { Command } from 'commander';
import type { Trial } from '../../objective/trial.ts';
import { runReport } from '../../report/run-report.ts';
import { trialDocument } from '../../report/trial-document.ts';
import { trialReport } from '../../report/trial-report.ts';
import type { Store, StoredRun } from '../../store/store.ts';
import { isAdaptationReference } from '../adapted-networks.ts';
import { describedTrial } from '../described-trial.ts';
import { finalistsNotes } from '../finalists-notes.ts';
import { commandLines, deviceArguments } from '../next-commands.ts';
import { print, printJson } from '../output.ts';
import { readRuns } from '../read-runs.ts';
import { outlineOf } from '../run-outline.ts';
import { tablesOf } from '../run-tables.ts';
import { shownAdaptation } from '../shown-adaptation.ts';
import { isTrialReference } from '../stored-runs.ts';

interface ShowOptions {
  readonly all?: true;
  readonly json?: true;
}

export function addShow(program: Command): void {
  program
    .command('show')
    .description('A run with its trials, or one trial: its choices, its training, where its milliseconds go')
    .argument('<run, run/trial or adaptation>', 'such as r1, r1/17 or a1')
    .option('--all', 'list all trials and events of a run, not the best and the last')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ nas show r1\n  $ nas show r1/17')
    .action((reference: string, { all, json }: ShowOptions) => {
      const document = isAdaptationReference(reference)
        ? shownAdaptation(reference, all === true)
        : readRuns((store) =>
            isTrialReference(reference)
              ? describeTrial(store, reference)
              : describeRun(store, reference, all === true),
          );
      if (json) printJson(document.json);
      else print(document.text);
    });
}

interface Description {
  readonly json: unknown;
  readonly text: string;
}

function describeRun(store: Store, id: string, all: boolean): Description {
  const run = store.run(id);
  const tables = tablesOf(run);
  const trials = store.trials(id);
  const events = store.events(id);
  const { name: space } = run.space as { readonly name: string };
  const { budget, targetsMs } = outlineOf(run.config);
  const [targetMs] = targetsMs;
  const best = targetMs === undefined ? undefined : store.bestUnder(id, targetMs);
  const next = [
    ...(run.state === 'interrupted' ? [[`nas search --resume ${id}`, 'go on with it'] as const] : []),
    ...(best === undefined
      ? []
      : [
          [`nas show ${id}/${best.number}`, 'the best network under the target'] as const,
          [`nas explain ${id}/${best.number}`, 'where its milliseconds go'] as const,
        ]),
    [`nas pareto ${id}`, 'accuracy against latency'] as const,
    [`nas runs compare ${id} OTHER`, 'against another run'] as const,
  ];
  const { table: _table, otherTables: _others, space: _space, ...origin } = run;
  return {
    json: {
      ...origin,
      device: tables[0]?.provenance ?? null,
      devices: tables.map(({ provenance }) => provenance),
      conditions: tables.map(({ conditions = [] }) => conditions),
      trials,
      measurements: store.measurements(id),
      retrainings: store.retrainings(id),
      failures: store.failures(id),
      updates: store.updates(id),
      events,
    },
    text: [
      runReport({ run, space, budget, tables, trials, events, all }),
      ...notesOf(store, run),
      '',
      commandLines(next),
    ].join('\n'),
  };
}

/** The notes with a line before them, where there are any. */
function notesOf(store: Store, run: StoredRun, only?: Trial): readonly string[] {
  const notes = finalistsNotes(store, run, only);
  return notes.length === 0 ? [] : ['', ...notes];
}

function describeTrial(store: Store, reference: string): Description {
  const { run, description } = describedTrial(store, reference);
  const { trial, circumstances, measurements, failures, choices, kernels } = description;
  const { device } = run.config as { readonly device?: unknown };
  const next = commandLines([
    [`nas explain ${reference}`, 'block by block, and what each decision costs'],
    [`nas cost ${reference}`, 'MACs and parameters, layer by layer'],
    [`nas measure ${reference}${deviceArguments(device)}`, 'measure it as a whole'],
    [`nas train ${reference}`, 'train it in full'],
  ]);
  return {
    json: trialDocument({ run: run.id, trial, measurements, circumstances, failures, choices, kernels }),
    text: [trialReport(description), ...notesOf(store, run, trial), '', next].join('\n'),
  };
}
