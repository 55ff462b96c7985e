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
  /** Parameters and MACs of every network, from the columns `params_m` and `flops_m` where it has them. */
  readonly params: readonly number[] | undefined;
  readonly macs: readonly number[] | undefined;
  /** Where a genotype stands in the columns. */
  indexOf(genotype: Genotype): number;
}

export function parseBenchmark(source: unknown, where: string): TabularBenchmark {
  const { name, vars, ops, acc, ...columns } = parseWith(benchmarkSchema, source, where);
  const size = vars.reduce((product, count) => product * count, 1);
  const isColumn = (values: unknown): values is readonly number[] =>
    Array.isArray(values) && values.length === size && values.every(isCost);
  const inMillions = (column: string): readonly number[] | undefined => {
    const values = columns[column];
    return isColumn(values) ? values.map((value) => 1e6 * value) : undefined;
  };
  if (acc.length !== size) {
    throw new NasError(where, {
      found: `acc has ${acc.length} values`,
      expected: `${size}, the product of vars`,
    });
  }
  const place = vars.findIndex((count) => count > ops.length);
  if (place >= 0) {
    throw new NasError(where, {
      found: `vars[${place}] is ${vars[place]}`,
      expected: `at most ${ops.length}, for so many ops have a name`,
    });
  }
  return {
    name,
    decisions: findDecisions(
      [{ name: 'vars', tree: vars.map((count) => ({ choose: ops.slice(0, count) })), stage: undefined }],
      where,
    ).decisions,
    accuracies: acc,
    params: inMillions('params_m'),
    macs: inMillions('flops_m'),
    cost(column) {
      const values = columns[column];
      if (isColumn(values)) return values;
      const known = Object.keys(columns).filter((key) => isColumn(columns[key]));
      throw new NasError(where, { found: `no column '${column}'`, expected: `one of ${known.join(', ')}` });
    },
    indexOf: (genotype) => vars.reduce((index, count, i) => index * count + (genotype[i] ?? 0), 0),
  };
}

/** A number that stays one in sums over columns, and in millions. */
function isCost(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 1e200;
}
