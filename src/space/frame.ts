import type { z } from 'zod';
import { parseWith } from '../base/parse.ts';
import type { Tree } from './choice.ts';
import { type Decisions, exists } from './decision.ts';
import type { Choices } from './genotype.ts';
import { compileTemplate, instantiate, printFilePath } from './template.ts';

/** A part of a space whose value depends on a few of its decisions only: one stage, or all that is outside the stages. */
export interface Frame<Value> {
  /** Decisions with a place in this part, ascending. */
  readonly decisions: readonly number[];
  /** Equal choices give the same object. Throws a NasError where a chosen value is not as its schema wants it. */
  decode(choices: Choices): Value;
  /** Every way to make the decisions of this part that `made` leaves open, each added to `made`. */
  variants(made: Choices): Generator<Choices>;
}

export interface FrameSource<Schema extends z.ZodType> {
  readonly tree: Tree;
  /** Where it stands in the decoded network, as in the names of its decisions; empty for the whole. */
  readonly name: string;
  /** Where it stands in the file. */
  readonly filePath: string;
  readonly stage: number | undefined;
  readonly schema: Schema;
}

export function createFrame<Schema extends z.ZodType>(
  { tree, name, filePath, stage, schema }: FrameSource<Schema>,
  { decisions, indexAt }: Decisions,
  where: string,
): Frame<z.output<Schema>> {
  const template = compileTemplate(tree, name, indexAt);
  const places = decisions.map((decision) => decision.places.filter((place) => place.stage === stage));
  const own = decisions.flatMap((_, index) => (places[index]?.length ? [index] : []));
  const known = new Map<string, z.output<Schema>>();

  function* variants(made: Choices, from = 0): Generator<Choices> {
    const index = own[from];
    if (index === undefined) {
      yield made;
      return;
    }
    const here = made[index] === undefined && places[index]?.some((place) => exists(place, made));
    if (!here) return yield* variants(made, from + 1);
    for (const option of decisions[index]?.options.keys() ?? []) {
      const choices = [...made];
      choices[index] = option;
      yield* variants(choices, from + 1);
    }
  }

  return {
    decisions: own,
    decode(choices) {
      const key = own.map((index) => choices[index]).join();
      const before = known.get(key);
      if (before !== undefined) return before;
      const value = parseWith(schema, instantiate(template, choices), where, {
        printPath: (path) => printFilePath(template, filePath, path, choices),
      });
      known.set(key, value);
      return value;
    },
    variants: (made) => variants(made),
  };
}
