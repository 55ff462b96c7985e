import type { Kernel } from '../graph/fusion.ts';
import type { KernelLatency } from '../latency/table.ts';
import type { Device, MeasureKernelsOptions } from './device.ts';
import type { TableFile } from './table-file.ts';

/** Measures what `kernels` has and the table lacks; each is on disk before it is yielded. */
export async function* completeTable(
  file: TableFile,
  device: Device,
  kernels: readonly Kernel[],
  options: MeasureKernelsOptions = {},
): AsyncGenerator<KernelLatency, void> {
  const known = file.table().kernels;
  const missing = kernels.filter(({ signature }) => !known.has(signature));
  if (missing.length === 0) return;
  for await (const latency of device.measureKernels(missing, options)) {
    file.add(latency);
    yield latency;
  }
}
