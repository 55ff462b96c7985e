import { describe, expect, test } from 'vitest';
import { type Program, type ProgramNode, programOfGraph, withShapes } from '../../../src/devices/program.ts';
import { kernelModel } from '../../../src/devices/runtimes/litert/tflite/kernel-model.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { ACTIVATION_FUNCTIONS, type Op, type Shape } from '../../../src/graph/op.ts';
import { compare, numbers, parameters, run } from './agreement.ts';
import { runReference } from './reference.ts';

/** Largest difference between LiteRT and the reference over all outputs. */
const difference = async (program: Program): Promise<number> => (await compare(program)).difference;

/** A program of one op on inputs of some shapes. */
function single(op: Op, ...shapes: readonly Shape[]): Program {
  const inputs = shapes.map(
    (shape, i): ProgramNode => ({ name: `input${i}`, op: { kind: 'input', shape }, inputs: [] }),
  );
  const nodes = [...inputs, { name: 'op', op, inputs: inputs.map((_, i) => i) }];
  return { nodes: withShapes(nodes), outputs: [nodes.length - 1] };
}

const convolution = (
  channels: number,
  kernel: number,
  stride: number,
  groups: number,
): Extract<Op, { kind: 'convolution' }> => ({
  kind: 'convolution',
  channels,
  kernel: [kernel, kernel],
  stride: [stride, stride],
  dilation: [1, 1],
  groups,
  padding: 'same',
  bias: true,
});

describe('what LiteRT computes agrees with the definition of each op', () => {
  const cases: readonly [string, Program][] = [
    ['1x1 convolution', single(convolution(24, 1, 1, 1), [7, 5, 12])],
    ['3x3 convolution of stride 2, even size', single(convolution(8, 3, 2, 1), [8, 8, 3])],
    ['3x3 convolution of stride 2, odd size', single(convolution(8, 3, 2, 1), [9, 7, 3])],
    ['convolution without bias', single({ ...convolution(8, 3, 1, 1), bias: false }, [6, 6, 4])],
    ['convolution with valid padding', single({ ...convolution(8, 3, 2, 1), padding: 'valid' }, [9, 8, 4])],
    [
      'convolution of unequal kernel and stride',
      single({ ...convolution(8, 1, 1, 1), kernel: [1, 7], stride: [2, 1] }, [9, 9, 4]),
    ],
    ['grouped convolution', single(convolution(12, 3, 1, 3), [6, 6, 9])],
    ['depthwise convolution', single(convolution(16, 5, 1, 16), [9, 9, 16])],
    ['depthwise convolution of stride 2', single(convolution(16, 3, 2, 16), [8, 9, 16])],
    ['depthwise convolution with two outputs a channel', single(convolution(16, 3, 1, 8), [6, 6, 8])],
    ...[1, 2].flatMap((stride) =>
      (['same', 'valid'] as const).flatMap((padding) =>
        [1, 3, 9].map((groups): [string, Program] => [
          `dilated convolution of stride ${stride}, ${groups} groups, ${padding}`,
          single({ ...convolution(9, 3, stride, groups), dilation: [2, 3], padding }, [10, 9, 9]),
        ]),
      ),
    ),
    ['linear', single({ kind: 'linear', channels: 10, bias: true }, [1, 1, 33])],
    ['linear without bias', single({ kind: 'linear', channels: 10, bias: false }, [1, 1, 33])],
    ['batch-norm on its own', single({ kind: 'batch-norm' }, [4, 5, 6])],
    ...ACTIVATION_FUNCTIONS.map((function_): [string, Program] => [
      function_,
      single({ kind: 'activation', function: function_ }, [5, 4, 7]),
    ]),
    ['add', single({ kind: 'add' }, [4, 5, 6], [4, 5, 6])],
    ['multiply', single({ kind: 'multiply' }, [4, 5, 6], [4, 5, 6])],
    ['multiply by one pixel', single({ kind: 'multiply' }, [4, 5, 6], [1, 1, 6])],
    ['concat of two', single({ kind: 'concat' }, [4, 5, 6], [4, 5, 3])],
    [
      'concat of seven',
      single({ kind: 'concat' }, ...Array.from({ length: 7 }, (_, i): Shape => [3, 3, i + 1])),
    ],
    ['channel-split', single({ kind: 'channel-split', offset: 3, channels: 4 }, [4, 5, 9])],
    ['channel-shuffle', single({ kind: 'channel-shuffle', groups: 3 }, [4, 5, 12])],
    ...(['max', 'average'] as const).flatMap((function_) =>
      (['same', 'valid'] as const).map((padding): [string, Program] => [
        `${function_} pool, ${padding}`,
        single({ kind: 'pool', function: function_, kernel: [3, 3], stride: [2, 2], padding }, [8, 7, 6]),
      ]),
    ),
    ['global average pool', single({ kind: 'global-average-pool' }, [7, 6, 10])],
  ];
  test.each(cases)('%s', async (_name, program) => {
    expect(await difference(program)).toBeLessThan(1e-4);
  });
});

describe('what is fused computes what it did apart', () => {
  for (const activation of [...ACTIVATION_FUNCTIONS, 'linear'] as const) {
    test(`convolution, batch-norm and ${activation}`, async () => {
      const b = new GraphBuilder();
      const unit = b.convolutionUnit(b.input([6, 6, 4]), 8, activation, { kernel: 3 });
      expect(await difference(programOfGraph(b.build(unit)))).toBeLessThan(1e-4);
    });
  }

  test.each(['relu', 'relu6', 'hswish'] as const)('add and multiply with %s', async (activation) => {
    const b = new GraphBuilder();
    const x = b.input([6, 6, 4]);
    const sum = b.activation(b.add({ kind: 'add' }, [x, b.batchNorm(x)]), activation);
    const product = b.activation(b.add({ kind: 'multiply' }, [sum, x]), activation);
    expect(await difference(programOfGraph(b.build(product)))).toBeLessThan(1e-4);
  });
});

test('a network with a branch, squeeze-and-excitation and a classifier agrees with the definitions', async () => {
  const b = new GraphBuilder();
  let x = b.convolutionUnit(b.input([16, 16, 3]), 8, 'hswish', { kernel: 3, stride: 2 });
  const shortcut = x;
  x = b.convolutionUnit(x, 24, 'hswish');
  x = b.convolutionUnit(x, 24, 'relu6', { kernel: 5, groups: 24 });
  const squeezed = b.activation(b.convolution(b.globalAveragePool(x), 8, { bias: true }), 'relu');
  x = b.add({ kind: 'multiply' }, [x, b.activation(b.convolution(squeezed, 24, { bias: true }), 'hsigmoid')]);
  x = b.add({ kind: 'add' }, [shortcut, b.convolutionUnit(x, 8, 'linear')]);
  const graph = b.build(b.linear(b.globalAveragePool(x), 10));
  expect(await difference(programOfGraph(graph))).toBeLessThan(1e-4);
});

test('a repeated kernel runs every copy: its output is the sum of the first elements', async () => {
  const program = single(convolution(4, 3, 1, 1), [5, 5, 3]);
  const input = numbers([5, 5, 3], 'copies');
  const [result] = runReference(program, parameters, [input]);
  const [[sum]] = (await run(kernelModel(program, 9, parameters), [input])) as [[number]];
  expect(sum).toBeCloseTo(9 * result![0]!, 4);
});

test('a kernel of no copies only reads its inputs', async () => {
  const program = single({ kind: 'add' }, [4, 4, 2], [4, 4, 2]);
  const [a, b] = [numbers([4, 4, 2], 'a'), numbers([4, 4, 2], 'b')];
  const [[sum]] = (await run(kernelModel(program, 0, parameters), [a, b])) as [[number]];
  expect(sum).toBeCloseTo(a[0]! + b[0]!, 5);
});
