import { median } from 'simple-statistics';
import { createRng } from '../base/rng.ts';
import { formatDuration, formatMs, formatPercent } from '../base/units.ts';
import type { Dataset, DatasetRequest, TrainingData } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { completeTable } from '../devices/complete-table.ts';
import type { Device, NamedNetwork } from '../devices/device.ts';
import { appendSamples, samplesPath } from '../devices/samples-file.ts';
import { openTableFile, type TableFile, tablePath } from '../devices/table-file.ts';
import { extendCalibration, measureWholeNetworks } from '../flows/calibrate.ts';
import type { Kernel } from '../graph/fusion.ts';
import type { LatencyTable } from '../latency/table.ts';
import { bar, secondsLeft } from '../report/progress.ts';
import { LATENCY_TABLES } from './folders.ts';
import { beginSession } from './measuring-session.ts';
import type { TrainerConfig } from './trainer-options.ts';
import type { Work } from './work.ts';

/** What preparing a table came to. */
export interface PreparedTable {
  readonly path: string;
  readonly table: LatencyTable;
  readonly measured: number;
  readonly reused: number;
  readonly rejected: number;
}

export interface PrepareOptions {
  /** Append every sample of the kernels measured now to a file beside the table. */
  readonly keepSamples?: boolean | undefined;
}

/**
 * A table of the device that has these kernels and is calibrated by these networks: read from its file, and measured
 * where it lacks some.
 */
export async function prepareTable(
  device: Device,
  kernels: readonly Kernel[],
  networks: readonly NamedNetwork[],
  { progress, signal, nowMs }: Work,
  { keepSamples = false }: PrepareOptions = {},
): Promise<PreparedTable> {
  const { processor } = device.provenance;
  const file = openTableFile(tablePath(LATENCY_TABLES, device.provenance), device.provenance);
  const missing = kernels.filter(({ signature }) => !file.table().kernels.has(signature)).length;
  const startMs = nowMs();
  const elapsed = (): number => (nowMs() - startMs) / 1000;
  const reused = kernels.length - missing;
  const calibrated = new Set(file.table().calibration?.networks.map(({ name }) => name));
  const uncalibrated = networks.filter(({ name }) => !calibrated.has(name));
  const session =
    missing + uncalibrated.length === 0 ? undefined : await beginSession(device, file, { progress, signal });
  if (missing > 0) {
    const { runtime } = device.provenance;
    const about = formatDuration(missing * (SECONDS_PER_KERNEL[runtime] ?? 0.2));
    progress.line(`table    ${missing} of ${kernels.length} kernels missing, about ${about} on ${processor}`);
  }
  let done = 0;
  let rejected = 0;
  const onSamples = keepSamples ? appendSamples(samplesPath(file.path)) : undefined;
  for await (const kernel of completeTable(file, device, kernels, { signal, onSamples })) {
    done++;
    rejected += kernel.rejected ?? 0;
    const left = secondsLeft(done / missing, elapsed());
    progress.live(`${bar(done / missing)} ${done}/${missing} kernels, ${formatDuration(left ?? 0)} left`);
  }
  signal.throwIfAborted();
  progress.clear();
  const took = missing > 0 ? `${missing} measured in ${formatDuration(elapsed())}, ` : '';
  const disturbed = rejected > 0 ? `, ${rejected} disturbed samples thrown away` : '';
  progress.line(`table    ${file.path}: ${took}${reused} reused${disturbed}`);
  await calibrateTable(file, uncalibrated, device, { progress, signal, nowMs });
  await session?.end();
  return { path: file.path, table: file.table(), measured: missing, reused, rejected };
}

/**
 * To begin with; what is left is then worked out from what was done. XNNPACK's takes a fifth of a second for a kernel.
 */
const SECONDS_PER_KERNEL: Readonly<Record<string, number>> = { tflite: 2.5, litert: 0.5 };

/** Measures networks as a whole that the calibration lacks, and fits it to them and those of before. */
async function calibrateTable(
  file: TableFile,
  missing: readonly NamedNetwork[],
  device: Device,
  { progress, signal }: Work,
): Promise<void> {
  if (missing.length === 0) return;
  let done = 0;
  for await (const network of measureWholeNetworks(missing, file.table(), device, signal)) {
    file.calibrate(extendCalibration(file.table().calibration, [network]));
    done++;
    progress.live(`${bar(done / missing.length)} ${done}/${missing.length} whole networks`);
  }
  progress.clear();
  const { calibration } = file.table();
  if (calibration === undefined) return;
  const { scale, perKernelMs, perMebibyteMs, networks: all } = calibration;
  const error = median(all.map(({ leaveOneOutError }) => Math.abs(leaveOneOutError)));
  progress.line(
    `table    calibrated by ${all.length} whole networks: ${scale.toFixed(3)} × sum of kernels, ` +
      `${formatMs(perKernelMs)} a kernel, ${formatMs(perMebibyteMs)} a MiB of weights; ` +
      `median error of a network left out ${formatPercent(error)}`,
  );
}

type Asked = Pick<DatasetRequest, 'resolution' | 'trainImages' | 'validationImages'>;

/** The images of a proxy or a training, split by the seed; downloaded first where that is needed. */
export function prepareDataset(name: string, asked: Asked, seed: string, work: Work): Promise<Dataset> {
  const source = openDataset(name);
  return prepared((request) => source.load(request), asked, seed, work);
}

/** The same for a trainer, which may be one that decodes images itself, so that they need not fit in memory. */
export function prepareTrainingData(
  trainer: TrainerConfig,
  name: string,
  asked: Asked,
  seed: string,
  work: Work,
): Promise<TrainingData> {
  const source = openDataset(name);
  const list = trainer.name === 'pytorch' ? source.list?.bind(source) : undefined;
  return prepared<TrainingData>(list ?? ((request) => source.load(request)), asked, seed, work);
}

async function prepared<Data extends TrainingData>(
  obtain: (request: DatasetRequest) => Promise<Data>,
  asked: Asked,
  seed: string,
  { progress, signal, nowMs }: Work,
): Promise<Data> {
  const startMs = nowMs();
  let step = '';
  const dataset = await obtain({
    resolution: asked.resolution,
    trainImages: asked.trainImages,
    validationImages: asked.validationImages,
    rng: createRng(`${seed}/validation split`),
    signal,
    onProgress(current, fraction) {
      if (current !== step) progress.line(`dataset  ${current}`);
      step = current;
      progress.live(`${bar(fraction)} ${formatPercent(fraction)} of ${current}`);
    },
  });
  progress.clear();
  const { train, validation, classes } = dataset;
  progress.line(
    `dataset  ${dataset.name}: ${train.count} training and ${validation.count} validation images of ` +
      `${train.width}x${train.height}, ${classes.length} classes, ready in ${formatDuration((nowMs() - startMs) / 1000)}`,
  );
  return dataset;
}
