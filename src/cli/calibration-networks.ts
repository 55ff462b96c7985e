import { createRng } from '../base/rng.ts';
import type { NamedNetwork } from '../devices/device.ts';
import { buildGraph } from '../space/network.ts';
import { sampleGenotype } from '../space/sample.ts';
import type { SearchSpace } from '../space/search-space.ts';

/** Random networks of a space, the same ones each time; `purpose` draws others. */
export function randomNetworks(space: SearchSpace, count: number, purpose: string): readonly NamedNetwork[] {
  const rng = createRng(`${purpose}/${space.name}`);
  return Array.from({ length: count }, (_, index) => ({
    name: `${space.name}, ${purpose} ${index + 1}`,
    graph: buildGraph(space.decode(sampleGenotype(space.decisions, rng))),
  }));
}

/** Networks of each space by which a table of their kernels is calibrated. */
const NETWORKS_PER_SPACE = 8;

export function calibrationNetworks(spaces: readonly SearchSpace[]): readonly NamedNetwork[] {
  return spaces.flatMap((space) => randomNetworks(space, NETWORKS_PER_SPACE, 'calibration'));
}
