import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { type Program, type ProgramNode, programOfGraph, withShapes } from '../../../src/devices/program.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { ACTIVATION_FUNCTIONS, type Extent, type Op, type Shape } from '../../../src/graph/op.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { NETWORKS } from '../../space/shipped.ts';
import { expectedOutputs } from './parameters.ts';
import { NO_RUNNER, needRunner, type Session, startRunner } from './runner-under-test.ts';

needRunner();
let runner: Session;
beforeAll(async () => {
  if (NO_RUNNER === undefined) runner = await startRunner('--watchdog-seconds', '60');
});
afterAll(() => runner?.process.kill());

/** Numbers from −3 to 3: beyond the knees of most activations. */
function numbers(shape: Shape, seed: string): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, () => 6 * rng.uniform() - 3);
}

/** Largest difference from the definitions, and the largest value by them. */
async function compare(
  program: Program,
  dtype = 'float32',
): Promise<{ difference: number; magnitude: number }> {
  const inputs = program.nodes
    .filter(({ op }) => op.kind === 'input')
    .map(({ shape, name }) => numbers(shape, name));
  const found = await runner.compute(program, inputs, dtype);
  const [low, high] = dtype === 'int8' ? [-6.4, 6.35] : [-Infinity, Infinity];
  const expected = expectedOutputs(program, inputs).map((values) =>
    values.map((value) => Math.min(high, Math.max(low, value))),
  );
  expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const pairs = expected.flatMap((values, output) =>
    values.map((value, i) => [value, found[output]?.[i] ?? Number.NaN] as const),
  );
  return {
    difference: pairs.reduce((most, [a, b]) => Math.max(most, Number.isNaN(b) ? 1e9 : Math.abs(a - b)), 0),
    magnitude: pairs.reduce((most, [a]) => Math.max(most, Math.abs(a)), 0),
  };
}

async function expectAgreement(program: Program): Promise<void> {
  const { difference, magnitude } = await compare(program);
  expect(difference).toBeLessThan(1e-4 * Math.max(1, magnitude));
}

/** A program of one op on inputs of some shapes. */
function single(op: Op, ...shapes: readonly Shape[]): Program {
  const inputs = shapes.map(
    (shape, i): ProgramNode => ({ name: `input${i}`, op: { kind: 'input', shape }, inputs: [] }),
  );
  const nodes = [...inputs, { name: 'op', op, inputs: inputs.map((_, i) => i) }];
  return { nodes: withShapes(nodes), outputs: [nodes.length - 1] };
}

type Convolution = Extract<Op, { kind: 'convolution' }>;
const convolution = (channels: number, kernel: number, more: Partial<Convolution> = {}): Convolution => ({
  kind: 'convolution',
  channels,
  kernel: [kernel, kernel],
  stride: [1, 1],
  dilation: [1, 1],
  groups: 1,
  padding: 'same',
  bias: true,
  ...more,
});

const pool = (
  function_: 'max' | 'average',
  kernel: Extent,
  stride: Extent,
  padding: 'same' | 'valid',
): Op => ({
  kind: 'pool',
  function: function_,
  kernel,
  stride,
  padding,
});

const PADDINGS = ['same', 'valid'] as const;
const OPS: readonly (readonly [string, Program])[] = [
  ...[1, 3, 5, 7].flatMap((kernel) =>
    [1, 2, 3].flatMap((stride) =>
      PADDINGS.flatMap((padding) =>
        [1, 3, 12].map((groups): readonly [string, Program] => [
          `${kernel}x${kernel} convolution of stride ${stride}, ${groups} groups, ${padding}`,
          single(convolution(24, kernel, { stride: [stride, stride], groups, padding }), [11, 8, 12]),
        ]),
      ),
    ),
  ),
  ...PADDINGS.flatMap((padding) =>
    [1, 2].flatMap((stride) =>
      [1, 3, 9].map((groups): readonly [string, Program] => [
        `convolution dilated by 2x3, stride ${stride}, ${groups} groups, ${padding}`,
        single(
          convolution(9, 3, { stride: [stride, stride], dilation: [2, 3], groups, padding }),
          [10, 9, 9],
        ),
      ]),
    ),
  ),
  ['convolution without bias', single(convolution(8, 3, { bias: false }), [6, 6, 4])],
  ['depthwise convolution without bias', single(convolution(8, 3, { bias: false, groups: 8 }), [6, 6, 8])],
  ['1x7 convolution of stride 2x1', single(convolution(8, 1, { kernel: [1, 7], stride: [2, 1] }), [9, 9, 4])],
  ['7x1 depthwise convolution', single(convolution(8, 1, { kernel: [7, 1], groups: 8 }), [9, 9, 8])],
  ['9x9 depthwise convolution', single(convolution(8, 9, { groups: 8 }), [12, 12, 8])],
  ['2x2 convolution of stride 3', single(convolution(6, 2, { stride: [3, 3] }), [9, 8, 4])],
  [
    '2x2 depthwise convolution of stride 3',
    single(convolution(4, 2, { stride: [3, 3], groups: 4 }), [9, 8, 4]),
  ],
  ['convolution of one channel', single(convolution(4, 3), [6, 6, 1])],
  ['convolution to one channel', single(convolution(1, 3), [6, 6, 5])],
  ['linear', single({ kind: 'linear', channels: 10, bias: true }, [1, 1, 33])],
  ['linear without bias', single({ kind: 'linear', channels: 10, bias: false }, [1, 1, 33])],
  ['batch-norm on its own', single({ kind: 'batch-norm' }, [4, 5, 6])],
  ...ACTIVATION_FUNCTIONS.map((function_): readonly [string, Program] => [
    function_,
    single({ kind: 'activation', function: function_ }, [5, 4, 7]),
  ]),
  ['add', single({ kind: 'add' }, [4, 5, 6], [4, 5, 6])],
  ['multiply', single({ kind: 'multiply' }, [4, 5, 6], [4, 5, 6])],
  ['multiply by one pixel', single({ kind: 'multiply' }, [4, 5, 6], [1, 1, 6])],
  ...[2, 3, 4, 5, 6, 7, 11, 26].map((count): readonly [string, Program] => [
    `concat of ${count}`,
    single({ kind: 'concat' }, ...Array.from({ length: count }, (_, i): Shape => [3, 2, (i % 5) + 1])),
  ]),
  ...[0, 3, 5].map((offset): readonly [string, Program] => [
    `channel-split from ${offset}`,
    single({ kind: 'channel-split', offset, channels: 4 }, [4, 5, 9]),
  ]),
  ...[1, 2, 3, 12].map((groups): readonly [string, Program] => [
    `channel-shuffle of ${groups} groups`,
    single({ kind: 'channel-shuffle', groups }, [4, 5, 12]),
  ]),
  ...(['max', 'average'] as const).flatMap((function_) =>
    PADDINGS.flatMap((padding) =>
      (
        [
          [
            [3, 3],
            [2, 2],
          ],
          [
            [3, 3],
            [1, 1],
          ],
          [
            [2, 2],
            [2, 2],
          ],
          [
            [5, 3],
            [1, 2],
          ],
          [
            [1, 1],
            [2, 2],
          ],
          [
            [2, 2],
            [3, 3],
          ],
          [
            [7, 7],
            [1, 1],
          ],
        ] as const
      ).map(([kernel, stride]): readonly [string, Program] => [
        `${function_} pool of ${kernel.join('x')}, stride ${stride.join('x')}, ${padding}`,
        single(pool(function_, kernel, stride, padding), [9, 8, 6]),
      ]),
    ),
  ),
  ['global average pool', single({ kind: 'global-average-pool' }, [7, 6, 10])],
  ['global average pool of one pixel', single({ kind: 'global-average-pool' }, [1, 1, 10])],
];

describe('what XNNPACK computes agrees with the definition of each op', () => {
  test.each(OPS)('%s', async (_, program) => {
    await expectAgreement(program);
  });
});

describe('int8 agrees with the definition of each op but for its steps of 0.05', () => {
  test.each(OPS)('%s', async (_, program) => {
    const { difference } = await compare(program, 'int8');
    expect(difference).toBeLessThan(0.2);
  });
});

describe('what is fused computes what it did apart', () => {
  for (const activation of [...ACTIVATION_FUNCTIONS, 'linear'] as const) {
    test(`convolution, batch-norm and ${activation}`, async () => {
      const b = new GraphBuilder();
      const unit = b.convolutionUnit(b.input([6, 6, 4]), 8, activation, { kernel: 3 });
      await expectAgreement(programOfGraph(b.build(unit)));
    });

    test(`${activation} behind add, multiply, pools, batch-norm, and twice`, async () => {
      const b = new GraphBuilder();
      const x = b.input([6, 6, 4]);
      const sum = b.activation(b.add({ kind: 'add' }, [x, b.batchNorm(x)]), activation);
      const scaled = b.activation(b.add({ kind: 'multiply' }, [sum, x]), activation);
      const pooled = b.activation(b.pool(scaled, 'max', 3, 1, 'same'), activation);
      const mean = b.activation(b.pool(pooled, 'average', 3, 1, 'same'), activation);
      const pixels = b.activation(b.pool(mean, 'max', 1, 2, 'same'), activation);
      const shifted = b.activation(b.batchNorm(pixels), activation);
      await expectAgreement(programOfGraph(b.build(b.activation(shifted, activation))));
    });
  }

  test('nothing is folded into what others read as well', async () => {
    const b = new GraphBuilder();
    const x = b.convolution(b.input([6, 6, 4]), 4, { kernel: 3 });
    const y = b.activation(b.batchNorm(x), 'relu');
    const z = b.activation(x, 'relu6');
    await expectAgreement(programOfGraph(b.build(b.add({ kind: 'concat' }, [x, y, z]))));
  });
});

describe('programs of any shape', () => {
  test('several outputs, one of them twice, one of them an input, one read by others', async () => {
    const b = new GraphBuilder();
    const x = b.input([5, 5, 6]);
    const y = b.convolution(x, 6, { kernel: 3 });
    const z = b.activation(y, 'relu');
    const { nodes } = b.build(z);
    await expectAgreement({ nodes, outputs: [z, x, y, z] });
  });

  test('an input that nobody reads, and nodes that lead nowhere', async () => {
    const b = new GraphBuilder();
    const x = b.input([4, 4, 3]);
    b.input([2, 2, 2]);
    const y = b.activation(x, 'hswish');
    b.convolution(x, 5);
    await expectAgreement({ nodes: b.build(y).nodes, outputs: [y] });
  });

  test('one node as both operands', async () => {
    const b = new GraphBuilder();
    const x = b.input([4, 4, 3]);
    const square = b.add({ kind: 'multiply' }, [x, x]);
    await expectAgreement(programOfGraph(b.build(b.add({ kind: 'concat' }, [square, square, x]))));
  });
});

test.each([...NETWORKS])('a small %s is computed as its ops are defined', async (_, architecture) => {
  const graph = buildGraph(architecture, { width: 0.25, resolution: 32, classes: 10 });
  await expectAgreement(programOfGraph(graph));
});
