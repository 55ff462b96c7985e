import type { NodeId } from '../../../graph/graph.ts';
import { gradientOf, inputOf, type Layer, type LayerContext, type NodeOf } from '../layer.ts';
import { writeWindow } from '../window.ts';

export function planPool(context: LayerContext, node: NodeOf<'pool'>, id: NodeId): Layer {
  return node.op.function === 'max' ? planMaxPool(context, node, id) : planAveragePool(context, node, id);
}

function planMaxPool(context: LayerContext, node: NodeOf<'pool'>, id: NodeId): Layer {
  const { runtime, batch } = context;
  const { kernels } = runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const window = writeWindow(runtime, batch, node.op, input, output);
  const winners = runtime.allocate(output.floats);
  return {
    forward: () => kernels.max_pool_forward(window, input.stride, input.value, output.value, winners),
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.target(source, { canAccumulate: true });
      return () => {
        if (!dx.accumulate) runtime.floats(dx.pointer, input.floats).fill(0);
        kernels.max_pool_backward(output.floats, dy, winners, dx.pointer);
        dx.settle();
      };
    },
  };
}

function planAveragePool(context: LayerContext, node: NodeOf<'pool'>, id: NodeId): Layer {
  const { runtime, batch } = context;
  const { kernels } = runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const window = writeWindow(runtime, batch, node.op, input, output);
  return {
    forward: () => kernels.average_pool_forward(window, input.stride, input.value, output.value),
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.target(source, { canAccumulate: true });
      return () => {
        if (!dx.accumulate) runtime.floats(dx.pointer, input.floats).fill(0);
        kernels.average_pool_backward(window, input.stride, dy, dx.pointer);
        dx.settle();
      };
    },
  };
}

export function planGlobalAveragePool(
  context: LayerContext,
  node: NodeOf<'global-average-pool'>,
  id: NodeId,
): Layer {
  const { runtime, batch } = context;
  const { kernels } = runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const pixels = input.height * input.width;
  return {
    forward: () =>
      kernels.global_average_pool_forward(batch, pixels, input.stride, input.value, output.value),
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.target(source, { canAccumulate: true });
      const accumulate = Number(dx.accumulate);
      return () => {
        kernels.global_average_pool_backward(batch, pixels, input.stride, dy, dx.pointer, accumulate);
        dx.settle();
      };
    },
  };
}
