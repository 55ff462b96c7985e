import { formatCount, formatMs, formatPercent } from '../base/units.ts';
import type { KernelKind } from '../latency/breakdown.ts';
import type { EpochReport, RungResult, Trial } from '../objective/trial.ts';
import type { Circumstances, Failure, Measurement } from '../store/store.ts';
import { kernelTable } from './kernel-table.ts';
import { factTable } from './run-report.ts';
import { textTable } from './text-table.ts';
import type { Choice } from './trial-document.ts';
import { wrap } from './wrap.ts';

/** A trial with all that is said of it. */
export interface TrialDescription {
  /** `r1/17` */
  readonly reference: string;
  readonly trial: Trial;
  /** Of the run, in their order. */
  readonly devices: readonly string[];
  readonly intervalMs: readonly [number, number] | undefined;
  readonly measurements: readonly Measurement[];
  readonly circumstances: Circumstances | undefined;
  readonly failures: readonly Failure[];
  readonly choices: readonly Choice[];
  /** On the first device. */
  readonly kernels: readonly KernelKind[];
}

/** What `nas show RUN/TRIAL` prints, but for what to do next. */
export function trialReport(description: TrialDescription): string {
  const { reference, trial, choices, failures, kernels } = description;
  const rungs = trial.state === 'infeasible' ? [] : (trial.rungs ?? []);
  const epochs = trial.state === 'completed' ? trial.epochs : [];
  return [
    wrap(`${reference}  ${outcomeOf(trial)}`, '  '),
    '',
    factTable(facts(description)),
    '',
    textTable(choices, [
      { title: 'decision', cell: ({ decision }) => decision },
      { title: 'choice', cell: ({ choice }) => choice },
    ]),
    '',
    kernelTable(kernels, trial.latencyMs),
    ...rungs.flatMap((rung) => ['', rungTitle(rung), epochTable(rung.epochs)]),
    ...(epochs.length === 0
      ? []
      : ['', ...(rungs.length === 0 ? [] : ['the full training']), epochTable(epochs)]),
    ...failures.map(({ attempt, error }) => wrap(`attempt ${attempt} failed: ${error}`, '  ')),
  ].join('\n');
}

function outcomeOf(trial: Trial): string {
  switch (trial.state) {
    case 'completed':
      return `completed, accuracy ${formatPercent(trial.accuracy)} of the proxy`;
    case 'stopped':
    case 'infeasible':
      return `${trial.state}: ${trial.reason}`;
    case 'failed':
      return `failed: ${trial.error}`;
  }
}

function facts({
  trial,
  devices,
  intervalMs,
  measurements,
  circumstances,
}: TrialDescription): readonly (readonly [string, string])[] {
  const latencies = trial.latenciesMs ?? [trial.latencyMs];
  const trained = trial.state === 'completed' || trial.state === 'stopped' ? trial : undefined;
  const completed = trial.state === 'completed' ? trial : undefined;
  const attempts = trial.state === 'infeasible' ? undefined : trial.attempts;
  return [
    ...latencies.map((latencyMs, i): [string, string] => {
      const measured = measurements.find(({ device = 0 }) => device === i);
      const interval =
        i > 0 || intervalMs === undefined
          ? ''
          : ` (nine of ten such estimates within ${intervalMs.map(formatMs).join(' to ')})`;
      return [
        'latency',
        `${formatMs(latencyMs)} estimated${interval} on ${devices[i] ?? 'unknown'}` +
          (measured === undefined
            ? ''
            : `; ${formatMs(measured.medianMs)} ± ${formatMs(measured.madMs)} measured as a whole`),
      ];
    }),
    ...(trained === undefined
      ? []
      : [['size', `${formatCount(trained.macs)} MACs, ${formatCount(trained.params)} params`] as const]),
    ...(trial.architecture === undefined
      ? []
      : [['network', `digest ${trial.architecture.slice(0, 12)}`] as const]),
    ['genotype', `[${trial.genotype.join(', ')}]`],
    ...(completed === undefined
      ? []
      : [
          [
            'training',
            `${completed.cpuSeconds.toFixed(1)} CPU seconds${completed.note === undefined ? '' : `; ${completed.note}`}`,
          ] as const,
        ]),
    ...(attempts === undefined ? [] : [['attempts', String(attempts)] as const]),
    ...(circumstances === undefined
      ? []
      : [
          ['trainer', circumstances.trainer] as const,
          [
            'time',
            `${atSecond(circumstances.startedAt)} to ${atSecond(circumstances.finishedAt)} UTC`,
          ] as const,
        ]),
  ];
}

function rungTitle({ rung, accuracy, cpuSeconds }: RungResult): string {
  return `rung ${rung}: accuracy ${formatPercent(accuracy)}, ${cpuSeconds.toFixed(1)} CPU seconds`;
}

function epochTable(epochs: readonly EpochReport[]): string {
  return textTable(epochs, [
    { title: 'epoch', align: 'right', cell: ({ epoch }) => String(epoch) },
    { title: 'training loss', align: 'right', cell: ({ trainLoss }) => trainLoss.toFixed(3) },
    {
      title: 'accuracy',
      align: 'right',
      cell: ({ validationAccuracy }) => formatPercent(validationAccuracy),
    },
  ]);
}

function atSecond(timestamp: string): string {
  return timestamp.slice(0, 19).replace('T', ' ');
}
