import { graphCost, nodeCost } from '../../graph/cost.ts';
import { fuse, type KernelCall } from '../../graph/fusion.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Op, Shape } from '../../graph/op.ts';
import type { StepLatency } from '../../latency/breakdown.ts';
import type { Architecture } from '../../space/network.ts';

/** A kernel at its place, as a box of a drawing. */
export interface DiagramKernel {
  /** Counted over the network. */
  readonly id: number;
  /** `conv 3×3 s2`, `add`. */
  readonly label: string;
  /** The activation that ends it. */
  readonly activation: string | null;
  readonly output: Shape;
  /** Kernels whose outputs it reads; −1 is the image. */
  readonly inputs: readonly number[];
  readonly macs: number;
  /** Part of the estimate; `null` where the table lacks it or has it together with others. */
  readonly ms: number | null;
}

/** A layer of a stage. */
export interface DiagramBlock {
  /** `stages.3.1` */
  readonly name: string;
  readonly type: string;
  /** Of the first thing that it reads. */
  readonly input: Shape;
  readonly output: Shape;
  readonly params: number;
  readonly macs: number;
  readonly ms: number | null;
  readonly kernels: readonly DiagramKernel[];
}

export interface NetworkDiagram {
  readonly input: Shape;
  readonly params: number;
  readonly macs: number;
  readonly blocks: readonly DiagramBlock[];
}

/** A network as its layers, and these as the kernels that they run as. `steps` are those of the same graph. */
export function networkDiagram(
  graph: Graph,
  architecture: Architecture,
  steps: readonly StepLatency[],
): NetworkDiagram {
  const calls = fuse(graph);
  // An imported table has some kernels only in a row: then no single one has a time.
  const times = steps.length === calls.length ? steps.map(({ ms }) => ms ?? null) : [];
  const madeBy = new Map<number, number>();
  calls.forEach(({ nodes }, id) => {
    for (const node of nodes) madeBy.set(node, id);
  });
  const blocks = new Map<string, DiagramKernel[]>();
  const paramsOf = new Map<string, number>();
  calls.forEach((call, id) => {
    const name = blockOf(graph, call);
    const own = blocks.get(name) ?? [];
    const costs = call.nodes
      .map((node) => graph.nodes[node])
      .map((node) => (node ? nodeCost(graph, node) : zero));
    own.push({
      id,
      ...labelOf(call),
      output: graph.nodes[call.nodes.at(-1) ?? 0]?.shape ?? NOTHING,
      inputs: (graph.nodes[call.nodes[0] ?? 0]?.inputs ?? []).map((input) => madeBy.get(input) ?? -1),
      macs: costs.reduce((sum, { macs }) => sum + macs, 0),
      ms: times[id] ?? null,
    });
    paramsOf.set(name, (paramsOf.get(name) ?? 0) + costs.reduce((sum, { params }) => sum + params, 0));
    blocks.set(name, own);
  });
  const outputs = calls.map(({ nodes }) => graph.nodes[nodes.at(-1) ?? 0]?.shape ?? NOTHING);
  const input = graph.nodes[0]?.shape ?? NOTHING;
  return {
    input,
    ...graphCost(graph),
    blocks: [...blocks].map(([name, kernels]): DiagramBlock => {
      const ids = new Set(kernels.map(({ id }) => id));
      const read = kernels.flatMap(({ inputs }) => inputs).find((id) => !ids.has(id)) ?? -1;
      const known = kernels.map(({ ms }) => ms).filter((ms) => ms !== null);
      return {
        name,
        type: architecture.stages[Number(name.split('.')[1])]?.block.type ?? '',
        input: outputs[read] ?? input,
        output: kernels.at(-1)?.output ?? NOTHING,
        params: paramsOf.get(name) ?? 0,
        macs: kernels.reduce((sum, { macs }) => sum + macs, 0),
        ms: known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0),
        kernels,
      };
    }),
  };
}

const NOTHING: Shape = [0, 0, 0];
const zero = { macs: 0, params: 0 };

/** `stages.3.1` of a kernel that begins with a node named `stages.3.1.expand.convolution`. */
function blockOf(graph: Graph, { nodes: [first = 0] }: KernelCall): string {
  return (graph.nodes[first]?.name ?? '').split('.').slice(0, 3).join('.');
}

function labelOf({ kernel: { ops, inputs } }: KernelCall): Pick<DiagramKernel, 'label' | 'activation'> {
  const [first, ...rest] = ops;
  const activation = rest.find((op) => op.kind === 'activation');
  return {
    label: first === undefined ? '' : opLabel(first, inputs[0]?.[2] ?? 0),
    activation: activation?.kind === 'activation' ? activation.function : null,
  };
}

function opLabel(op: Op, inputChannels: number): string {
  switch (op.kind) {
    case 'convolution': {
      const isDepthwise = op.groups > 1 && op.groups === inputChannels;
      const groups = op.groups > 1 && !isDepthwise ? ` g${op.groups}` : '';
      const stride = op.stride[0] > 1 ? ` s${op.stride[0]}` : '';
      const dilation = op.dilation[0] > 1 ? ` d${op.dilation[0]}` : '';
      return `${isDepthwise ? 'depthwise' : 'conv'} ${op.kernel.join('×')}${stride}${dilation}${groups}`;
    }
    case 'pool':
      return `${op.function} pool ${op.kernel.join('×')}`;
    case 'global-average-pool':
      return 'average pool';
    case 'channel-split':
      return `split ${op.offset}…${op.offset + op.channels - 1}`;
    case 'channel-shuffle':
      return `shuffle g${op.groups}`;
    case 'activation':
      return op.function;
    case 'linear':
    case 'input':
    case 'batch-norm':
    case 'add':
    case 'multiply':
    case 'concat':
      return op.kind;
  }
}
