import { estimateKnownKernels } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';
import type { Tree } from '../space/choice.ts';
import { complete } from '../space/complete.ts';
import { isActive } from '../space/decision.ts';
import type { Genotype } from '../space/genotype.ts';
import { costOfParts, createPartBuilder, type StagePart } from '../space/parts.ts';
import type { SearchSpace } from '../space/search-space.ts';

/** What one decision of a network costs: what would change with each other option, all else being as it is. */
export interface DecisionCost {
  readonly decision: string;
  readonly chosen: Tree;
  readonly others: readonly OptionCost[];
}

export interface OptionCost {
  readonly option: Tree;
  /** Estimated, against the network as it is; `undefined` where the table lacks kernels of either. */
  readonly latencyMs: number | undefined;
  readonly macs: number;
  readonly params: number;
  /** Decisions that exist only with this option; they take their first one. */
  readonly opens: readonly string[];
}

/** The decisions of a network, in order, each changed by itself. */
export function decisionCosts(
  space: SearchSpace,
  genotype: Genotype,
  table: LatencyTable,
): readonly DecisionCost[] {
  const { decisions } = space;
  const { parts } = createPartBuilder(space);
  const known = new Map<StagePart, number | undefined>();
  const latencyOf = (part: StagePart): number | undefined => {
    if (!known.has(part)) {
      const { latencyMs, missing } = estimateKnownKernels(part.graph, table);
      known.set(part, missing.length === 0 ? latencyMs : undefined);
    }
    return known.get(part);
  };
  const measure = (network: Genotype) => {
    const own = parts(network);
    const latenciesMs = own.map(latencyOf);
    const latencyMs = latenciesMs.some((ms) => ms === undefined)
      ? undefined
      : latenciesMs.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
    return { latencyMs, ...costOfParts(own) };
  };
  const now = measure(genotype);

  return decisions.flatMap((decision, index): DecisionCost[] => {
    const chosen = genotype[index] ?? 0;
    if (!isActive(decision, genotype)) return [];
    const others = decision.options.flatMap((option, choice): OptionCost[] => {
      if (choice === chosen) return [];
      const changed = complete(
        decisions,
        genotype.map((made, at) => (at === index ? choice : made)),
      );
      const { latencyMs, macs, params } = measure(changed);
      const opens = decisions.filter((other) => isActive(other, changed) && !isActive(other, genotype));
      return [
        {
          option,
          latencyMs:
            latencyMs === undefined || now.latencyMs === undefined ? undefined : latencyMs - now.latencyMs,
          macs: macs - now.macs,
          params: params - now.params,
          opens: opens.map(({ name }) => name),
        },
      ];
    });
    return [{ decision: decision.name, chosen: decision.options[chosen] ?? null, others }];
  });
}
