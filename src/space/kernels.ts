import type { Kernel } from '../graph/fusion.ts';
import { reachableParts } from './reachable.ts';
import type { SearchSpace } from './search-space.ts';

/** Every distinct kernel that any network of a space, as deployed, is made of: what its latency table must hold. */
export function kernelsOfSpace(space: SearchSpace): readonly Kernel[] {
  const bySignature = new Map<string, Kernel>();
  for (const { kernels } of reachableParts(space)) {
    for (const { kernel } of kernels) {
      if (!bySignature.has(kernel.signature)) bySignature.set(kernel.signature, kernel);
    }
  }
  return [...bySignature.values()];
}
