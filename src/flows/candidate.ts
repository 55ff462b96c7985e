import type { Dataset } from '../datasets/dataset.ts';
import { graphCost } from '../graph/cost.ts';
import { estimateLatency } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';
import type { Genotype } from '../space/genotype.ts';
import { buildGraph } from '../space/network.ts';
import { type ProxyTask, proxyBuildOptions, type SearchSpace } from '../space/search-space.ts';
import type { TrainRequest } from '../trainers/trainer.ts';
import type { Candidate } from './search.ts';

/** Latency of the networks of a space as deployed, from a table that covers it. Each is worked out once. */
export function latencyOfSpace(space: SearchSpace, table: LatencyTable): (genotype: Genotype) => number {
  const known = new Map<string, number>();
  return (genotype) => {
    const key = genotype.join();
    const before = known.get(key);
    if (before !== undefined) return before;
    const { latencyMs } = estimateLatency(buildGraph(space.decode(genotype)), table);
    known.set(key, latencyMs);
    return latencyMs;
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
  latencyOf: (genotype: Genotype) => number,
  dataset: Dataset,
): (genotype: Genotype) => Candidate {
  return (genotype) => {
    const { training, macs: trainingMacs } = proxyTraining(space, proxy, genotype, dataset);
    const deployed = graphCost(buildGraph(space.decode(genotype)));
    return { genotype, latencyMs: latencyOf(genotype), ...deployed, training, trainingMacs };
  };
}
