import type { Condition, Decision } from './decision.ts';
import { refuseBeyond } from './limits.ts';

/** What is still open of the conditions of a decision: any one list of them, all of that list. */
type Open = readonly (readonly Condition[])[];

const CERTAIN: Open = [[]];

/**
 * The number of genotypes of some decisions, exact up to rounding. One decision after the other is made; ways to have made
 * them that leave the later decisions the same conditions are counted together, so the time grows with the number
 * of decisions, not of genotypes. Throws a NasError where tags make more cases than can be told apart.
 */
export function countGenotypes(decisions: readonly Decision[], where: string): number {
  const asked = new Set(
    decisions.flatMap(({ places }) => places.flatMap((place) => place.conditions.map((c) => c.decision))),
  );
  const start: readonly Open[] = decisions
    .map(({ places }) => places.map(({ conditions }) => conditions))
    .map(simplify);
  let states = new Map([['', { open: start, count: 1 }]]);
  decisions.forEach(({ options }, index) => {
    const next: typeof states = new Map();
    const add = (open: readonly Open[], count: number): void => {
      const key = JSON.stringify(open);
      next.set(key, { open, count: (next.get(key)?.count ?? 0) + count });
      refuseBeyond('countedCases', next.size, where, 'ways in which choices depend on others by their tags');
    };
    for (const { open, count } of states.values()) {
      const [own = CERTAIN, ...later] = open;
      if (own.length === 0)
        add(
          later.map((o) => given(o, index, undefined)),
          count,
        );
      else if (!asked.has(index)) add(later, count * options.length);
      else
        for (const option of options.keys())
          add(
            later.map((o) => given(o, index, option)),
            count,
          );
    }
    states = next;
  });
  return [...states.values()].reduce((sum, { count }) => sum + count, 0);
}

/** What remains open once a decision has taken an option, or none. */
function given(open: Open, decision: number, option: number | undefined): Open {
  const possible = open.filter((all) => all.every((c) => c.decision !== decision || c.option === option));
  return simplify(possible.map((all) => all.filter((c) => c.decision !== decision)));
}

function simplify(open: Open): Open {
  return open.some((all) => all.length === 0) ? CERTAIN : open;
}
