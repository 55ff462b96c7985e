import type { NodeId } from '../../../graph/graph.ts';
import { gradientOf, inputOf, type Layer, type LayerContext, type NodeOf } from '../layer.ts';

export function planAdd(context: LayerContext, node: NodeOf<'add'>, id: NodeId): Layer {
  const { kernels } = context.runtime;
  const [left, right] = [inputOf(node, 0), inputOf(node, 1)];
  const [a, b, sum] = [context.tensor(left), context.tensor(right), context.tensor(id)];
  return {
    forward: () => kernels.add(sum.floats, a.value, b.value, sum.value),
    planBackward(gradients) {
      const steps = [gradients.pass(id, left), gradients.pass(id, right)];
      return () => {
        for (const step of steps) step();
      };
    },
  };
}

export function planMultiply(context: LayerContext, node: NodeOf<'multiply'>, id: NodeId): Layer {
  const a = context.tensor(inputOf(node, 0));
  const b = context.tensor(inputOf(node, 1));
  return a.floats === b.floats ? planProduct(context, node, id) : planGate(context, node, id);
}

/** Product of two tensors of one shape. */
function planProduct(context: LayerContext, node: NodeOf<'multiply'>, id: NodeId): Layer {
  const { kernels } = context.runtime;
  const [left, right] = [inputOf(node, 0), inputOf(node, 1)];
  const [a, b, product] = [context.tensor(left), context.tensor(right), context.tensor(id)];
  const { floats } = product;
  return {
    forward: () => kernels.multiply(floats, a.value, b.value, product.value),
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const da = gradients.target(left);
      const db = gradients.target(right, { inPlaceOf: id });
      return () => {
        kernels.multiply(floats, dy, b.value, da.pointer);
        da.settle();
        kernels.multiply(floats, dy, a.value, db.pointer);
        db.settle();
      };
    },
  };
}

/** Product with one factor a channel and image, as squeeze-and-excitation has it (Hu et al. 2018). */
function planGate(context: LayerContext, node: NodeOf<'multiply'>, id: NodeId): Layer {
  const { runtime, batch } = context;
  const { kernels } = runtime;
  const [gated, gating] = [inputOf(node, 0), inputOf(node, 1)];
  const [x, gate, y] = [context.tensor(gated), context.tensor(gating), context.tensor(id)];
  const pixels = x.height * x.width;
  return {
    forward: () => kernels.gate_forward(batch, pixels, x.stride, x.value, gate.value, y.value),
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dgate = gradients.target(gating);
      const dx = gradients.target(gated, { inPlaceOf: id });
      return () => {
        kernels.gate_backward(batch, pixels, x.stride, x.value, gate.value, dy, dx.pointer, dgate.pointer);
        dgate.settle();
        dx.settle();
      };
    },
  };
}
