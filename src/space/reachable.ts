import { NasError } from '../base/errors.ts';
import type { Shape } from '../graph/op.ts';
import type { Choices } from './genotype.ts';
import { refuseBeyond } from './limits.ts';
import { type BuildOptions, inputShape, type Stage, stridesOf } from './network.ts';
import { createPartBuilder, type StagePart } from './parts.ts';
import { proxyBuildOptions } from './proxy.ts';
import type { SearchSpace } from './search-space.ts';

/** A stage that some network of a space has, lowered from a shape that can reach it. */
export interface ReachableStage {
  /** Of the decoded network. */
  readonly index: number;
  /** With all its layers. */
  readonly stage: Stage;
  /** With two layers at most. */
  readonly part: StagePart;
}

/**
 * Every stage that any network of a space has, as it is lowered from each shape that can reach it.
 *
 * The networks are not enumerated. A stage depends on those before it only through the shape it is fed, so each is
 * lowered with all its own choices from every shape that comes out of the stages before. Choices outside the stages (a
 * resolution, say) and those that stages share by a tag are gone through one by one. Of the layers of a stage two are
 * enough: the third is the second again.
 *
 * Throws a NasError where a stage cannot be built from a shape, or there are too many to go through.
 */
export function* reachableStages(space: SearchSpace, options: BuildOptions = {}): Generator<ReachableStage> {
  const builder = createPartBuilder(space, options);
  const shortened = new Map<string, Stage>();
  let built = 0;
  const count = (index: number): void =>
    refuseBeyond(
      'builtStages',
      ++built,
      `${space.where}: stages[${index}]`,
      'ways to build the stages up to here',
      'take options away, or let fewer choices be shared by tags',
    );
  for (const shared of sharedChoices(space)) {
    const head = space.head.decode(shared);
    let fed: readonly Fed[] = [{ shape: inputShape(head, options), strides: 0 }];
    for (const [index, frame] of space.stages.entries()) {
      const stages = new Map<Stage, Stage>();
      for (const choices of frame.variants(shared)) {
        count(index);
        const stage = frame.decode(choices);
        stages.set(stage, shorten(stage, shortened));
      }
      const next = new Map<string, Fed>();
      for (const [stage, short] of stages) {
        for (const { shape, strides } of fed) {
          count(index);
          const part = within(`${space.where}: stages[${index}]`, () =>
            builder.part(head, short, shape, strides),
          );
          yield { index, stage, part };
          const after = Math.min(strides + stridesOf(stage), options.dropEarlyStrides ?? 0);
          next.set([...part.output, after].join(), { shape: part.output, strides: after });
        }
      }
      fed = [...next.values()];
    }
  }
}

/** The parts of `reachableStages`, each once. */
export function* reachableParts(space: SearchSpace, options: BuildOptions = {}): Generator<StagePart> {
  const seen = new Set<StagePart>();
  for (const { part } of reachableStages(space, options)) {
    if (!seen.has(part)) yield part;
    seen.add(part);
  }
}

/** The stage with two layers at most; equal stages become one object. */
function shorten(stage: Stage, known: Map<string, Stage>): Stage {
  const short = { ...stage, repeat: Math.min(stage.repeat, 2) };
  const key = JSON.stringify(short);
  const before = known.get(key);
  if (before === undefined) known.set(key, short);
  return before ?? short;
}

/** Builds every stage of a space, as deployed and as proxy; throws a NasError where one cannot be built. */
export function checkSpace(space: SearchSpace): void {
  for (const _ of reachableParts(space));
  if (space.proxy !== undefined) for (const _ of reachableParts(space, proxyBuildOptions(space.proxy)));
}

/** Every way to make the choices that more than one stage depends on. */
function* sharedChoices({ decisions, head, stages }: SearchSpace): Generator<Choices> {
  const shared = decisions.flatMap(({ options }, index) =>
    stages.filter((stage) => stage.decisions.includes(index)).length > 1 ? [{ index, options }] : [],
  );
  function* choose(made: Choices, from: number): Generator<Choices> {
    const decision = shared[from];
    if (decision === undefined) return yield* head.variants(made);
    for (const option of decision.options.keys()) {
      const choices = [...made];
      choices[decision.index] = option;
      yield* choose(choices, from + 1);
    }
  }
  yield* choose([], 0);
}

/** What a stage is fed. */
interface Fed {
  readonly shape: Shape;
  /** Strides of 2 before it, counted only as far as some are dropped. */
  readonly strides: number;
}

function within<Result>(where: string, build: () => Result): Result {
  try {
    return build();
  } catch (error) {
    if (error instanceof NasError) throw new NasError(where, { found: error.message, cause: error });
    throw error;
  }
}
