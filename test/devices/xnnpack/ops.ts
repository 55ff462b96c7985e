import { type Program, type ProgramNode, withShapes } from '../../../src/devices/program.ts';
import { ACTIVATION_FUNCTIONS, type Extent, type Op, type Shape } from '../../../src/graph/op.ts';

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
/** Every op in every form that a runtime may treat apart. */
export const OPS: readonly (readonly [string, Program])[] = [
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
