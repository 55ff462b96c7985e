import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import type { Tree } from '../../src/space/choice.ts';
import { type Decision, findDecisions, isActive } from '../../src/space/decision.ts';
import { type Genotype, INACTIVE } from '../../src/space/genotype.ts';
import { countGenotypes } from '../../src/space/size.ts';

function* everyGenotype(decisions: readonly Decision[], made: Genotype = []): Generator<Genotype> {
  const decision = decisions[made.length];
  if (decision === undefined) yield made;
  else if (!isActive(decision, made)) yield* everyGenotype(decisions, [...made, INACTIVE]);
  else for (const option of decision.options.keys()) yield* everyGenotype(decisions, [...made, option]);
}

const decisionsOf = (tree: Tree): readonly Decision[] =>
  findDecisions([{ tree, name: '', stage: undefined }], 'test').decisions;

/** Trees with choices inside choices, some of which share one of two tags. */
const { tree } = fc.letrec<{ tree: Tree; choice: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.integer({ min: 0, max: 99 }),
    tie('choice'),
    fc.array(tie('tree'), { maxLength: 3 }) as fc.Arbitrary<Tree>,
  ),
  choice: fc
    .tuple(
      fc.uniqueArray(tie('tree'), { minLength: 2, maxLength: 3, selector: (t) => JSON.stringify(t) }),
      fc.constantFrom('', 'a', 'b'),
    )
    .map(([choose, tag]): Tree => (tag === '' ? { choose } : { choose, tag })),
}));

test('the size of a space is the number of its genotypes', () => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 4 }), (trees) => {
      let decisions: readonly Decision[];
      try {
        decisions = decisionsOf(trees);
      } catch (error) {
        // Tags with unlike numbers of options, or inside each other.
        expect(error).toBeInstanceOf(NasError);
        return;
      }
      fc.pre(countGenotypes(decisions, 'test') < 20_000);
      expect(countGenotypes(decisions, 'test')).toBe([...everyGenotype(decisions)].length);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('a tag that lies in every stage does not make counting slow', () => {
  const stage = { choose: [{ choose: [1, 2], tag: 'shared' }, { choose: [3, 4, 5] }, 6] };
  const decisions = decisionsOf(Array.from({ length: 30 }, () => stage));
  expect(decisions).toHaveLength(61);
  // Where any stage takes its first option, the tag doubles the count; elsewhere it is not there.
  expect(countGenotypes(decisions, 'test') / (2 * 5 ** 30 - 4 ** 30)).toBeCloseTo(1, 9);
});
