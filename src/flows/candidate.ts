import type { Dataset } from '../datasets/dataset.ts';
import { type Cost, graphCost } from '../graph/cost.ts';
import { estimateLatency } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';
import type { Genotype } from '../space/genotype.ts';
import { buildGraph } from '../space/network.ts';
import { costOfParts, createPartBuilder, type StagePart } from '../space/parts.ts';
import { type ProxyTask, proxyBuildOptions } from '../space/proxy.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { TrainRequest } from '../trainers/trainer.ts';
import type { Candidate } from './search.ts';

/** What is known of a network as deployed, without training it. */
export interface Deployed extends Cost {
  /** Estimated from the table. */
  readonly latencyMs: number;
}

/**
 * Costs of the networks of a space as deployed, with a table that covers it. Stages are lowered and looked up in the
 * table once, so a network takes microseconds: a strategy may ask for thousands.
 */
export function deployedCosts(space: SearchSpace, table: LatencyTable): (genotype: Genotype) => Deployed {
  const { parts } = createPartBuilder(space);
  const known = new WeakMap<StagePart, number>();
  const latencyOf = (part: StagePart): number => {
    let latencyMs = known.get(part);
    if (latencyMs === undefined) {
      ({ latencyMs } = estimateLatency(part.graph, table));
      known.set(part, latencyMs);
    }
    return latencyMs;
  };
  return (genotype) => {
    const network = parts(genotype);
    let latencyMs = 0;
    for (const part of network) latencyMs += latencyOf(part);
    return { latencyMs, ...costOfParts(network) };
  };
}

/** A network at the size in which it is trained, with its recipe. */
export function proxyTraining(
  space: SearchSpace,
  proxy: ProxyTask,
  genotype: Genotype,
  dataset: Dataset,
): { readonly training: Omit<TrainRequest, 'seed'>; readonly macs: number } {
  const graph = buildGraph(space.decode(genotype), {
    ...proxyBuildOptions(proxy),
    classes: dataset.classes.length,
    inputChannels: dataset.train.channels,
  });
  return { training: { graph, genotype, recipe: proxy.recipe }, macs: graphCost(graph).macs };
}

/** Everything known of a network before it is trained: as deployed, and as its proxy. */
export function describeCandidate(
  space: SearchSpace,
  proxy: ProxyTask,
  deployed: (genotype: Genotype) => Deployed,
  dataset: Dataset,
): (genotype: Genotype) => Candidate {
  return (genotype) => {
    const { training, macs: trainingMacs } = proxyTraining(space, proxy, genotype, dataset);
    return { genotype, ...deployed(genotype), training, trainingMacs };
  };
}
