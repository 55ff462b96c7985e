import { createRng } from '../base/rng.ts';
import { formatDuration, formatPercent } from '../base/units.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { completeTable } from '../devices/complete-table.ts';
import type { Device } from '../devices/device.ts';
import { openTableFile, tablePath } from '../devices/table-file.ts';
import type { Kernel } from '../graph/fusion.ts';
import type { LatencyTable } from '../latency/table.ts';
import { bar, secondsLeft } from '../report/progress.ts';
import type { ProxyTask } from '../space/proxy.ts';
import { LATENCY_TABLES } from './folders.ts';
import type { Work } from './work.ts';

/** A table of the device that has these kernels: read from its file, and measured where it lacks some. */
export async function prepareTable(
  device: Device,
  kernels: readonly Kernel[],
  { progress, signal, nowMs }: Work,
): Promise<LatencyTable> {
  const file = openTableFile(tablePath(LATENCY_TABLES, device.provenance), device.provenance);
  const missing = kernels.filter(({ signature }) => !file.table().kernels.has(signature)).length;
  const startMs = nowMs();
  const elapsed = (): number => (nowMs() - startMs) / 1000;
  if (missing > 0) progress.line(`table    measuring ${missing} kernels on ${device.provenance.processor}`);
  let done = 0;
  let rejected = 0;
  for await (const kernel of completeTable(file, device, kernels, { signal })) {
    done++;
    rejected += kernel.rejected;
    const left = secondsLeft(done / missing, elapsed());
    progress.live(`${bar(done / missing)} ${done}/${missing} kernels, ${formatDuration(left ?? 0)} left`);
  }
  signal.throwIfAborted();
  progress.clear();
  const measured = missing > 0 ? `${missing} measured in ${formatDuration(elapsed())}, ` : '';
  const disturbed = rejected > 0 ? `, ${rejected} disturbed samples thrown away` : '';
  progress.line(`table    ${file.path}: ${measured}${kernels.length - missing} reused${disturbed}`);
  return file.table();
}

/** The images of a proxy, split by the seed; downloaded first where that is needed. */
export async function prepareDataset(
  name: string,
  proxy: ProxyTask,
  seed: string,
  { progress, signal, nowMs }: Work,
): Promise<Dataset> {
  const startMs = nowMs();
  let step = '';
  const dataset = await openDataset(name).load({
    resolution: proxy.resolution,
    trainImages: proxy.trainImages,
    validationImages: proxy.validationImages,
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
