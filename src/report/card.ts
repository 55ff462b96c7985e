import pc from 'picocolors';
import { formatCount, formatDuration, formatMs, formatPercent } from '../base/units.ts';
import { runtimeNote } from './provenance-note.ts';
import { textTable } from './text-table.ts';
import { measured, type VerificationReport } from './verification-report.ts';

/** A reference network beside a found one, on the same device. */
export interface CardReference {
  readonly name: string;
  readonly params: number;
  readonly macs: number;
  /** As deployed, measured as a whole beside the others; null where it could not be. */
  readonly latencyMs: number | null;
  /** Top-1 on ImageNet, in percent, as its paper prints it; null where it prints none. */
  readonly publishedTop1: number | null;
  /** Of the newest stored training with the images of the found network, if there is one. */
  readonly own: CardTraining | null;
}

/** What a full training came to. */
export interface CardTraining {
  readonly training: string;
  /** In [0, 1], of the best epoch. */
  readonly validation: number;
  /** On images that nothing was chosen by; null where the dataset has none. */
  readonly test: number | null;
  readonly epochs: number;
  /** Whether it went on from trained weights, so that there were more epochs before. */
  readonly fromWeights: boolean;
}

/** What one command came to, from a search to a file that was run on the device. */
export interface Card {
  readonly run: string;
  /** Of the search: `r1/17`. */
  readonly found: string;
  /** Of the proxy, in [0, 1]. */
  readonly proxyAccuracy: number;
  /** What came of it: the same, or the adaptation. */
  readonly network: string;
  readonly adaptation: {
    readonly id: string;
    readonly steps: number;
    readonly latencyMs: readonly [before: number, after: number];
    readonly accuracy: readonly [before: number, after: number];
  } | null;
  readonly training: CardTraining | null;
  readonly dataset: string;
  readonly verification: VerificationReport;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly references: readonly CardReference[];
  /** Wall time over all sessions, by stage. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly codeVersion: string;
  /** ISO 8601. */
  readonly madeAt: string;
}

/** The card for people, as the search's last words. */
export function cardText(card: Card): string {
  const { verification } = card;
  const { met, targetMs } = verification;
  const verdict =
    met === false
      ? pc.yellow(`target ${formatMs(targetMs ?? 0)} missed`)
      : pc.green(`target ${formatMs(targetMs ?? 0)} met`);
  return [
    '',
    `${pc.bold(card.network)}  ${verdict}`,
    ...facts(card).map(([name, value]) => `${name.padEnd(10)}${value}`),
    '',
    'beside it, all measured as deployed on the same device:',
    referenceTable(card),
  ].join('\n');
}

/** The card as a file of Markdown. */
export function cardMarkdown(card: Card): string {
  const { met, targetMs } = card.verification;
  const rows = referenceRows(card).map((row) => `| ${CELLS.map(({ cell }) => cell(row)).join(' | ')} |`);
  return [
    `# ${card.network}: target ${formatMs(targetMs ?? 0)} ${met === false ? 'missed' : 'met'}`,
    '',
    ...facts(card).map(([name, value]) => `- **${name}**: ${value}`),
    '',
    '## Beside it',
    '',
    'All latencies are measured as deployed on the same device. Published accuracies are on ImageNet; own ones on the images',
    'above, so that the two cannot be compared with each other.',
    '',
    `| ${CELLS.map(({ title }) => title).join(' | ')} |`,
    `| ${CELLS.map(({ align }) => (align === 'right' ? '--:' : '---')).join(' | ')} |`,
    ...rows,
    '',
    `Made by nas ${card.codeVersion} at ${card.madeAt}; \`card.json\` has all figures.`,
    '',
  ].join('\n');
}

function facts(card: Card): readonly (readonly [string, string])[] {
  const { verification, adaptation, training, files, dataset } = card;
  const { deployed, asFile, accuracy, device, file } = verification;
  return [
    [
      'latency',
      `measured ${measured(deployed.latency)}${
        deployed.estimateMs === null ? '' : `, estimated ${formatMs(deployed.estimateMs)}`
      }; ${deployed.resolution}x${deployed.resolution}, ${deployed.classes} classes, on ${device.device}, ` +
        `${runtimeNote(device)}, ${device.threads} thread${device.threads === 1 ? '' : 's'}, ${device.dtype}`,
    ],
    ...(asFile === null
      ? []
      : [
          [
            'the file',
            `as it was trained, ${asFile.resolution}x${asFile.resolution}, ${asFile.classes} classes: measured ${measured(asFile.latency)}`,
          ] as const,
        ]),
    [
      'accuracy',
      `${training === null ? '' : `${trainedAccuracy(training)} after ${epochsOf(training)} on ${dataset} (${training.training}); `}` +
        `${accuracy === null ? 'the file was not tried' : `${formatPercent(accuracy.accuracy)} of ${accuracy.images} validation images by the file, run ${accuracy.ranOn === 'device' ? 'on the device' : 'here'} by ${accuracy.runtime}`}`,
    ],
    ['size', `${formatCount(deployed.macs)} MACs, ${formatCount(deployed.params)} params as deployed`],
    ['found', `${card.found}, ${formatPercent(card.proxyAccuracy)} as a proxy`],
    ...(adaptation === null
      ? []
      : [
          [
            'adapted',
            `${adaptation.id}: ${adaptation.steps} steps from ${formatMs(adaptation.latencyMs[0])} to ${formatMs(adaptation.latencyMs[1])}, ` +
              `accuracy ${adaptation.accuracy.map(formatPercent).join(' to ')}`,
          ] as const,
        ]),
    ['file', `${file.path}, ${formatCount(file.bytes)}B, SHA-256 ${file.sha256.slice(0, 12)}`],
    ...(files.length === 0 ? [] : [['files', files.map(({ path }) => path).join(', ')] as const]),
    [
      'time',
      Object.entries(card.seconds)
        .map(([stage, seconds]) => `${stage} ${formatDuration(seconds)}`)
        .join(', '),
    ],
  ];
}

function trainedAccuracy({ validation, test }: CardTraining): string {
  return test === null
    ? `${formatPercent(validation)} of validation images`
    : `${formatPercent(test)} of test images (${formatPercent(validation)} of validation images)`;
}

function epochsOf({ epochs, fromWeights }: CardTraining): string {
  return `${epochs} epochs${fromWeights ? ' from trained weights' : ''}`;
}

interface Row extends CardReference {
  readonly isOwn: boolean;
}

/** The network and its references, from fast to slow; those that could not be measured last. */
function referenceRows({ network, verification, training, references }: Card): readonly Row[] {
  const { params, macs, latency } = verification.deployed;
  const own = {
    name: network,
    params,
    macs,
    latencyMs: latency.medianMs,
    publishedTop1: null,
    own: training,
  };
  const latencyOf = ({ latencyMs }: Row): number => latencyMs ?? Number.POSITIVE_INFINITY;
  return [{ ...own, isOwn: true }, ...references.map((reference) => ({ ...reference, isOwn: false }))].sort(
    (a, b) => latencyOf(a) - latencyOf(b),
  );
}

const CELLS: readonly {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
}[] = [
  { title: 'network', align: 'left', cell: ({ name, isOwn }) => (isOwn ? `${name} ←` : name) },
  {
    title: 'latency',
    align: 'right',
    cell: ({ latencyMs }) => (latencyMs === null ? 'not measured' : formatMs(latencyMs)),
  },
  { title: 'MACs', align: 'right', cell: ({ macs }) => formatCount(macs) },
  { title: 'params', align: 'right', cell: ({ params }) => formatCount(params) },
  {
    title: 'published top-1',
    align: 'right',
    cell: ({ publishedTop1 }) => (publishedTop1 === null ? '' : `${publishedTop1.toFixed(1)} %`),
  },
  {
    title: 'own accuracy',
    align: 'right',
    cell: ({ own }) =>
      own === null ? '' : `${formatPercent(own.test ?? own.validation)} (${own.training}, ${epochsOf(own)})`,
  },
];

function referenceTable(card: Card): string {
  return textTable(referenceRows(card), CELLS);
}
