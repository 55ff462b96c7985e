import { formatCount, formatMs, formatPercent } from '../base/units.ts';
import type { DecisionCost } from '../flows/decision-costs.ts';
import { type BlockLatency, kernelKinds, type StepLatency } from '../latency/breakdown.ts';
import type { TableProvenance } from '../latency/table.ts';
import type { Architecture } from '../space/network.ts';
import { kernelTable } from './kernel-table.ts';
import { optionLabels } from './option-labels.ts';
import { runtimeNote } from './provenance-note.ts';
import { textTable } from './text-table.ts';
import { wrap } from './wrap.ts';

/** Where the milliseconds of a network go on a device, and what each of its decisions costs. */
export interface Explanation {
  readonly network: string;
  readonly architecture: Architecture;
  readonly provenance: TableProvenance;
  /** Estimated; of the kernels that the table has. */
  readonly latencyMs: number;
  readonly intervalMs: readonly [number, number] | undefined;
  /** As a whole, where it was. */
  readonly measured: { readonly medianMs: number; readonly madMs: number } | undefined;
  readonly macs: number;
  readonly steps: readonly StepLatency[];
  readonly blocks: readonly BlockLatency[];
  /** `undefined` where no space is known that the network is of. */
  readonly decisions: readonly DecisionCost[] | undefined;
}

/** What `nas explain NET --json` prints. */
export function explanationDocument(explanation: Explanation) {
  const { network, provenance, latencyMs, intervalMs, measured, macs, steps, blocks, decisions } =
    explanation;
  const { device, runtime, runtimeVersion, dtype, threads } = provenance;
  const share = (part: number, whole: number): number => part / (whole || 1);
  return {
    network,
    ...{ device, runtime, runtimeVersion, dtype, threads },
    latencyMs,
    intervalMs: intervalMs ?? null,
    measuredMs: measured?.medianMs ?? null,
    macs,
    blocks: blocks.map((block) => ({
      blocks: block.blocks,
      types: block.blocks.map((name) => typeOf(explanation, name)),
      ms: block.ms,
      share: share(block.ms, latencyMs),
      macs: block.macs,
      macsShare: share(block.macs, macs),
      kernels: block.steps,
      missing: block.missing,
    })),
    kernels: steps.map(({ signature, blocks: own, ms, macs: stepMacs }) => ({
      signature,
      blocks: own,
      ms: ms ?? null,
      share: ms === undefined ? null : share(ms, latencyMs),
      macs: stepMacs,
      macsShare: share(stepMacs, macs),
    })),
    decisions:
      decisions?.map(({ decision, chosen, others }) => ({
        decision,
        chosen,
        others: others.map(({ option, latencyMs: ms, macs: otherMacs, params, opens }) => ({
          option,
          latencyMs: ms ?? null,
          macs: otherMacs,
          params,
          opens,
        })),
      })) ?? null,
  };
}

const BAR_LENGTH = 12;

/** What `nas explain NET` prints. */
export function explanationReport(explanation: Explanation): string {
  const { latencyMs, macs, steps, blocks, decisions } = explanation;
  const missing = steps.filter(({ ms }) => ms === undefined);
  const longest = Math.max(...blocks.map(({ ms }) => ms), Number.MIN_VALUE);
  return [
    ...headline(explanation),
    '',
    textTable(blocks, [
      { title: 'block', cell: ({ blocks: own }) => nameOf(own) },
      { title: '', cell: ({ blocks: own }) => typesOf(explanation, own) },
      { title: 'est. time', align: 'right', cell: ({ ms }) => formatMs(ms) },
      { title: 'share', align: 'right', cell: ({ ms }) => formatPercent(ms / (latencyMs || 1)) },
      { title: '', cell: ({ ms }) => '█'.repeat(Math.round((BAR_LENGTH * ms) / longest)) },
      { title: 'MACs', align: 'right', cell: ({ macs: own }) => formatCount(own) },
      { title: 'share', align: 'right', cell: ({ macs: own }) => formatPercent(own / (macs || 1)) },
    ]),
    '',
    kernelTable(kernelKinds(steps), latencyMs),
    ...(missing.length === 0
      ? []
      : [
          '',
          `the table lacks ${missing.length} of ${steps.length} kernels, which count as nothing above; the first:`,
          `  ${missing[0]?.signature}`,
        ]),
    '',
    ...(decisions === undefined
      ? ['what its decisions cost is known where a space is: --space SPACE']
      : decisionLines(decisions)),
  ].join('\n');
}

function headline({
  network,
  provenance,
  latencyMs,
  intervalMs,
  measured,
  macs,
}: Explanation): readonly string[] {
  const { device, dtype, threads } = provenance;
  return [
    `${network} on ${device} (${runtimeNote(provenance)}, ${dtype}, ${threads} thread${threads === 1 ? '' : 's'})`,
    [
      `${formatMs(latencyMs)} estimated`,
      ...(intervalMs === undefined
        ? []
        : [`nine of ten such estimates within ${intervalMs.map(formatMs).join(' to ')}`]),
      ...(measured === undefined
        ? []
        : [`${formatMs(measured.medianMs)} ± ${formatMs(measured.madMs)} measured as a whole`]),
      `${formatCount(macs)} MACs`,
    ].join(', '),
  ].map((line) => wrap(line));
}

function decisionLines(decisions: readonly DecisionCost[]): readonly string[] {
  if (decisions.length === 0) return ['the space leaves it nothing to choose'];
  const changes = decisions.flatMap(({ chosen, others }) => {
    const [label = '', ...labels] = optionLabels([chosen, ...others.map(({ option }) => option)]);
    return others.map((other, i) => ({ now: label, instead: labels[i] ?? '', other }));
  });
  const [titles = '', ...lines] = textTable(changes, [
    {
      title: '  another option',
      cell: ({ instead, other }) => `  ${instead}${other.opens.length > 0 ? ' *' : ''}`,
    },
    {
      title: 'est. time',
      align: 'right',
      cell: ({ other: { latencyMs } }) =>
        latencyMs === undefined ? 'not in table' : signed(latencyMs, formatMs),
    },
    { title: 'MACs', align: 'right', cell: ({ other: { macs } }) => signed(macs, formatCount) },
    { title: 'params', align: 'right', cell: ({ other: { params } }) => signed(params, formatCount) },
  ]).split('\n');
  let at = 0;
  return [
    'what one decision changes, all others being as they are',
    titles,
    ...decisions.flatMap(({ decision, others }) => {
      const own = lines.slice(at, at + others.length);
      const now = changes[at]?.now ?? '';
      at += others.length;
      return [`${decision} is ${now}`, ...own];
    }),
    ...(changes.some(({ other }) => other.opens.length > 0)
      ? ['* opens further decisions, which take their first option']
      : []),
  ];
}

/** `+1.20 ms`, `−36 us`, `0` where nothing changes. */
function signed(change: number, format: (size: number) => string): string {
  if (change === 0) return '0';
  return `${change < 0 ? '−' : '+'}${format(Math.abs(change))}`;
}

function nameOf(blocks: readonly string[]): string {
  const [first = ''] = blocks;
  return blocks.length < 2 ? first : `${first} to ${blocks.at(-1)?.replace('stages.', '')}`;
}

function typesOf(explanation: Explanation, blocks: readonly string[]): string {
  return [...new Set(blocks.map((name) => typeOf(explanation, name)))].join(', ');
}

function typeOf({ architecture }: Explanation, block: string): string {
  return architecture.stages[Number(block.split('.')[1])]?.block.type ?? '';
}
