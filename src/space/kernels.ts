import { distinctKernels, type Kernel } from '../graph/fusion.ts';
import { type Graph, GraphBuilder } from '../graph/graph.ts';
import type { Shape } from '../graph/op.ts';
import { printShape } from '../graph/shape.ts';
import { type Decision, isActive } from './decision.ts';
import { INACTIVE } from './genotype.ts';
import { loweringOf, lowerStage } from './network.ts';
import { complete, type SearchSpace } from './search-space.ts';

/**
 * Every distinct kernel that any network of a space, as deployed, is made of: what its latency table must hold.
 *
 * The networks are not enumerated. A stage depends on those before it only through the shape it is fed, so each
 * stage is lowered with all its own choices from every shape that can reach it; choices outside the stages
 * (a resolution, say) are gone through one by one.
 */
export function kernelsOfSpace(space: SearchSpace): readonly Kernel[] {
  const { decisions } = space;
  const stageGraphs: Graph[] = [];
  for (const outside of assignments(decisions, undefined, [])) {
    const base = space.decode(complete(decisions, outside));
    let shapes: readonly Shape[] = [[base.resolution, base.resolution, 3]];
    for (let index = 0; index < base.stages.length; index++) {
      const reached = new Map<string, Shape>();
      for (const choices of assignments(decisions, index, outside)) {
        const architecture = space.decode(complete(decisions, choices));
        const stage = architecture.stages[index];
        if (stage === undefined) continue;
        for (const shape of shapes) {
          const builder = new GraphBuilder();
          const output = lowerStage(builder, builder.input(shape), stage, loweringOf(architecture));
          stageGraphs.push(builder.build(output));
          reached.set(printShape(builder.shapeOf(output)), builder.shapeOf(output));
        }
      }
      shapes = [...reached.values()];
    }
  }
  return distinctKernels(stageGraphs);
}

/** All ways to make the active decisions of one stage, added to the choices already made. */
function* assignments(
  decisions: readonly Decision[],
  stage: number | undefined,
  made: readonly (number | undefined)[],
  from = 0,
): Generator<readonly (number | undefined)[]> {
  const index = decisions.findIndex((decision, i) => i >= from && decision.stage === stage);
  const decision = decisions[index];
  if (decision === undefined) {
    yield made;
    return;
  }
  const active = isActive(
    decision,
    made.map((choice) => choice ?? INACTIVE),
  );
  const options = active ? decision.options.keys() : [undefined];
  for (const option of options) {
    const choices = [...made];
    choices[index] = option;
    yield* assignments(decisions, stage, choices, index + 1);
  }
}
