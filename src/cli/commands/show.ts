import type { Command } from 'commander';
import { formatCount, formatDuration, formatMs, formatPercent } from '../../base/units.ts';
import { completedTrials } from '../../flows/search.ts';
import { estimateLatency } from '../../latency/estimate.ts';
import { parseTable } from '../../latency/parse-table.ts';
import { originNote, runtimeNote } from '../../report/provenance-note.ts';
import { printOption } from '../../report/space-report.ts';
import { textTable } from '../../report/text-table.ts';
import { trialTable, troubleLines } from '../../report/trial-table.ts';
import { isActive } from '../../space/decision.ts';
import { buildGraph } from '../../space/network.ts';
import type { Store } from '../../store/store.ts';
import { print, printJson } from '../output.ts';
import { findTrial, isTrialReference, originOf, readRuns } from '../stored-runs.ts';

export function addShow(program: Command): void {
  program
    .command('show')
    .description('A run with its trials, or one trial: its choices, its training, where its milliseconds go')
    .argument('<run or run/trial>', 'such as r1 or r1/17')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ nas show r1\n  $ nas show r1/17')
    .action((reference: string, { json }: { readonly json?: true }) =>
      readRuns((store) => {
        const document = isTrialReference(reference)
          ? describeTrial(store, reference)
          : describeRun(store, reference);
        if (json) printJson(document.json);
        else print(document.text);
      }),
    );
}

interface Description {
  readonly json: unknown;
  readonly text: string;
}

function describeRun(store: Store, id: string): Description {
  const run = store.run(id);
  const { config, space } = originOf(run);
  const trials = store.trials(id);
  const { provenance } = parseTable(run.table, `run ${id}: latency table`);
  const { table: _table, space: _space, ...origin } = run;
  const text = [
    `${id}  ${run.state}  ${trials.length}/${config.trials} trials  ${formatDuration(run.seconds)}  begun ${run.createdAt} with nas ${run.codeVersion}`,
    `space ${space.name} (${space.digest.slice(0, 12)}), target ${formatMs(config.targetMs)}, reward ${config.reward.name}, ` +
      `strategy ${config.strategy}, batches of ${config.batch}, seed ${config.seed}`,
    `dataset ${config.dataset} (${run.datasetDigest.slice(0, 12)}), trainer ${run.trainerDigest.slice(0, 12)}`,
    `device ${provenance.device} (${provenance.processor ?? 'unknown processor'}), ${runtimeNote(provenance)}, ` +
      `${provenance.threads} thread(s), ${originNote(provenance)}`,
    '',
    trialTable(completedTrials(trials)),
    ...troubleLines(trials),
  ].join('\n');
  return { json: { ...origin, device: provenance, trials, measurements: store.measurements(id) }, text };
}

function describeTrial(store: Store, reference: string): Description {
  const { run, trial } = findTrial(store, reference);
  const { space } = originOf(run);
  const table = parseTable(run.table, `run ${run.id}: latency table`);
  const { kernels } = estimateLatency(buildGraph(space.decode(trial.genotype)), table);
  const measured = store.measurements(run.id).find((measurement) => measurement.trial === trial.number);
  const choices = space.decisions.flatMap((decision, index) => {
    if (!isActive(decision, trial.genotype)) return [];
    const chosen = decision.options[trial.genotype[index] ?? 0];
    return [{ decision: decision.name, choice: printOption(chosen ?? null) }];
  });
  const byTime = [...kernels].sort((a, b) => b.ms - a.ms);
  const text = [
    trial.state === 'completed'
      ? `${reference}  ${formatPercent(trial.accuracy)}  ${formatMs(trial.latencyMs)} estimated` +
        `${measured === undefined ? '' : `, ${formatMs(measured.medianMs)} ± ${formatMs(measured.madMs)} measured`}` +
        `  ${formatCount(trial.params)} params  ${formatCount(trial.macs)} MACs  trained in ${trial.cpuSeconds.toFixed(1)} CPU seconds`
      : `${reference}  ${trial.state}: ${trial.state === 'failed' ? trial.error : trial.reason}`,
    '',
    textTable(choices, [
      { title: 'decision', cell: ({ decision }) => decision },
      { title: 'choice', cell: ({ choice }) => choice },
    ]),
    '',
    textTable(byTime.slice(0, 15), [
      { title: 'time', align: 'right', cell: ({ ms }) => formatMs(ms) },
      { title: 'share', align: 'right', cell: ({ ms }) => formatPercent(ms / trial.latencyMs) },
      { title: 'count', align: 'right', cell: ({ count }) => String(count) },
      { title: `kernel (the slowest of ${kernels.length})`, cell: ({ signature }) => signature },
    ]),
    ...(trial.state === 'completed' && trial.epochs.length > 0
      ? [
          '',
          textTable(trial.epochs, [
            { title: 'epoch', align: 'right', cell: ({ epoch }) => String(epoch) },
            { title: 'training loss', align: 'right', cell: ({ trainLoss }) => trainLoss.toFixed(3) },
            {
              title: 'accuracy',
              align: 'right',
              cell: ({ validationAccuracy }) => formatPercent(validationAccuracy),
            },
          ]),
        ]
      : []),
  ].join('\n');
  return { json: { run: run.id, ...trial, measured: measured ?? null, choices, kernels: byTime }, text };
}
