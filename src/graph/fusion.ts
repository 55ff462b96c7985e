import { consumerCounts, type Graph, type GraphNode, type NodeId } from './graph.ts';
import type { Op, Shape } from './op.ts';
import { printShape } from './shape.ts';

/**
 * What a runtime executes as one step once batch-norm is folded into the operation before it: a chain of ops.
 * Two kernels with one signature take one time, so the signature is the key of a latency table.
 */
export interface Kernel {
  /** Canonical and readable: `112x112x16 convolution 64 k3x3 s2x2 g1 same bias + relu`. */
  readonly signature: string;
  /** What the first op reads; every later op reads the one before it. */
  readonly inputs: readonly Shape[];
  readonly ops: readonly Op[];
}

/** A kernel at its place in a network. */
export interface KernelCall {
  readonly kernel: Kernel;
  /** The nodes it covers, in order; the last one makes its output. */
  readonly nodes: readonly NodeId[];
}

/**
 * Cuts a network into kernels, in order of execution: convolution or linear takes the batch-norm and then the
 * activation that alone read it; any other op takes such an activation. The input is no kernel.
 * A batch-norm folded into a convolution leaves a bias behind, so the kernel's convolution has one.
 */
export function fuse(graph: Graph): readonly KernelCall[] {
  const consumers = consumerCounts(graph);
  const soleReader = new Map<NodeId, NodeId>();
  graph.nodes.forEach((node, id) => {
    const [input] = node.inputs;
    if (node.inputs.length === 1 && input !== undefined && consumers[input] === 1) soleReader.set(input, id);
  });
  const taken = new Set<NodeId>();
  const calls: KernelCall[] = [];
  graph.nodes.forEach((node, id) => {
    if (node.op.kind === 'input' || taken.has(id)) return;
    const nodes = [id];
    const follow = (kind: Op['kind']): boolean => {
      const next = soleReader.get(nodes.at(-1) ?? id);
      if (next === undefined || graph.nodes[next]?.op.kind !== kind) return false;
      taken.add(next);
      nodes.push(next);
      return true;
    };
    let first = node.op;
    if ((first.kind === 'convolution' || first.kind === 'linear') && follow('batch-norm')) {
      first = { ...first, bias: true };
    }
    if (node.op.kind !== 'activation') follow('activation');
    calls.push({ kernel: kernelOf(graph, node, first, nodes), nodes });
  });
  return calls;
}

function kernelOf(graph: Graph, head: GraphNode, first: Op, nodes: readonly NodeId[]): Kernel {
  const inputs = head.inputs.map((input) => shapeAt(graph, input));
  const rest = nodes.slice(1).flatMap((id) => {
    const op = graph.nodes[id]?.op;
    return op === undefined || op.kind === 'batch-norm' ? [] : [op];
  });
  const ops = [first, ...rest];
  return { signature: signatureOf(inputs, ops), inputs, ops };
}

/** `parseKernel` reads it back. */
export function signatureOf(inputs: readonly Shape[], ops: readonly Op[]): string {
  return `${inputs.map(printShape).join(',')} ${ops.map(printOp).join(' + ')}`;
}

function shapeAt(graph: Graph, id: NodeId): Shape {
  return graph.nodes[id]?.shape ?? [0, 0, 0];
}

/** An op in one readable line, complete: ops that print alike are alike. */
export function printOp(op: Op): string {
  switch (op.kind) {
    case 'input':
      return `input ${printShape(op.shape)}`;
    case 'convolution': {
      // Undilated ones print as they did before there was a dilation: stored latency tables have them as keys.
      const dilation = op.dilation.every((step) => step === 1) ? '' : ` d${op.dilation.join('x')}`;
      return `convolution ${op.channels} k${op.kernel.join('x')} s${op.stride.join('x')}${dilation} g${op.groups} ${op.padding}${op.bias ? ' bias' : ''}`;
    }
    case 'linear':
      return `linear ${op.channels}${op.bias ? ' bias' : ''}`;
    case 'activation':
      return op.function;
    case 'pool':
      return `${op.function}-pool k${op.kernel.join('x')} s${op.stride.join('x')} ${op.padding}`;
    case 'channel-split':
      return `channel-split ${op.offset}+${op.channels}`;
    case 'channel-shuffle':
      return `channel-shuffle ${op.groups}`;
    default:
      return op.kind;
  }
}

/** The distinct kernels of some networks, in order of first use. */
export function distinctKernels(graphs: Iterable<Graph>): readonly Kernel[] {
  const bySignature = new Map<string, Kernel>();
  for (const graph of graphs) {
    for (const { kernel } of fuse(graph)) {
      if (!bySignature.has(kernel.signature)) bySignature.set(kernel.signature, kernel);
    }
  }
  return [...bySignature.values()];
}

/** Bytes of float32 weights and biases that a kernel reads. */
export function weightBytesOf({ inputs: [input], ops }: Kernel): number {
  const [first] = ops;
  const inputChannels = input?.[2] ?? 0;
  if (first?.kind === 'linear') return 4 * (inputChannels + 1) * first.channels;
  if (first?.kind !== 'convolution') return 0;
  const [height, width] = first.kernel;
  return 4 * ((height * width * inputChannels) / first.groups + 1) * first.channels;
}

/** Bytes of float32 that the kernels of a network write for one image. */
export function activationBytes(graph: Graph): number {
  return fuse(graph).reduce((sum, { nodes }) => {
    const [height, width, channels] = shapeAt(graph, nodes.at(-1) ?? 0);
    return sum + 4 * height * width * channels;
  }, 0);
}
