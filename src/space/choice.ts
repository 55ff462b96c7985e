import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { parseWith, printPath } from '../base/parse.ts';

/** A value in a space file: JSON in which any part may be a choice. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** A free choice as space files write it: `{"choose": [3, 5, 7], "tag": "kernel", "ordinal": true}`. */
export const choiceSchema = z.strictObject({
  choose: z.array(z.unknown()).min(2).describe('The options; they may hold choices themselves.'),
  tag: z
    .string()
    .min(1)
    .optional()
    .describe('Choices with one tag are one decision: they take the option of the same index.'),
  ordinal: z.boolean().default(false).describe('The options are numbers in order, and neighbours are alike.'),
});

type Choice = Omit<z.output<typeof choiceSchema>, 'choose'> & { readonly choose: readonly Tree[] };

/** Whether a value is meant as a choice; until `readChoice` has read it, its options may be anything. */
export function isChoice(tree: Tree): tree is { readonly choose: readonly Tree[] } {
  return tree !== null && typeof tree === 'object' && 'choose' in tree;
}

/** Reads a choice; `path` is where it stands in the file `where`. */
export function readChoice(tree: Tree, path: string, where: string): Choice {
  const at = (inner: readonly PropertyKey[]): string =>
    [path, printPath(inner)].filter((part) => part !== '').join('.');
  const choice = parseWith(choiceSchema, tree, where, { printPath: at }) as Choice;
  const texts = choice.choose.map((option) => JSON.stringify(option));
  const seen = new Set<string>();
  const repeated = texts.find((text) => seen.size === seen.add(text).size);
  if (repeated !== undefined) {
    throw new NasError(where, {
      found: `${at(['choose'])} has ${repeated} twice`,
      expected: 'options that differ: equal ones make different genotypes of one network',
    });
  }
  if (choice.ordinal && !isMonotone(choice.choose)) {
    throw new NasError(where, {
      found: `${at(['choose'])} is [${texts.join(', ')}]`,
      expected: 'numbers in ascending or descending order, for it is ordinal',
    });
  }
  return choice;
}

function isMonotone(options: readonly Tree[]): boolean {
  const numbers = options.filter((option) => typeof option === 'number');
  const rising = numbers.every((value, index) => index === 0 || value > (numbers[index - 1] ?? value));
  const falling = numbers.every((value, index) => index === 0 || value < (numbers[index - 1] ?? value));
  return numbers.length === options.length && (rising || falling);
}
