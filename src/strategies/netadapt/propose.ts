import type { Graph } from '../../graph/graph.ts';
import {
  graphOfWidths,
  narrowerWidths,
  type WidthSpace,
  type Widths,
} from '../../space/widths/width-space.ts';

/** One layer, or all that share its width, narrower than it is. */
export interface Proposal {
  /** Of the width space. */
  readonly group: number;
  /** Of it, what is left. */
  readonly width: number;
  readonly latencyMs: number;
  /** How many kernels of the network have a time that is not measured but interpolated over widths. */
  readonly interpolated: number;
}

export type Estimate = Pick<Proposal, 'latencyMs' | 'interpolated'>;

/** Latencies of some networks, in their order; `undefined` where nothing is known of one. */
export type EstimateLatencies = (graphs: readonly Graph[]) => Promise<readonly (Estimate | undefined)[]>;

/** The place of a step from which its proposals start. */
export interface Start {
  readonly widths: Widths;
  readonly latencyMs: number;
}

/**
 * A proposal for each group by which a step can cut as much as it has to: the widest version of the group that does, so
 * that no channel is cut for nothing. Latency falls in steps and not always; so the widths are gone through one after the
 * other, those of all groups side by side, and each round asks for what is new in it at once. A narrower width of which
 * nothing is known is passed over.
 */
export async function proposeCuts(
  space: WidthSpace,
  { widths, latencyMs: currentMs }: Start,
  cutMs: number,
  divisor: number,
  estimate: EstimateLatencies,
): Promise<readonly Proposal[]> {
  const found: Proposal[] = [];
  let searching = space.groups.map((group, index) => ({
    group: index,
    narrower: narrowerWidths(group, widths[index] ?? 1, divisor),
  }));
  while (searching.length > 0) {
    const asked = searching.flatMap((search) => {
      const next = search.narrower.next();
      return next.done === true ? [] : [{ ...search, width: next.value }];
    });
    const estimates = await estimate(
      asked.map(({ group, width }) => graphOfWidths(space, widths.with(group, width))),
    );
    searching = asked.filter(({ group, width }, i) => {
      const figures = estimates[i];
      if (figures === undefined || currentMs - figures.latencyMs < cutMs) return true;
      found.push({ group, width, ...figures });
      return false;
    });
  }
  return found.sort((a, b) => a.group - b.group);
}
