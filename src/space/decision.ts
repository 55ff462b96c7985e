import { printPath } from '../base/parse.ts';
import { type Genotype, INACTIVE } from './genotype.ts';

/** A value in a space file: JSON in which any part may be `{"choose": [option, …]}`. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** One free choice of a space. */
export interface Decision {
  /** Where it stands in the file: `stages[3].block.kernel`. Nested choices carry their option: `stages[3].block{1}.kernel`. */
  readonly name: string;
  readonly options: readonly Tree[];
  /** The option that must be chosen elsewhere for this decision to exist. */
  readonly parent: { readonly decision: number; readonly option: number } | undefined;
  /** Index of the stage it stands in; `undefined` outside the stages. */
  readonly stage: number | undefined;
}

/** The options of a `{"choose": [...]}` node, or `undefined` for any other value. */
export function optionsOf(tree: Tree): readonly Tree[] | undefined {
  if (tree === null || typeof tree !== 'object' || !('choose' in tree)) return undefined;
  return tree.choose as readonly Tree[];
}

/** All decisions of a tree, a parent before the decisions nested in its options, otherwise in order of the text. */
export function findDecisions(tree: Tree): readonly Decision[] {
  const decisions: Decision[] = [];
  const visit = (node: Tree, name: string, stage: number | undefined, parent: Decision['parent']): void => {
    const options = optionsOf(node);
    if (options !== undefined) {
      const decision = decisions.push({ name, options, parent, stage }) - 1;
      options.forEach((option, index) => {
        visit(option, `${name}{${index}}`, stage, { decision, option: index });
      });
    } else if (Array.isArray(node)) {
      (node as readonly Tree[]).forEach((item, index) => {
        visit(item, `${name}${printPath([index])}`, name === 'stages' ? index : stage, parent);
      });
    } else if (node !== null && typeof node === 'object') {
      for (const [key, child] of Object.entries(node)) {
        visit(child, name === '' ? key : `${name}.${key}`, stage, parent);
      }
    }
  };
  visit(tree, '', undefined, undefined);
  return decisions;
}

/** Whether a decision exists, given the choices made before it. */
export function isActive(decision: Decision, choices: Genotype): boolean {
  const { parent } = decision;
  return parent === undefined || choices[parent.decision] === parent.option;
}

/** The tree with every choice made: no `choose` is left. Visits in the order of `findDecisions`. */
export function applyChoices(tree: Tree, genotype: Genotype): Tree {
  let next = 0;
  const visit = (node: Tree): Tree => {
    const options = optionsOf(node);
    if (options !== undefined) {
      const choice = genotype[next++] ?? INACTIVE;
      let chosen: Tree = null;
      options.forEach((option, index) => {
        if (index === choice) chosen = visit(option);
        else next += findDecisions(option).length;
      });
      return chosen;
    }
    if (Array.isArray(node)) return (node as readonly Tree[]).map(visit);
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
  };
  return visit(tree);
}
