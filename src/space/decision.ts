import { NasError } from '../base/errors.ts';
import { isChoice, readChoice, type Tree } from './choice.ts';
import type { Choices } from './genotype.ts';
import { refuseBeyond } from './limits.ts';

/** One free choice of a space. */
export interface Decision {
  /** Its tag, or else where it stands: `stages[3].block.kernel`; inside option 1 of a choice, `stages[3].block{1}.kernel`. */
  readonly name: string;
  /** What it chooses from, at its first place. */
  readonly options: readonly Tree[];
  readonly ordinal: boolean;
  /** Where it stands: one place, or several that share a tag. */
  readonly places: readonly DecisionPlace[];
}

export interface DecisionPlace {
  readonly name: string;
  /** Index of the stage of the decoded network; `undefined` outside the stages. */
  readonly stage: number | undefined;
  /** What must have been chosen for the place to exist: one condition for each choice around it. */
  readonly conditions: readonly Condition[];
}

/** That a decision took an option. */
export interface Condition {
  readonly decision: number;
  readonly option: number;
}

/** A part of a space file that is searched for choices. */
export interface Root {
  readonly tree: Tree;
  readonly name: string;
  readonly stage: number | undefined;
}

/** The decisions of a space in the order of genotypes, and the decision at each place, by the place's name. */
export interface Decisions {
  readonly decisions: readonly Decision[];
  readonly indexAt: ReadonlyMap<string, number>;
}

/** Whether a decision exists, given the choices made before it: whether one of its places does. */
export function isActive(decision: Decision, choices: Choices): boolean {
  return decision.places.some((place) => exists(place, choices));
}

/** Whether all choices around a place were made in its favour. */
export function exists({ conditions }: DecisionPlace, choices: Choices): boolean {
  return conditions.every(({ decision, option }) => choices[decision] === option);
}

interface Draft {
  readonly name: string;
  readonly options: readonly Tree[];
  readonly ordinal: boolean;
  readonly places: DraftPlace[];
}

interface DraftPlace {
  readonly name: string;
  readonly stage: number | undefined;
  readonly around: readonly { readonly draft: Draft; readonly option: number }[];
}

/** All decisions of some parts of a file, each after those that its places depend on, otherwise in order of the text. */
export function findDecisions(roots: readonly Root[], where: string): Decisions {
  const drafts: Draft[] = [];
  const tagged = new Map<string, Draft>();
  let options = 0;
  const visit = (tree: Tree, place: DraftPlace): void => {
    if (isChoice(tree)) {
      const { choose, tag, ordinal } = readChoice(tree, place.name, where);
      const known = tag === undefined ? undefined : tagged.get(tag);
      const draft = known ?? { name: tag ?? place.name, options: choose, ordinal, places: [] };
      options += choose.length;
      refuseBeyond('options', options, where, 'options of choices');
      refuseBeyond('decisions', drafts.length + 1, where, 'choices');
      if (known === undefined) drafts.push(draft);
      else if (known.options.length !== choose.length || known.ordinal !== ordinal) {
        throw new NasError(where, {
          found: `${place.name} shares the tag '${tag}' with ${known.places[0]?.name}, but not its ${known.ordinal === ordinal ? `${known.options.length} options` : 'being ordinal'}`,
          expected: 'as many options at every place of a tag, all of them ordinal or none',
        });
      }
      if (tag !== undefined) tagged.set(tag, draft);
      draft.places.push(place);
      choose.forEach((option, index) => {
        visit(option, {
          ...place,
          name: `${place.name}{${index}}`,
          around: [...place.around, { draft, option: index }],
        });
      });
    } else if (Array.isArray(tree)) {
      (tree as readonly Tree[]).forEach((item, index) => {
        visit(item, { ...place, name: `${place.name}[${index}]` });
      });
    } else if (tree !== null && typeof tree === 'object') {
      for (const [key, child] of Object.entries(tree)) {
        visit(child, { ...place, name: place.name === '' ? key : `${place.name}.${key}` });
      }
    }
  };
  for (const { tree, name, stage } of roots) visit(tree, { name, stage, around: [] });
  return number(order(drafts, where));
}

/** The first draft, in order of the text, of which all that it depends on is there; and so on. */
function order(drafts: readonly Draft[], where: string): readonly Draft[] {
  const ordered: Draft[] = [];
  const left = [...drafts];
  while (left.length > 0) {
    const ready = left.findIndex(({ places }) =>
      places.every(({ around }) => around.every(({ draft }) => ordered.includes(draft))),
    );
    if (ready < 0) {
      throw new NasError(where, {
        found: `the choices ${left.map(({ name }) => `'${name}'`).join(' and ')} lie inside each other by their tags`,
        expected: 'choices of which one can be made first',
      });
    }
    ordered.push(...left.splice(ready, 1));
  }
  return ordered;
}

function number(drafts: readonly Draft[]): Decisions {
  const indexAt = new Map<string, number>();
  const decisions = drafts.map(({ name, options, ordinal, places }, index): Decision => {
    for (const place of places) indexAt.set(place.name, index);
    return {
      name,
      options,
      ordinal,
      places: places.map(({ around, ...place }) => ({
        ...place,
        conditions: around.map(({ draft, option }) => ({ decision: drafts.indexOf(draft), option })),
      })),
    };
  });
  return { decisions, indexAt };
}
