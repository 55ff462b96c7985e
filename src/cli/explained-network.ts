import { decisionCosts } from '../flows/decision-costs.ts';
import { graphCost } from '../graph/cost.ts';
import { latencyBlocks, latencySteps } from '../latency/breakdown.ts';
import { estimateKnownKernels } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';
import type { Explanation } from '../report/explanation.ts';
import type { Genotype } from '../space/genotype.ts';
import { type Architecture, buildGraph } from '../space/network.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Measurement } from '../store/store.ts';

/** A network, and what is known of it beyond its layers. */
export interface ExplainedNetwork {
  /** As the user named it. */
  readonly reference: string;
  readonly architecture: Architecture;
  readonly space: SearchSpace | undefined;
  readonly genotype: Genotype | undefined;
  readonly measured: Measurement | undefined;
}

/** Where its milliseconds go by a table, and what its decisions cost. */
export function explainedNetwork(
  { reference, architecture, space, genotype, measured }: ExplainedNetwork,
  table: LatencyTable,
): Explanation {
  const graph = buildGraph(architecture);
  const steps = latencySteps(graph, table);
  const { latencyMs, intervalMs } = estimateKnownKernels(graph, table);
  return {
    ...{ network: reference, architecture, provenance: table.provenance, latencyMs, intervalMs, measured },
    macs: graphCost(graph).macs,
    steps,
    blocks: latencyBlocks(steps),
    decisions:
      space === undefined || genotype === undefined ? undefined : decisionCosts(space, genotype, table),
  };
}
