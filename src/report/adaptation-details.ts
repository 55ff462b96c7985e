import { formatMs, formatPercent } from '../base/units.ts';
import type { PlannedProposal, StepPlan } from '../flows/adapt.ts';
import type { ProposalResult } from '../flows/adapt-proposals.ts';
import { type AdaptationReport, adaptationSummary } from './adaptation-report.ts';
import { factTable } from './run-report.ts';
import { textTable } from './text-table.ts';

/** What is stored of an adaptation. */
export interface AdaptationDetails {
  readonly id: string;
  readonly network: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly finishedAt: string | undefined;
  /** What it was told, name by name. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly steps: readonly StepDetails[];
  /** What it came to; left out while it is under way. */
  readonly report: AdaptationReport | undefined;
  /** List the proposals of every step, not of the last alone. */
  readonly all: boolean;
}

export interface StepDetails {
  readonly step: number;
  readonly plan: StepPlan;
  /** Place of the proposal that was taken. */
  readonly chosen: number | undefined;
  /** By place; those that have ended. */
  readonly results: ReadonlyMap<number, ProposalResult>;
}

/** What `nas show a1` prints. */
export function adaptationDetails(details: AdaptationDetails): string {
  const { id, network, createdAt, finishedAt, settings, steps, report, all } = details;
  const shown = all ? steps : steps.slice(-1);
  const ended = finishedAt === undefined ? 'not finished' : `finished ${at(finishedAt)}`;
  return [
    `${id}  of ${network}, begun ${at(createdAt)}, ${ended}`,
    '',
    factTable(settings),
    '',
    `${steps.length} steps${all || steps.length < 2 ? '' : ' (--all lists the proposals of each)'}`,
    ...shown.flatMap((step) => ['', stepTitle(step), proposalTable(step)]),
    ...(report === undefined
      ? ['', 'go on with it: the same nas adapt with --resume']
      : ['', adaptationSummary(report)]),
  ].join('\n');
}

function stepTitle({ step, plan: { proposals, cutMs, latencyMs }, results }: StepDetails): string {
  return `step ${step + 1}: ${proposals.length} proposals that cut ${formatMs(cutMs)} of ${formatMs(latencyMs)} or more, ${results.size} fine-tuned`;
}

function proposalTable({ plan: { proposals }, results, chosen }: StepDetails): string {
  const rows = proposals.map((proposal, place) => ({ proposal, place, result: results.get(place) }));
  return textTable(rows, [
    { title: 'layer', cell: ({ proposal }) => proposal.layer },
    { title: 'channels', align: 'right', cell: ({ proposal: { from, to } }) => `${from} → ${to}` },
    { title: 'latency', align: 'right', cell: ({ proposal }) => latencyOf(proposal) },
    { title: 'accuracy', align: 'right', cell: ({ result }) => accuracyOf(result) },
    { title: '', cell: ({ place }) => (place === chosen ? '← taken' : '') },
  ]);
}

function latencyOf({ latencyMs, interpolated }: PlannedProposal): string {
  return `${interpolated > 0 ? '~' : ''}${formatMs(latencyMs)}`;
}

function accuracyOf(result: ProposalResult | undefined): string {
  if (result === undefined) return '';
  return 'error' in result ? 'failed' : formatPercent(result.accuracy);
}

function at(timestamp: string): string {
  return `${timestamp.slice(0, 16).replace('T', ' ')} UTC`;
}
