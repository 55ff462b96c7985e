import { complete } from '../../space/complete.ts';
import { descend } from '../../space/descend.ts';
import type { Genotype } from '../../space/genotype.ts';
import type { BuildOptions } from '../../space/network.ts';
import { costOfParts, createPartBuilder } from '../../space/parts.ts';
import type { SearchSpace } from '../../space/search-space.ts';

/**
 * The network that a supernet learns first: of each decision the option with the most multiply-accumulates, but the middle
 * of an ordinal one of three or more, such as a width or a depth, from which it is not far to any.
 */
export function anchorOf(space: SearchSpace, build: BuildOptions): Genotype {
  const { decisions } = space;
  const { parts } = createPartBuilder(space, build);
  const macsOf = (genotype: Genotype): number => costOfParts(parts(genotype)).macs;
  const largest = descend(decisions, complete(decisions, []), (genotype) => -macsOf(genotype)).genotype;
  return complete(
    decisions,
    decisions.map(({ ordinal, options }, index) =>
      ordinal && options.length > 2 ? options.length >> 1 : largest[index],
    ),
  );
}
