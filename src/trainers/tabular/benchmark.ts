import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import { parseWith } from '../../base/parse.ts';
import { type Decision, findDecisions } from '../../space/decision.ts';
import type { Genotype } from '../../space/genotype.ts';

const benchmarkSchema = z.looseObject({
  name: z.string(),
  /** The number of operations to choose from at each place. */
  vars: z.array(z.int().min(1)).min(1),
  ops: z.array(z.string()),
  /** Accuracy of every network in [0, 1], in mixed radix, first variable most significant. */
  acc: z.array(z.number()),
});

/** A space small enough that every network of it was trained: accuracies and costs by genotype. */
export interface TabularBenchmark {
  readonly name: string;
  readonly decisions: readonly Decision[];
  readonly accuracies: readonly number[];
  /** A column of the same length as the accuracies; throws where there is none of that name. */
  cost(column: string): readonly number[];
  /** Where a genotype stands in the columns. */
  indexOf(genotype: Genotype): number;
}

export function parseBenchmark(source: unknown, where: string): TabularBenchmark {
  const { name, vars, ops, acc, ...columns } = parseWith(benchmarkSchema, source, where);
  const size = vars.reduce((product, count) => product * count, 1);
  if (acc.length !== size) {
    throw new NasError(where, {
      found: `acc has ${acc.length} values`,
      expected: `${size}, the product of vars`,
    });
  }
  return {
    name,
    decisions: findDecisions(
      [{ name: 'vars', tree: vars.map((count) => ({ choose: ops.slice(0, count) })), stage: undefined }],
      where,
    ).decisions,
    accuracies: acc,
    cost(column) {
      const values = columns[column];
      if (Array.isArray(values) && values.length === size) return values as number[];
      const known = Object.keys(columns).filter(
        (key) => Array.isArray(columns[key]) && columns[key].length === size,
      );
      throw new NasError(where, { found: `no column '${column}'`, expected: `one of ${known.join(', ')}` });
    },
    indexOf: (genotype) => vars.reduce((index, count, i) => index * count + (genotype[i] ?? 0), 0),
  };
}
