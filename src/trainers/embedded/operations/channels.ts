import type { NodeId } from '../../../graph/graph.ts';
import { gradientOf, inputOf, type Layer, type LayerContext, type NodeOf } from '../layer.ts';
import type { Pointer, Runtime } from '../runtime.ts';

export function planConcat(context: LayerContext, node: NodeOf<'concat'>, id: NodeId): Layer {
  const { kernels } = context.runtime;
  const output = context.tensor(id);
  let channels = 0;
  const parts = node.inputs.map((source) => {
    const tensor = context.tensor(source);
    const offset = 4 * channels;
    channels += tensor.channels;
    return { source, tensor, offset };
  });
  return {
    forward() {
      for (const { tensor, offset } of parts) {
        const { rows, value, stride } = tensor;
        kernels.copy_channels(rows, tensor.channels, value, stride, output.value + offset, output.stride, 0);
      }
    },
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const targets = parts.map((part) => ({ ...part, target: gradients.target(part.source) }));
      return () => {
        for (const { tensor, offset, target } of targets) {
          const { rows, stride } = tensor;
          kernels.copy_channels(rows, tensor.channels, dy + offset, output.stride, target.pointer, stride, 0);
          kernels.clear_channels(rows, tensor.channels, stride, target.pointer);
          target.settle();
        }
      };
    },
  };
}

export function planChannelSplit(context: LayerContext, node: NodeOf<'channel-split'>, id: NodeId): Layer {
  const { runtime } = context;
  const { kernels } = runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const offset = 4 * node.op.offset;
  const { rows, channels } = output;
  return {
    forward() {
      const from = input.value + offset;
      kernels.copy_channels(rows, channels, from, input.stride, output.value, output.stride, 0);
    },
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.target(source, { canAccumulate: true });
      const to = dx.pointer + offset;
      return () => {
        if (!dx.accumulate) runtime.floats(dx.pointer, input.floats).fill(0);
        kernels.copy_channels(rows, channels, dy, output.stride, to, input.stride, 1);
        dx.settle();
      };
    },
  };
}

export function planChannelShuffle(
  context: LayerContext,
  node: NodeOf<'channel-shuffle'>,
  id: NodeId,
): Layer {
  const { runtime } = context;
  const { kernels } = runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const { rows, channels, stride } = output;
  const groups = node.op.groups;
  const groupSize = channels / groups;
  // Output channel i * groups + g is input channel g * groupSize + i.
  const sources = Array.from(
    { length: channels },
    (_, to) => (to % groups) * groupSize + Math.floor(to / groups),
  );
  const destinations = sources.map((_, from) => sources.indexOf(from));
  const forwardTable = writeTable(runtime, sources);
  const backwardTable = writeTable(runtime, destinations);
  return {
    forward: () => kernels.permute_channels(rows, channels, stride, input.value, forwardTable, output.value),
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.target(source);
      return () => {
        kernels.permute_channels(rows, channels, stride, dy, backwardTable, dx.pointer);
        dx.settle();
      };
    },
  };
}

function writeTable(runtime: Runtime, table: readonly number[]): Pointer {
  const pointer = runtime.allocate(table.length);
  runtime.integers(pointer, table.length).set(table);
  return pointer;
}
