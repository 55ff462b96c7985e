import type { Program } from '../../../src/devices/program.ts';
import type { ParameterSource } from '../../../src/devices/runtimes/litert/tflite/parameters.ts';
import { runReference } from '../litert/reference.ts';

/** From −1 to 1. */
const pattern = (i: number): number => ((i * 7919 + 104729) % 2003) / 1001 - 1;

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);

/** The values that the runner makes up, by the formulas of constants.h; `folded` batch-norms do nothing. */
function runnerParameters(folded: ReadonlySet<string>): ParameterSource {
  const of = (node: string, role: string, shape: readonly number[]): ((i: number) => number) => {
    const [, ...perOutput] = shape;
    const scale = Math.sqrt(3 / product(perOutput));
    const works = folded.has(node) ? 0 : 1;
    switch (role) {
      case 'weights':
        return (i) => scale * pattern(i);
      case 'bias':
        return (i) => 0.1 * pattern(i);
      case 'gamma':
        return (i) => 1 + works * 0.1 * pattern(i);
      case 'beta':
        return (i) => works * 0.1 * pattern(i);
      case 'mean':
        return () => 0;
      case 'variance':
        return () => 1;
      default:
        return () => 0.25;
    }
  };
  return {
    batchNormEpsilon: 0,
    parameter: (node, role, shape) => {
      const value = of(node, role, shape);
      return Float32Array.from({ length: product(shape) }, (_, i) => value(i));
    },
  };
}

/**
 * What a program gives by the definitions of its ops. A batch-norm that alone reads a convolution or a linear layer
 * is folded away, which leaves a bias behind.
 */
export function expectedOutputs(
  program: Program,
  inputs: readonly Float32Array[],
): readonly (readonly number[])[] {
  const readers = (id: number): number =>
    program.nodes.flatMap((node) => node.inputs).filter((input) => input === id).length +
    program.outputs.filter((output) => output === id).length;
  const folded = new Set<string>();
  const biased = new Set<number>();
  for (const { name, op, inputs: reads } of program.nodes) {
    const [input = 0] = reads;
    const before = program.nodes[input]?.op.kind;
    if (op.kind !== 'batch-norm' || readers(input) !== 1) continue;
    if (before !== 'convolution' && before !== 'linear') continue;
    folded.add(name);
    biased.add(input);
  }
  const nodes = program.nodes.map((node, id) =>
    biased.has(id) ? { ...node, op: { ...node.op, bias: true } as typeof node.op } : node,
  );
  return runReference({ ...program, nodes }, runnerParameters(folded), inputs).map((values) => [...values]);
}
