import { isChoice, type Tree } from './choice.ts';
import type { Choices } from './genotype.ts';

/** A tree in which each choice names the decision that makes it. */
export type Template =
  | { readonly kind: 'value'; readonly value: null | boolean | number | string }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, Template>> }
  | { readonly kind: 'choice'; readonly decision: number; readonly options: readonly Template[] };

/** `indexAt` has the decision at each place, by the place's name. */
export function compileTemplate(tree: Tree, name: string, indexAt: ReadonlyMap<string, number>): Template {
  if (tree === null || typeof tree !== 'object') return { kind: 'value', value: tree };
  if (isChoice(tree)) {
    const options = tree.choose.map((option, index) => compileTemplate(option, `${name}{${index}}`, indexAt));
    return { kind: 'choice', decision: indexAt.get(name) ?? 0, options };
  }
  if (Array.isArray(tree)) {
    const items = tree as readonly Tree[];
    return { kind: 'list', items: items.map((item, i) => compileTemplate(item, `${name}[${i}]`, indexAt)) };
  }
  const fields = Object.entries(tree).map(([key, child]): [string, Template] => [
    key,
    compileTemplate(child, name === '' ? key : `${name}.${key}`, indexAt),
  ]);
  return { kind: 'record', fields: Object.fromEntries(fields) };
}

/** The tree with every choice made. */
export function instantiate(template: Template, choices: Choices): Tree {
  switch (template.kind) {
    case 'value':
      return template.value;
    case 'list':
      return template.items.map((item) => instantiate(item, choices));
    case 'record':
      return Object.fromEntries(
        Object.entries(template.fields).map(([key, field]) => [key, instantiate(field, choices)]),
      );
    case 'choice':
      return instantiate(chosen(template, choices), choices);
  }
}

/**
 * Where the file writes what stands at `path` once the choices are made: `stages[3].block.kernel` may be
 * `stages[3].block.choose[1].kernel.choose[0]`.
 */
export function printFilePath(
  template: Template,
  name: string,
  path: readonly PropertyKey[],
  choices: Choices,
): string {
  if (template.kind === 'choice') {
    const option = `${name}.choose[${choices[template.decision] ?? 0}]`;
    return printFilePath(chosen(template, choices), option, path, choices);
  }
  const [key, ...rest] = path;
  if (key === undefined) return name;
  const text =
    typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`;
  const inner =
    template.kind === 'list'
      ? template.items[Number(key)]
      : template.kind === 'record'
        ? template.fields[String(key)]
        : undefined;
  return printFilePath(inner ?? { kind: 'value', value: null }, text, rest, choices);
}

function chosen(template: Extract<Template, { kind: 'choice' }>, choices: Choices): Template {
  const option = template.options[choices[template.decision] ?? 0];
  if (option === undefined) throw new RangeError(`decision ${template.decision} has no such option`);
  return option;
}
