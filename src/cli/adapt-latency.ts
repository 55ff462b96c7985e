import { completeTable } from '../devices/complete-table.ts';
import type { Device } from '../devices/device.ts';
import { openTableFile, tablePath } from '../devices/table-file.ts';
import { distinctKernels } from '../graph/fusion.ts';
import type { Graph } from '../graph/graph.ts';
import { estimateKnownKernels } from '../latency/estimate.ts';
import { interpolateKernel } from '../latency/interpolate.ts';
import type { LatencyTable } from '../latency/table.ts';
import { bar } from '../report/progress.ts';
import type { Estimate, EstimateLatencies } from '../strategies/netadapt/propose.ts';
import { LATENCY_TABLES } from './folders.ts';
import { beginSession } from './measuring-session.ts';
import { prepareTable } from './prepare.ts';
import type { Work } from './work.ts';

/** Where the latencies of an adaptation come from. */
export interface AdaptLatencies {
  /** What the table says at first. */
  readonly table: LatencyTable;
  readonly estimate: EstimateLatencies;
  /** Once all is measured. */
  end(): Promise<void>;
}

/** Of a table alone: what it lacks is interpolated over widths where it can be, each kernel once. */
export function latenciesOfTable(table: LatencyTable): AdaptLatencies {
  const kernels = new Map(table.kernels);
  const completed = { ...table, kernels };
  const interpolated = new Set<string>();
  const unknown = new Set<string>();
  const estimateOne = (graph: Graph): Estimate | undefined => {
    // Kernels that are only in a sequence of the table are missing by themselves and not in the network.
    for (const signature of estimateKnownKernels(graph, completed).missing) {
      if (unknown.has(signature)) return undefined;
      const medianMs = interpolateKernel(signature, table);
      if (medianMs === undefined) {
        unknown.add(signature);
        return undefined;
      }
      interpolated.add(signature);
      const nothingMeasured = {
        madMs: null,
        p10Ms: null,
        p90Ms: null,
        warmMs: null,
        samples: null,
        rejected: null,
      };
      kernels.set(signature, { signature, medianMs, ...nothingMeasured });
    }
    const { latencyMs, kernels: shares } = estimateKnownKernels(graph, completed);
    const guessed = shares.filter(({ signature }) => interpolated.has(signature));
    return { latencyMs, interpolated: guessed.reduce((sum, { count }) => sum + count, 0) };
  };
  return { table, estimate: async (graphs) => graphs.map(estimateOne), end: async () => {} };
}

/** Of a device: what its table lacks is measured, and kept in the table. */
export async function latenciesOfDevice(
  device: Device,
  deployed: { readonly name: string; readonly graph: Graph },
  work: Work,
): Promise<AdaptLatencies> {
  const { progress, signal } = work;
  // Measured as a whole as well, so that the estimates of networks like it are calibrated by it.
  const { table } = await prepareTable(device, distinctKernels([deployed.graph]), [deployed], work);
  const file = openTableFile(tablePath(LATENCY_TABLES, device.provenance), device.provenance);
  let session: Awaited<ReturnType<typeof beginSession>> | undefined;
  let measured = 0;
  return {
    table,
    async estimate(graphs) {
      const wanted = distinctKernels(graphs);
      const missing = wanted.filter(({ signature }) => !file.table().kernels.has(signature)).length;
      if (missing > 0 && session === undefined) {
        progress.line('table    measuring kernels of widths that it lacks, as they are met');
        session = await beginSession(device, file, { progress, signal });
      }
      let done = 0;
      for await (const _ of completeTable(file, device, wanted, { signal })) {
        done++;
        measured++;
        progress.live(`${bar(done / missing)} ${done}/${missing} kernels`);
      }
      progress.clear();
      return graphs.map((graph) => ({
        latencyMs: estimateKnownKernels(graph, file.table()).latencyMs,
        interpolated: 0,
      }));
    },
    async end() {
      if (measured > 0) progress.line(`table    ${measured} kernels of such widths measured`);
      await session?.end();
    },
  };
}
