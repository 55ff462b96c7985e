import { type Cost, graphCost } from '../graph/cost.ts';
import { fuse, type KernelCall } from '../graph/fusion.ts';
import { type Graph, GraphBuilder } from '../graph/graph.ts';
import type { Shape } from '../graph/op.ts';
import type { Genotype } from './genotype.ts';
import {
  type BuildOptions,
  type Head,
  inputShape,
  loweringOf,
  lowerStage,
  type Stage,
  stridesOf,
} from './network.ts';
import type { SearchSpace } from './search-space.ts';

/**
 * One stage of a network, lowered from the shape that the stages before it give. What a network costs is the sum
 * over its parts: no kernel reaches from one stage into the next.
 */
export interface StagePart {
  /** Node 0 is what the stage reads. */
  readonly graph: Graph;
  readonly output: Shape;
  readonly cost: Cost;
  readonly kernels: readonly KernelCall[];
}

/** Lowers the stages of a space at one size, each from each shape once. */
export interface PartBuilder {
  /** `stridesBefore` as for `lowerStage`. */
  part(head: Head, stage: Stage, input: Shape, stridesBefore: number): StagePart;
  /** The parts of a network of the space, in order. */
  parts(genotype: Genotype): readonly StagePart[];
}

export function createPartBuilder(space: SearchSpace, options: BuildOptions = {}): PartBuilder {
  const known = new WeakMap<Stage, Map<string, StagePart>>();
  const part: PartBuilder['part'] = (head, stage, input, stridesBefore) => {
    let ofStage = known.get(stage);
    if (ofStage === undefined) {
      ofStage = new Map();
      known.set(stage, ofStage);
    }
    const dropped = Math.min(stridesBefore, options.dropEarlyStrides ?? 0);
    const key = `${input[0]},${input[1]},${input[2]},${dropped},${head.divisor},${head.classes}`;
    let found = ofStage.get(key);
    if (found === undefined) {
      found = lowerPart(head, stage, input, stridesBefore, options);
      ofStage.set(key, found);
    }
    return found;
  };
  return {
    part,
    parts(genotype) {
      const head = space.head.decode(genotype);
      let shape = inputShape(head, options);
      let strides = 0;
      return space.stages.map((frame) => {
        const stage = frame.decode(genotype);
        const found = part(head, stage, shape, strides);
        shape = found.output;
        strides += stridesOf(stage);
        return found;
      });
    },
  };
}

/** The cost of a network by its parts. */
export function costOfParts(parts: readonly StagePart[]): Cost {
  let macs = 0;
  let params = 0;
  for (const { cost } of parts) {
    macs += cost.macs;
    params += cost.params;
  }
  return { macs, params };
}

function lowerPart(
  head: Head,
  stage: Stage,
  input: Shape,
  stridesBefore: number,
  options: BuildOptions,
): StagePart {
  const builder = new GraphBuilder();
  const output = lowerStage(builder, builder.input(input), stage, loweringOf(head, options), stridesBefore);
  const graph = builder.build(output);
  return { graph, output: builder.shapeOf(output), cost: graphCost(graph), kernels: fuse(graph) };
}
