import { z } from 'zod';
import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import { parseWith } from '../base/parse.ts';
import { applyChoices, type Decision, findDecisions, isActive, optionsOf, type Tree } from './decision.ts';
import { type Genotype, INACTIVE } from './genotype.ts';
import { type Architecture, type BuildOptions, buildGraph, networkSchema } from './network.ts';

/** How the candidates of a space are made small enough to train by the dozen. */
const proxySchema = z.strictObject({
  resolution: z.int().positive(),
  /** Width multiplier α. */
  width: z.number().positive(),
  /** Channels are rounded to a multiple of this. */
  divisor: z.int().positive(),
  /** This many of the strides of 2, the earliest, become 1. */
  dropEarlyStrides: z.int().min(0),
  trainImages: z.int().positive(),
  validationImages: z.int().positive(),
  recipe: z.strictObject({
    epochs: z.int().positive(),
    batchSize: z.int().positive(),
    peakLearningRate: z.number().positive(),
    warmupFraction: z.number().min(0).max(1),
    momentum: z.number().min(0).lt(1),
    weightDecay: z.number().min(0),
    labelSmoothing: z.number().min(0).lt(1),
    gradientClip: z.number().positive().optional(),
    flip: z.boolean(),
    shiftPixels: z.int().min(0),
  }),
});

export type ProxyTask = z.output<typeof proxySchema>;

const spaceSchema = networkSchema.extend({
  proxy: proxySchema.optional(),
  /** Known networks as points of the space: a name and a genotype. */
  references: z.record(z.string(), z.array(z.int().min(INACTIVE))).default({}),
});

/** The networks a search may choose from: a network's file in which some values are left to choose. */
export interface SearchSpace {
  readonly name: string;
  /** Of the whole file; part of a run's identity. */
  readonly digest: string;
  readonly decisions: readonly Decision[];
  readonly proxy: ProxyTask | undefined;
  readonly references: Readonly<Record<string, Genotype>>;
  /** The number of distinct genotypes. */
  readonly size: number;
  /** Throws where the genotype is not of this space. */
  decode(genotype: Genotype): Architecture;
}

/**
 * Reads a space or a network (a space with nothing to choose) and checks every option of every choice, so that
 * nothing can go wrong in the middle of a search.
 */
export function parseSpace(source: unknown, where: string): SearchSpace {
  const tree = source as Tree;
  checkChoices(tree, '', where);
  const decisions = findDecisions(tree);
  const decodeTree = (genotype: Genotype) => parseWith(spaceSchema, applyChoices(tree, genotype), where);
  const build = (genotype: Genotype): void => {
    const { proxy, references: _, ...architecture } = decodeTree(genotype);
    buildAt(architecture, {}, where);
    if (proxy !== undefined) buildAt(architecture, proxyBuildOptions(proxy), `${where}: proxy`);
  };
  const base = complete(decisions, []);
  build(base);
  decisions.forEach(({ options }, index) => {
    for (let option = 0; option < options.length; option++)
      build(complete(decisions, choosing(decisions, index, option)));
  });
  const { proxy, references, name } = decodeTree(base);
  const space: SearchSpace = {
    name,
    digest: digestOf(source),
    decisions,
    proxy,
    references,
    size: countGenotypes(decisions),
    decode(genotype) {
      checkGenotype(decisions, genotype, where);
      const { proxy: _proxy, references: _references, ...architecture } = decodeTree(genotype);
      return architecture;
    },
  };
  for (const [reference, genotype] of Object.entries(references)) {
    checkGenotype(decisions, genotype, `${where}: references.${reference}`);
  }
  return space;
}

/** The size at which a proxy is built; `classes` and `inputChannels` come from the dataset. */
export function proxyBuildOptions(proxy: ProxyTask): BuildOptions {
  const { resolution, width, divisor, dropEarlyStrides } = proxy;
  return { resolution, width, divisor, dropEarlyStrides };
}

/** A genotype with the first option wherever `choices` says nothing and the decision is active. */
export function complete(decisions: readonly Decision[], choices: readonly (number | undefined)[]): Genotype {
  const genotype: number[] = [];
  decisions.forEach((decision, index) => {
    genotype.push(isActive(decision, genotype) ? Math.max(choices[index] ?? 0, 0) : INACTIVE);
  });
  return genotype;
}

/** Choices that make a decision active and set it. */
function choosing(decisions: readonly Decision[], index: number, option: number): (number | undefined)[] {
  const choices: (number | undefined)[] = [];
  let at: { readonly decision: number; readonly option: number } | undefined = { decision: index, option };
  while (at !== undefined) {
    choices[at.decision] = at.option;
    at = decisions[at.decision]?.parent;
  }
  return choices;
}

function countGenotypes(decisions: readonly Decision[]): number {
  const within = (parent: number, option: number): number =>
    decisions.reduce((product, decision, index) => {
      const here =
        decision.parent === undefined
          ? parent === INACTIVE
          : decision.parent.decision === parent && decision.parent.option === option;
      if (!here) return product;
      return product * decision.options.reduce<number>((sum, _, choice) => sum + within(index, choice), 0);
    }, 1);
  return within(INACTIVE, INACTIVE);
}

function checkGenotype(decisions: readonly Decision[], genotype: Genotype, where: string): void {
  if (genotype.length !== decisions.length) {
    throw new NasError(where, {
      found: `a genotype of ${genotype.length} choices`,
      expected: `${decisions.length}, one a decision`,
    });
  }
  decisions.forEach((decision, index) => {
    const choice = genotype[index] ?? Number.NaN;
    const active = isActive(decision, genotype);
    if (active ? decision.options[choice] === undefined : choice !== INACTIVE) {
      throw new NasError(where, {
        found: `choice ${choice} for ${decision.name}`,
        expected: active ? `0 to ${decision.options.length - 1}` : `${INACTIVE}, the decision is inactive`,
      });
    }
  });
}

function checkChoices(tree: Tree, path: string, where: string): void {
  if (tree === null || typeof tree !== 'object') return;
  const options = optionsOf(tree);
  if (options !== undefined) {
    const stray = Object.keys(tree).find((key) => key !== 'choose');
    if (stray !== undefined) {
      throw new NasError(where, {
        found: `${path} has '${stray}' beside 'choose'`,
        expected: "'choose' alone",
      });
    }
    if (!Array.isArray(options) || options.length < 2) {
      throw new NasError(where, {
        found: `${path}.choose is ${JSON.stringify(options).slice(0, 60)}`,
        expected: 'an array of at least 2 options',
      });
    }
  }
  for (const [key, child] of Object.entries(tree)) {
    const next = Array.isArray(tree) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    checkChoices(child, next, where);
  }
}

function buildAt(architecture: Architecture, options: BuildOptions, where: string): void {
  try {
    buildGraph(architecture, options);
  } catch (error) {
    if (error instanceof NasError) throw new NasError(where, { found: error.message, cause: error });
    throw error;
  }
}
