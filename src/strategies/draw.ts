import type { Genotype } from '../space/genotype.ts';
import { MAX_REFUSALS } from './strategy.ts';

/**
 * Draws until `count` admissible genotypes that were not proposed before are found, or until too many draws in a
 * row were refused. Adds what it returns to `proposed`.
 */
export function drawNew(
  count: number,
  proposed: Set<string>,
  draw: () => Genotype,
  admits: (genotype: Genotype) => boolean,
): readonly Genotype[] {
  const found: Genotype[] = [];
  for (let refusals = 0; found.length < count && refusals < MAX_REFUSALS; ) {
    const genotype = draw();
    const key = genotype.join();
    if (proposed.has(key) || !admits(genotype)) {
      refusals++;
      continue;
    }
    refusals = 0;
    proposed.add(key);
    found.push(genotype);
  }
  return found;
}
