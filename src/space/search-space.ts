import { z } from 'zod';
import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import { parseWith } from '../base/parse.ts';
import { checkGenotype } from './check-genotype.ts';
import type { Tree } from './choice.ts';
import { complete } from './complete.ts';
import { type Constraints, constraintsSchema } from './constraints.ts';
import { type Decision, findDecisions } from './decision.ts';
import { createFrame, type Frame } from './frame.ts';
import { type Choices, type Genotype, INACTIVE } from './genotype.ts';
import { expandLayers } from './layers.ts';
import { refuseBeyond } from './limits.ts';
import {
  type Architecture,
  type Head,
  headSchema,
  networkSchema,
  type Stage,
  stageSchema,
} from './network.ts';
import { type ProxyTask, proxySchema } from './proxy.ts';
import { countGenotypes } from './size.ts';

/** A space file: a network's file in which any value may be a choice, and what only a space has. */
export const spaceFileSchema = networkSchema.extend({
  $schema: z.string().optional().describe('The JSON Schema of this file, for editors.'),
  proxy: proxySchema
    .optional()
    .describe('How the networks are made small enough to train by the dozen; a search needs it.'),
  constraints: constraintsSchema
    .default({})
    .describe('What the networks may cost as deployed; those beyond are never trained.'),
  references: z
    .record(z.string(), z.array(z.int().min(INACTIVE)))
    .default({})
    .describe('Known networks as points of the space, by name; nas spaces encode finds them.'),
  stages: z
    .array(
      stageSchema.extend({
        independent: z
          .boolean()
          .default(false)
          .describe('Each of the `repeat` layers makes its own choices, instead of all the same ones.'),
      }),
    )
    .min(1),
});

/** The file before its choices are known: what the space has to itself, and the rest unread. */
const outlineSchema = spaceFileSchema
  .pick({ $schema: true, name: true, proxy: true, constraints: true, references: true })
  .extend({ stages: z.array(z.unknown()).min(1) })
  .loose();

/** The networks a search may choose from: a network's file in which some values are left to choose. */
export interface SearchSpace {
  readonly name: string;
  /** Where it was read from, for errors. */
  readonly where: string;
  /** Of the whole file; part of a run's identity. */
  readonly digest: string;
  readonly decisions: readonly Decision[];
  readonly proxy: ProxyTask | undefined;
  readonly constraints: Constraints;
  readonly references: Readonly<Record<string, Genotype>>;
  /** The number of distinct genotypes. */
  readonly size: number;
  readonly head: Frame<Head>;
  readonly stages: readonly Frame<Stage>[];
  /** Throws where the genotype is not of this space. Equal choices give the same stage objects. */
  decode(genotype: Genotype): Architecture;
}

/**
 * Reads a space or a network (a space with nothing to choose) and checks every option of every choice. Whether they
 * fit together is for `reachableParts` to tell.
 */
export function parseSpace(source: unknown, where: string): SearchSpace {
  const outline = parseWith(outlineSchema, source, where);
  const { $schema: _, proxy, constraints, references, stages: stageTrees, ...headTree } = outline;
  const headSource = { tree: headTree as Tree, name: '', filePath: '', stage: undefined, schema: headSchema };
  const stageSources = expandLayers(stageTrees as readonly Tree[], where).map((source, stage) => ({
    ...source,
    stage,
    schema: stageSchema,
  }));
  refuseBeyond('stages', stageSources.length, where, 'stages, each independent layer counted');
  const found = findDecisions([headSource, ...stageSources], where);
  const { decisions } = found;
  if (decisions.length > 0 && headTree.narrowed !== undefined) {
    throw new NasError(`${where}: narrowed`, {
      found: 'layers of one network, in a space of several',
      expected: 'one network, or a space without it',
    });
  }
  const head = createFrame(headSource, found, where);
  const stages = stageSources.map((stageSource) => createFrame(stageSource, found, where));

  const decodeParts = (choices: Choices): Architecture => ({
    ...head.decode(choices),
    stages: stages.map((stage) => stage.decode(choices)),
  });
  for (const choices of [[], ...everyOption(decisions)]) decodeParts(complete(decisions, choices));
  for (const [reference, genotype] of Object.entries(references)) {
    checkGenotype(decisions, genotype, `${where}: references.${reference}`);
  }
  return {
    name: outline.name,
    where,
    digest: digestOf({ ...outline, $schema: undefined }),
    decisions,
    proxy,
    constraints,
    references,
    size: countGenotypes(decisions, where),
    head,
    stages,
    decode(genotype) {
      checkGenotype(decisions, genotype, where);
      return decodeParts(genotype);
    },
  };
}

/** For each option at each place, choices that make the place exist and take the option. */
function* everyOption(decisions: readonly Decision[]): Generator<Choices> {
  for (const [index, { options, places }] of decisions.entries()) {
    for (const { conditions } of places) {
      for (const option of options.keys()) {
        const choices: (number | undefined)[] = [];
        for (const condition of conditions) choices[condition.decision] = condition.option;
        choices[index] = option;
        yield choices;
      }
    }
  }
}
