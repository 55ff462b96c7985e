import { digestOf } from '../base/digest.ts';
import type { DatasetFacts } from '../datasets/dataset.ts';
import { type Cost, graphCost } from '../graph/cost.ts';
import { printOp } from '../graph/fusion.ts';
import type { Graph } from '../graph/graph.ts';
import { estimateLatency } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';
import type { Genotype } from '../space/genotype.ts';
import { buildGraph } from '../space/network.ts';
import { costOfParts, createPartBuilder, type StagePart } from '../space/parts.ts';
import { type ProxyTask, proxyBuildOptions } from '../space/proxy.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { TrainRequest } from '../trainers/trainer.ts';
import type { LadderRung } from './ladder.ts';
import type { Candidate, CandidateRung } from './search.ts';

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
  dataset: DatasetFacts,
): { readonly training: Omit<TrainRequest, 'seed'>; readonly macs: number } {
  const graph = buildGraph(space.decode(genotype), {
    ...proxyBuildOptions(proxy),
    classes: dataset.classes.length,
    inputChannels: dataset.train.channels,
  });
  return { training: { graph, genotype, recipe: proxy.recipe }, macs: graphCost(graph).macs };
}

/** What candidates are described with. */
export interface CandidateParts {
  readonly space: SearchSpace;
  readonly proxy: ProxyTask;
  readonly ladder: readonly LadderRung[];
  /** Of each rung: its images at its resolution. */
  readonly datasets: readonly DatasetFacts[];
  /** Costs on each device of the run, at least one. */
  readonly deployed: readonly ((genotype: Genotype) => Deployed)[];
  /** Why a network is not worth training; `undefined` where it is. */
  readonly infeasible: (genotype: Genotype) => string | undefined;
}

/** Everything known of a network before it is trained: as deployed, and at each rung of its proxy. */
export function describeCandidate(parts: CandidateParts): (genotype: Genotype) => Candidate {
  const { space, proxy, ladder, datasets, deployed, infeasible } = parts;
  const identify = architectureDigest(space);
  return (genotype) => {
    let paused = 0;
    const rungs = ladder.map((rung, index): CandidateRung => {
      const dataset = datasets[index];
      if (dataset === undefined) throw new RangeError(`no dataset for rung ${index}`);
      const { resolution, recipe, untilEpoch, continues } = rung;
      const { training, macs } = proxyTraining(space, { ...proxy, resolution, recipe }, genotype, dataset);
      const until = untilEpoch ?? recipe.epochs;
      const epochs = continues === 'training' ? until - paused : until;
      paused = until;
      return {
        training: untilEpoch === undefined ? training : { ...training, untilEpoch },
        work: macs * dataset.train.count * epochs,
        continues,
      };
    });
    const costs = deployed.map((costsOf) => costsOf(genotype));
    const [first] = costs;
    if (first === undefined) throw new RangeError('a run has a device');
    const { latencyMs, params, macs } = first;
    const reason = infeasible(genotype);
    return {
      genotype,
      architecture: identify(genotype),
      latencyMs,
      ...(costs.length > 1 ? { latenciesMs: costs.map((cost) => cost.latencyMs) } : {}),
      params,
      macs,
      ...(reason === undefined ? {} : { infeasible: reason }),
      rungs: sharedWeights(rungs),
    };
  };
}

/**
 * Digest of the ops of a genotype's network as deployed: equal where two genotypes spell the same one, as they do where
 * a choice is about layers that are not there.
 */
export function architectureDigest(space: SearchSpace): (genotype: Genotype) => string {
  return (genotype) => {
    const { nodes, output } = buildGraph(space.decode(genotype));
    return digestOf([nodes.map(({ op, inputs }) => [printOp(op), inputs]), output]);
  };
}

/** A rung begins anew where its network has other parameters than that of the rung before, by its resolution. */
function sharedWeights(rungs: readonly CandidateRung[]): readonly CandidateRung[] {
  return rungs.map((rung, index) => {
    const before = rungs[index - 1];
    if (rung.continues !== 'weights' || before === undefined) return rung;
    const alike = parameterShapes(rung.training.graph) === parameterShapes(before.training.graph);
    return alike ? rung : { ...rung, continues: 'nothing' };
  });
}

/** What the names and shapes of a network's parameters follow from: its ops, and the channels they read. */
function parameterShapes({ nodes }: Graph): string {
  return nodes
    .map(({ op, inputs }) => {
      const learns = op.kind === 'convolution' || op.kind === 'linear' || op.kind === 'batch-norm';
      const channels = inputs.map((input) => nodes[input]?.shape[2]);
      return learns || op.kind === 'activation' ? `${printOp(op)} of ${channels}` : '';
    })
    .join('\n');
}
