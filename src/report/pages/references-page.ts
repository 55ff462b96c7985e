import { estimateKnownKernels } from '../../latency/estimate.ts';
import type { LatencyTable } from '../../latency/table.ts';
import { type Architecture, buildGraph } from '../../space/network.ts';

/** A known network beside those of a run. */
export interface ReferencePoint {
  readonly name: string;
  /**
   * What its accuracy is: `trial`, of the run's proxy; `training`, trained in full here; `published`, what its paper
   * prints for ImageNet; `none` where no accuracy is known.
   */
  readonly kind: 'trial' | 'training' | 'published' | 'none';
  /** Estimated by the run's table. */
  readonly latencyMs: number;
  readonly accuracy: number | null;
  /** What the accuracy is of, for people. */
  readonly note: string;
}

export interface ReferencesPage {
  readonly run: string;
  readonly points: readonly ReferencePoint[];
  /** Networks of which the table lacks kernels, so that they have no place. */
  readonly unknown: readonly string[];
}

/** A known network, and what is known of it. */
export interface ReferenceNetwork extends Pick<ReferencePoint, 'name' | 'kind' | 'accuracy' | 'note'> {
  readonly architecture: Architecture;
}

/** Places networks by the latency that the run's table knows of them; one with a kernel missing has none. */
export function referencesPage(
  run: string,
  networks: readonly ReferenceNetwork[],
  table: LatencyTable,
): ReferencesPage {
  const points: ReferencePoint[] = [];
  const unknown = new Set<string>();
  for (const { architecture, name, kind, accuracy, note } of networks) {
    const { latencyMs, missing } = estimateKnownKernels(buildGraph(architecture), table);
    if (missing.length > 0) unknown.add(name);
    else points.push({ name, kind, accuracy, note, latencyMs });
  }
  return { run, points, unknown: [...unknown] };
}
