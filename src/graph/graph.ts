import type { ActivationFunction, Extent, Op, Padding, Shape } from './op.ts';
import { inferShape } from './shape.ts';

/** A tensor of a graph: the index of the node that makes it. */
export type NodeId = number;

export interface GraphNode {
  /** Unique in its graph; dotted from the outside in, such as `stages.3.1.expand.convolution`. */
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly NodeId[];
  readonly shape: Shape;
}

/** A network: nodes in topological order; node 0 is the only input, `output` the only output. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly output: NodeId;
}

/** A parameter-free way to say the most common convolution; see `GraphBuilder.convolution`. */
export interface ConvolutionOptions {
  readonly kernel?: number | Extent;
  readonly stride?: number;
  readonly dilation?: number | Extent;
  readonly groups?: number;
  readonly padding?: Padding;
  readonly bias?: boolean;
}

/** Builds a graph node by node; shapes are known, and checked, as it grows. */
export class GraphBuilder {
  readonly #nodes: GraphNode[] = [];
  readonly #names = new Map<string, number>();
  readonly #scope: string[] = [];

  /** Everything added inside `build` is named below `name`. */
  within<T>(name: string, build: () => T): T {
    this.#scope.push(name);
    try {
      return build();
    } finally {
      this.#scope.pop();
    }
  }

  add(op: Op, inputs: readonly NodeId[]): NodeId {
    const base = [...this.#scope, op.kind].join('.');
    const repeats = this.#names.get(base) ?? 0;
    this.#names.set(base, repeats + 1);
    const name = repeats === 0 ? base : `${base}${repeats + 1}`;
    const shape = inferShape(
      op,
      inputs.map((input) => this.shapeOf(input)),
      name,
    );
    return this.#nodes.push({ name, op, inputs, shape }) - 1;
  }

  shapeOf(node: NodeId): Shape {
    const found = this.#nodes[node];
    if (found === undefined) throw new RangeError(`node ${node} of ${this.#nodes.length}`);
    return found.shape;
  }

  channelsOf(node: NodeId): number {
    return this.shapeOf(node)[2];
  }

  input(shape: Shape): NodeId {
    return this.add({ kind: 'input', shape }, []);
  }

  /** 1×1, stride 1, undilated, ungrouped, `same` padding and no bias unless said otherwise. */
  convolution(input: NodeId, channels: number, options: ConvolutionOptions = {}): NodeId {
    const { kernel = 1, stride = 1, dilation = 1, groups = 1, padding = 'same', bias = false } = options;
    const op: Op = {
      kind: 'convolution',
      channels,
      kernel: extentOf(kernel),
      stride: extentOf(stride),
      dilation: extentOf(dilation),
      groups,
      padding,
      bias,
    };
    return this.add(op, [input]);
  }

  batchNorm(input: NodeId): NodeId {
    return this.add({ kind: 'batch-norm' }, [input]);
  }

  /** `linear` means no activation: the input itself. */
  activation(input: NodeId, activation: ActivationFunction | 'linear'): NodeId {
    return activation === 'linear' ? input : this.add({ kind: 'activation', function: activation }, [input]);
  }

  /** Convolution, batch-norm, activation: the unit that every network here is made of. */
  convolutionUnit(
    input: NodeId,
    channels: number,
    activation: ActivationFunction | 'linear',
    options: ConvolutionOptions = {},
  ): NodeId {
    return this.activation(this.batchNorm(this.convolution(input, channels, options)), activation);
  }

  linear(input: NodeId, channels: number): NodeId {
    return this.add({ kind: 'linear', channels, bias: true }, [input]);
  }

  globalAveragePool(input: NodeId): NodeId {
    return this.add({ kind: 'global-average-pool' }, [input]);
  }

  pool(input: NodeId, pool: 'max' | 'average', kernel: number, stride: number, padding: Padding): NodeId {
    return this.add(
      { kind: 'pool', function: pool, kernel: [kernel, kernel], stride: [stride, stride], padding },
      [input],
    );
  }

  build(output: NodeId): Graph {
    return { nodes: [...this.#nodes], output };
  }
}

function extentOf(size: number | Extent): Extent {
  return typeof size === 'number' ? [size, size] : size;
}

/** How many nodes read each node. */
export function consumerCounts(graph: Graph): readonly number[] {
  const counts = new Array<number>(graph.nodes.length).fill(0);
  for (const node of graph.nodes) for (const input of node.inputs) counts[input] = (counts[input] ?? 0) + 1;
  return counts;
}
