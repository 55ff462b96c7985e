import pc from 'picocolors';
import { formatCount, formatMs, formatPercent } from '../base/units.ts';
import type { MeasuredLatency } from '../flows/verify-file.ts';
import type { Cost } from '../graph/cost.ts';
import type { TableProvenance } from '../latency/table.ts';
import { runtimeNote } from './provenance-note.ts';

/** How well an exported file tells images, and what ran it. */
export interface VerifiedAccuracy {
  /** In [0, 1]. */
  readonly accuracy: number;
  readonly images: number;
  readonly dataset: string;
  /** The device's runtime, or LiteRT on this machine where that one tells no outputs. */
  readonly ranOn: 'device' | 'here';
  readonly runtime: string;
  /** Of the same weights in the trainer, on all validation images; null where nobody knows it. */
  readonly trained: number | null;
}

/** What `nas verify` found; the answer for programs. */
export interface VerificationReport {
  /** Its number in the store. */
  readonly verification: string;
  readonly network: string;
  /** The training or adaptation that the weights are of; null where it is not stored. */
  readonly origin: string | null;
  readonly file: {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
    /** Whether it computes with integers of 8 bits; not known of what earlier versions have stored. */
    readonly int8?: boolean;
  };
  readonly device: TableProvenance;
  readonly targetMs: number | null;
  /** Null where there is no target. */
  readonly met: boolean | null;
  /** Of the network as deployed, which is what a target is for. */
  readonly deployed: Cost & {
    readonly resolution: number;
    readonly classes: number;
    readonly latency: MeasuredLatency;
    /** By the latency table; null where that lacks kernels. */
    readonly estimateMs: number | null;
    /** In which nine of ten such estimates are. */
    readonly estimateIntervalMs: readonly [number, number] | null;
  };
  /** Of the file, where it has the size of the training and not that of the deployed network. */
  readonly asFile:
    | (Cost & {
        readonly resolution: number;
        readonly classes: number;
        readonly latency: MeasuredLatency;
      })
    | null;
  /** Null where no images were at hand. */
  readonly accuracy: VerifiedAccuracy | null;
  readonly seconds: number;
}

/** The answer for people. */
export function verificationSummary(report: VerificationReport): string {
  const { network, file, device, deployed, asFile, accuracy, origin } = report;
  return [
    `${network}: ${formatCount(deployed.params)} params, ${formatCount(deployed.macs)} MACs at ` +
      `${sizeOf(deployed)}${asFile === null ? '' : ' as deployed'}`,
    `file     ${file.path}, ${formatCount(file.bytes)}B${file.int8 ? ', int8' : ''}, weights of ${origin ?? 'a file'}`,
    `latency  ${latencyLine(report)}`,
    ...(asFile === null
      ? []
      : [`         the file itself, ${sizeOf(asFile)} as it was trained: ${measured(asFile.latency)}`]),
    `         ${device.device}, ${runtimeNote(device)}, ${device.threads} thread${device.threads === 1 ? '' : 's'}, ` +
      `${device.dtype}; ${ranNote(asFile?.latency ?? deployed.latency)}`,
    `accuracy ${accuracy === null ? 'not known: no images' : accuracyLine(accuracy)}`,
    `stored as ${report.verification}`,
  ].join('\n');
}

function latencyLine({ targetMs, met, deployed }: VerificationReport): string {
  const { latency, estimateMs, estimateIntervalMs } = deployed;
  const estimate =
    estimateMs === null
      ? 'no estimate: the latency table lacks kernels of it'
      : `estimated ${formatMs(estimateMs)}` +
        (estimateIntervalMs === null ? '' : ` (${estimateIntervalMs.map(formatMs).join(' to ')})`);
  const verdict =
    targetMs === null
      ? ''
      : met
        ? `; ${pc.green(`target ${formatMs(targetMs)} met`)}`
        : `; ${pc.yellow(`target ${formatMs(targetMs)} missed`)}`;
  return `${pc.bold(measured(latency))}, ${estimate}${verdict}`;
}

/** `12.9 ms ± 40.0 us (12.8 ms to 13.2 ms of 60 samples)` */
export function measured({ medianMs, madMs, p10Ms, p90Ms, samples }: MeasuredLatency): string {
  return `${formatMs(medianMs)} ± ${formatMs(madMs)} (eight of ten of ${samples} samples in ${formatMs(p10Ms)} to ${formatMs(p90Ms)})`;
}

function ranNote({ ran }: MeasuredLatency): string {
  return ran === 'file'
    ? 'it ran the file'
    : 'it takes no .tflite files and ran the graph that the file was written from, with random weights';
}

function accuracyLine({ accuracy, images, dataset, ranOn, runtime, trained }: VerifiedAccuracy): string {
  const where =
    ranOn === 'device'
      ? `on the device (${runtime})`
      : `by ${runtime} here: the device's runtime tells no outputs`;
  const before = trained === null ? '' : `; ${formatPercent(trained)} in training`;
  return `${formatPercent(accuracy)} of ${images} validation images of ${dataset}, the file run ${where}${before}`;
}

function sizeOf({ resolution, classes }: { readonly resolution: number; readonly classes: number }): string {
  return `${resolution}x${resolution}, ${classes} classes`;
}
