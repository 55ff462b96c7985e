/** One tiny network for each op, and each way that ops are fused or share gradients. */
import { type Graph, GraphBuilder, type NodeId } from '../../../src/graph/graph.ts';
import { ACTIVATION_FUNCTIONS, type Op, type Shape } from '../../../src/graph/op.ts';

type Convolution = Extract<Op, { kind: 'convolution' }>;

function network(shape: Shape, build: (graph: GraphBuilder, input: NodeId) => NodeId): Graph {
  const graph = new GraphBuilder();
  return graph.build(build(graph, graph.input(shape)));
}

function convolution(shape: Shape, op: Partial<Convolution> & Pick<Convolution, 'channels'>): Graph {
  const defaults = {
    kernel: [3, 3],
    stride: [1, 1],
    dilation: [1, 1],
    groups: 1,
    padding: 'same',
    bias: false,
  } as const;
  return network(shape, (graph, input) => graph.add({ kind: 'convolution', ...defaults, ...op }, [input]));
}

function described(options: object): string {
  return Object.entries(options)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}

const convolutions: Record<string, Graph> = {
  'pointwise convolution': convolution([3, 5, 6], { channels: 7, kernel: [1, 1] }),
  'pointwise convolution, many channels': convolution([4, 4, 20], { channels: 33, kernel: [1, 1] }),
  'pointwise convolution with bias': convolution([3, 5, 6], { channels: 7, kernel: [1, 1], bias: true }),
  'pointwise convolution of stride 2': convolution([5, 6, 4], {
    channels: 5,
    kernel: [1, 1],
    stride: [2, 2],
  }),
  '3x3 convolution': convolution([5, 6, 3], { channels: 6 }),
  '3x3 convolution, valid': convolution([5, 6, 3], { channels: 6, padding: 'valid' }),
  '3x3 convolution of stride 2, even size': convolution([6, 6, 3], { channels: 6, stride: [2, 2] }),
  '3x3 convolution of stride 2, odd size': convolution([7, 5, 3], { channels: 6, stride: [2, 2] }),
  '1x3 convolution': convolution([4, 5, 5], { channels: 6, kernel: [1, 3] }),
  '3x1 convolution of stride 1x2': convolution([5, 6, 5], { channels: 3, kernel: [3, 1], stride: [1, 2] }),
  '3x3 convolution of more than one block': convolution([7, 6, 2], { channels: 3, bias: true }),
  'grouped pointwise convolution': convolution([3, 4, 6], { channels: 9, kernel: [1, 1], groups: 3 }),
  'grouped 3x3 convolution with bias': convolution([5, 4, 6], { channels: 4, groups: 2, bias: true }),
  'grouped 3x3 convolution of stride 2': convolution([5, 6, 10], { channels: 15, groups: 5, stride: [2, 2] }),
  'depthwise convolution with multiplier 2': convolution([5, 4, 3], { channels: 6, groups: 3 }),
};

const dilated: Record<string, Graph> = Object.fromEntries(
  (
    [
      { size: [7, 6, 3], channels: 6, dilation: [2, 2] },
      { size: [7, 6, 4], channels: 4, dilation: [2, 2] },
      { size: [8, 7, 3], channels: 5, dilation: [2, 2], stride: [2, 2] },
      { size: [8, 9, 3], channels: 5, dilation: [2, 3], padding: 'valid', bias: true },
      { size: [8, 9, 4], channels: 5, dilation: [3, 2], padding: 'valid', stride: [2, 2] },
      { size: [2, 2, 3], channels: 4, dilation: [4, 3] },
      { size: [7, 6, 6], channels: 4, dilation: [2, 2], groups: 2 },
      { size: [7, 6, 6], channels: 4, dilation: [3, 3], stride: [2, 2], groups: 2 },
    ] as const
  ).map(({ size, ...op }) => [`dilated convolution, ${described({ size, ...op })}`, convolution(size, op)]),
);

const depthwise: Record<string, Graph> = Object.fromEntries(
  (
    [
      { kernel: [3, 3], size: [5, 4], channels: 20 },
      { kernel: [3, 3], size: [5, 6], channels: 6, padding: 'valid' },
      { kernel: [3, 3], size: [6, 6], channels: 8, stride: [2, 2] },
      { kernel: [3, 3], size: [7, 9], channels: 5, stride: [2, 2] },
      { kernel: [3, 3], size: [9, 7], channels: 5, stride: [2, 2], padding: 'valid' },
      { kernel: [5, 5], size: [6, 7], channels: 4 },
      { kernel: [5, 5], size: [8, 7], channels: 9, stride: [2, 2], bias: true },
      { kernel: [7, 7], size: [4, 4], channels: 4 },
      { kernel: [7, 7], size: [9, 10], channels: 6, stride: [2, 2] },
      { kernel: [1, 3], size: [4, 6], channels: 6 },
      { kernel: [3, 1], size: [5, 4], channels: 6, stride: [2, 1] },
      { kernel: [2, 4], size: [5, 6], channels: 4 },
      { kernel: [1, 1], size: [5, 5], channels: 6, stride: [2, 2] },
      { kernel: [3, 3], size: [10, 10], channels: 4, stride: [3, 3] },
      { kernel: [9, 9], size: [5, 5], channels: 4 },
      { kernel: [3, 3], size: [7, 6], channels: 20, dilation: [2, 2] },
      { kernel: [3, 3], size: [9, 8], channels: 5, dilation: [4, 3] },
      { kernel: [3, 3], size: [8, 8], channels: 8, dilation: [2, 2], stride: [2, 2] },
      { kernel: [3, 3], size: [9, 7], channels: 5, dilation: [3, 4], stride: [2, 2], bias: true },
      { kernel: [3, 3], size: [9, 7], channels: 6, dilation: [2, 3], padding: 'valid' },
      { kernel: [3, 3], size: [9, 8], channels: 6, dilation: [3, 2], stride: [2, 2], padding: 'valid' },
      { kernel: [3, 3], size: [2, 1], channels: 4, dilation: [4, 4] },
      { kernel: [5, 5], size: [6, 7], channels: 4, dilation: [1, 2] },
      { kernel: [2, 4], size: [6, 7], channels: 4, dilation: [3, 2], stride: [1, 2] },
    ] as const
  ).map((options) => {
    const { size, ...op } = options;
    const graph = convolution([...size, op.channels], { ...op, groups: op.channels });
    return [`depthwise convolution, ${described(options)}`, graph];
  }),
);

const activations: Record<string, Graph> = Object.fromEntries(
  ACTIVATION_FUNCTIONS.flatMap((activation) => [
    [activation, network([3, 3, 6], (graph, input) => graph.activation(input, activation))],
    [
      `batch-norm and ${activation}`,
      network([3, 3, 6], (graph, input) => graph.activation(graph.batchNorm(input), activation)),
    ],
    [
      `convolution after ${activation}`,
      network([3, 3, 6], (graph, input) => graph.convolution(graph.activation(input, activation), 5)),
    ],
  ]),
);

const pools: Record<string, Graph> = Object.fromEntries(
  (['max', 'average'] as const).flatMap((pool) => [
    [`${pool}-pool`, network([6, 7, 5], (graph, input) => graph.pool(input, pool, 3, 2, 'same'))],
    [`${pool}-pool, valid`, network([6, 7, 5], (graph, input) => graph.pool(input, pool, 2, 2, 'valid'))],
    [`${pool}-pool of stride 1`, network([4, 4, 5], (graph, input) => graph.pool(input, pool, 3, 1, 'same'))],
  ]),
);

const others: Record<string, Graph> = {
  linear: network([1, 1, 7], (graph, input) => graph.linear(input, 5)),
  'batch-norm': network([3, 4, 6], (graph, input) => graph.batchNorm(input)),
  'batch-norm of many channels': network([4, 4, 22], (graph, input) => graph.batchNorm(input)),
  'global-average-pool': network([3, 4, 6], (graph, input) => graph.globalAveragePool(input)),
  add: network([3, 4, 6], (graph, input) => graph.add({ kind: 'add' }, [input, graph.convolution(input, 6)])),
  'add of a tensor to itself': network([3, 4, 6], (graph, input) =>
    graph.add({ kind: 'add' }, [input, input]),
  ),
  multiply: network([3, 4, 6], (graph, input) =>
    graph.add({ kind: 'multiply' }, [graph.convolution(input, 6), input]),
  ),
  'square by multiply': network([3, 4, 6], (graph, input) => graph.add({ kind: 'multiply' }, [input, input])),
  'multiply by a gate': network([3, 4, 6], (graph, input) =>
    graph.add({ kind: 'multiply' }, [input, graph.globalAveragePool(graph.convolution(input, 6))]),
  ),
  concat: network([3, 4, 6], (graph, input) =>
    graph.add({ kind: 'concat' }, [graph.convolution(input, 3), input, graph.convolution(input, 5)]),
  ),
  'channel-split': network([3, 4, 7], (graph, input) =>
    graph.add({ kind: 'channel-split', offset: 2, channels: 3 }, [input]),
  ),
  'two halves of a split': network([3, 4, 6], (graph, input) => {
    const left = graph.add({ kind: 'channel-split', offset: 0, channels: 3 }, [input]);
    const right = graph.add({ kind: 'channel-split', offset: 3, channels: 3 }, [input]);
    return graph.add({ kind: 'multiply' }, [left, right]);
  }),
  'channel-shuffle': network([2, 3, 6], (graph, input) =>
    graph.add({ kind: 'channel-shuffle', groups: 3 }, [graph.activation(input, 'hswish')]),
  ),
  'inverted bottleneck with squeeze-and-excitation': network([4, 4, 4], (graph, input) => {
    const wide = graph.convolutionUnit(input, 10, 'hswish');
    const deep = graph.convolutionUnit(wide, 10, 'swish', { kernel: 3, groups: 10 });
    const squeezed = graph.globalAveragePool(deep);
    const hidden = graph.activation(graph.convolution(squeezed, 3, { bias: true }), 'swish');
    const gate = graph.activation(graph.convolution(hidden, 10, { bias: true }), 'hsigmoid');
    const gated = graph.add({ kind: 'multiply' }, [deep, gate]);
    return graph.add({ kind: 'add' }, [input, graph.batchNorm(graph.convolution(gated, 4))]);
  }),
  'a tensor read by a sum and by three others': network([4, 4, 4], (graph, input) => {
    const shared = graph.convolutionUnit(input, 4, 'swish');
    const a = graph.convolution(shared, 4, { kernel: 3, groups: 4 });
    const b = graph.activation(shared, 'swish');
    const c = graph.pool(shared, 'average', 3, 1, 'same');
    const sum = graph.add({ kind: 'add' }, [shared, graph.add({ kind: 'add' }, [a, b])]);
    return graph.add({ kind: 'add' }, [sum, c]);
  }),
};

export const TINY_NETWORKS: Readonly<Record<string, Graph>> = {
  ...convolutions,
  ...dilated,
  ...depthwise,
  ...activations,
  ...pools,
  ...others,
};
