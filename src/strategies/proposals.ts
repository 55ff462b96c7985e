import { everyGenotype } from '../space/enumerate.ts';
import type { Genotype } from '../space/genotype.ts';
import { sampleGenotype } from '../space/sample.ts';
import type { StrategyOptions } from './strategy.ts';

/** How many draws in a row may be refused before something else is tried. */
const MAX_REFUSALS = 1000;
/** Genotypes that one call may look at to find what is left of a space that seems exhausted. */
const MAX_ENUMERATED = 20_000;

/** What a strategy has proposed, so that it proposes nothing twice and only what is admitted. */
export interface Proposals {
  /** Whether a genotype could be proposed, as far as that is free to tell. */
  isOpen(genotype: Genotype): boolean;
  /** Whether it is proposed with this: it is open, and no network proposed before computes the same. */
  propose(genotype: Genotype): boolean;
  /** Proposes up to `count` genotypes that `draw` gives, and others where it gives no more that are new. */
  fill(count: number, draw: () => Genotype | undefined): readonly Genotype[];
}

/**
 * Where `draw` gives nothing, or nothing new many times in a row,
 * genotypes are drawn uniformly, and where that fails too, those left are looked for one after the other: so a
 * space is exhausted to the last network.
 */
export function createProposals(
  space: Pick<StrategyOptions, 'decisions' | 'rng' | 'admits' | 'identity'>,
): Proposals {
  const { decisions, admits, identity } = space;
  const uniform = space.rng.fork('uniform');
  const closed = new Set<string>();
  const identities = new Set<string>();
  const remaining = everyGenotype(decisions);

  const isOpen = (genotype: Genotype): boolean => !closed.has(genotype.join()) && admits(genotype);
  const propose = (genotype: Genotype): boolean => {
    const key = genotype.join();
    if (closed.has(key) || !admits(genotype)) return false;
    closed.add(key);
    if (identity === undefined) return true;
    const known = identities.size;
    return identities.add(identity(genotype)).size > known;
  };

  return {
    isOpen,
    propose,
    fill(count, draw) {
      const found: Genotype[] = [];
      for (const source of [draw, () => sampleGenotype(decisions, uniform)]) {
        for (let refusals = 0; found.length < count && refusals < MAX_REFUSALS; ) {
          const genotype = source();
          if (genotype === undefined) break;
          if (propose(genotype)) {
            found.push(genotype);
            refusals = 0;
          } else refusals++;
        }
      }
      for (let looked = 0; found.length < count && looked < MAX_ENUMERATED; looked++) {
        const { value: genotype, done } = remaining.next();
        if (done) break;
        if (propose(genotype)) found.push(genotype);
      }
      return found;
    },
  };
}
