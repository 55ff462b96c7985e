import { formatCount, formatDuration, formatMs, formatPercent } from '../base/units.ts';
import type { AdaptEvent, AdaptedNetwork, PlannedProposal } from '../flows/adapt.ts';
import type { Cost } from '../graph/cost.ts';
import { bar, type Progress, secondsLeft } from './progress.ts';
import { textTable } from './text-table.ts';

type Figures = Pick<AdaptedNetwork, 'accuracy' | 'latencyMs'>;

/** A step that is decided. */
export interface AdaptationStep extends Figures {
  readonly step: number;
  readonly layer: string;
  /** Channels, in the deployed network. */
  readonly from: number;
  readonly to: number;
  /** Kernels whose latency is interpolated. */
  readonly interpolated: number;
  /** How many were fine-tuned. */
  readonly proposals: number;
  readonly failed: number;
}

/** A network before or after. */
export interface AdaptationEnd extends Figures, Cost {
  /** Of the deployed network as a whole; `null` where no device was there. */
  readonly measuredMs: number | null;
  /** On images that nothing was chosen by; `null` where the dataset has none. */
  readonly testAccuracy: number | null;
}

/** The answer for programs. */
export interface AdaptationReport {
  readonly adaptation: string;
  readonly network: string;
  readonly targetMs: number;
  readonly met: boolean;
  readonly before: AdaptationEnd;
  readonly after: AdaptationEnd;
  readonly steps: readonly AdaptationStep[];
  /** Of the layers that are narrower, the part of their channels that is left. */
  readonly layers: Readonly<Record<string, number>>;
  /** Of the size that is trained; a safetensors file. */
  readonly weights: string;
  readonly validationImages: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
}

/** Shows an adaptation as it goes: a line a proposal, and the time left, by the latency that this session has cut. */
export function createAdaptationProgress(
  progress: Progress,
  targetMs: number,
  nowMs: () => number,
): (event: AdaptEvent) => void {
  const startMs = nowMs();
  let first: number | undefined;
  let current = 0;
  let cutMs = 0;
  let proposals = 0;
  let done = 0;
  let doneHere = 0;
  const status = (): string => {
    const elapsed = (nowMs() - startMs) / 1000;
    const ahead = (first ?? current) - targetMs;
    const cut = (first ?? current) - current + (proposals === 0 ? 0 : (cutMs * done) / proposals);
    const left = doneHere === 0 ? undefined : secondsLeft(Math.min(1, cut / ahead), elapsed);
    return left === undefined ? '' : `, about ${formatDuration(left)} left`;
  };
  return (event) => {
    switch (event.kind) {
      case 'begun':
        current = event.network.latencyMs;
        progress.line(`start    ${formatMs(current)}, ${formatPercent(event.network.accuracy)}`);
        break;
      case 'planned': {
        const { plan, step } = event;
        // Steps of earlier sessions took no time in this one.
        if (event.done < plan.proposals.length) first ??= plan.latencyMs;
        [proposals, done, cutMs] = [plan.proposals.length, event.done, plan.cutMs];
        const again = event.done === 0 ? '' : `, ${event.done} of them done before`;
        progress.line(
          `step ${step + 1}   ${proposals} proposals that cut ${formatMs(cutMs)} of ${formatMs(plan.latencyMs)} or more${again}`,
        );
        break;
      }
      case 'tried': {
        done++;
        doneHere++;
        const { proposal, result } = event;
        const outcome = 'error' in result ? result.error : formatPercent(result.accuracy);
        progress.line(
          `  ${done}/${proposals}  ${printCut(proposal)}: ${formatMs(proposal.latencyMs)}, ${outcome}`,
        );
        progress.live(
          `${bar(done / proposals)} step ${event.step + 1}, proposal ${done}/${proposals}${status()}`,
        );
        break;
      }
      case 'chosen': {
        current = event.network.latencyMs;
        [done, proposals, cutMs] = [0, 0, 0];
        const { latencyMs, accuracy } = event.network;
        progress.line(
          `  taken  ${printCut(event.proposal)}: ${formatMs(latencyMs)}, ${formatPercent(accuracy)}${status()}`,
        );
      }
    }
  };
}

function printCut({
  layer,
  from,
  to,
  interpolated,
}: Omit<PlannedProposal, 'latencyMs' | 'group' | 'width'>): string {
  return `${layer} ${from} → ${to}${interpolated > 0 ? ` (${interpolated} kernels interpolated)` : ''}`;
}

/** The answer for people. */
export function adaptationSummary(report: AdaptationReport): string {
  const { network, before, after, steps, targetMs, met, validationImages, weights, adaptation } = report;
  return [
    ...(steps.length === 0 ? [] : [stepsTable(steps), '']),
    `${network}: ${latencyOf(before)} → ${latencyOf(after)}, target ${formatMs(targetMs)} ${met ? 'met' : 'missed'}; ` +
      `accuracy ${accuracyOf(before)} → ${accuracyOf(after)} of ${validationImages} validation images; ` +
      `params ${formatCount(before.params)} → ${formatCount(after.params)}, MACs ${formatCount(before.macs)} → ${formatCount(after.macs)}`,
    ...(!met && after.latencyMs <= targetMs
      ? [
          'by the estimate, which cuts go by, the target is met: give a lower one, or measure on a device that is at rest',
        ]
      : []),
    `weights  ${weights}`,
    `stored as ${adaptation}, by which nas train ${adaptation} --weights … and others know the network; ${formatDuration(report.seconds)}, ${formatDuration(report.cpuSeconds)} of processor time`,
  ].join('\n');
}

function stepsTable(steps: readonly AdaptationStep[]): string {
  return textTable(steps, [
    { title: 'step', align: 'right', cell: ({ step }) => String(step + 1) },
    { title: 'layer', cell: ({ layer }) => layer },
    { title: 'channels', align: 'right', cell: ({ from, to }) => `${from} → ${to}` },
    {
      title: 'latency',
      align: 'right',
      cell: ({ latencyMs, interpolated }) => `${interpolated > 0 ? '~' : ''}${formatMs(latencyMs)}`,
    },
    { title: 'accuracy', align: 'right', cell: ({ accuracy }) => formatPercent(accuracy) },
    {
      title: 'of proposals',
      align: 'right',
      cell: ({ proposals, failed }) => `${proposals}${failed > 0 ? ` (${failed} failed)` : ''}`,
    },
  ]);
}

function latencyOf({ latencyMs, measuredMs }: AdaptationEnd): string {
  return measuredMs === null
    ? `${formatMs(latencyMs)} estimated`
    : `${formatMs(measuredMs)} measured (${formatMs(latencyMs)} estimated)`;
}

function accuracyOf({ accuracy, testAccuracy }: AdaptationEnd): string {
  return `${formatPercent(accuracy)}${testAccuracy === null ? '' : ` (${formatPercent(testAccuracy)} of test images)`}`;
}
