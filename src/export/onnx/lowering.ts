import type { GraphNode, NodeId } from '../../graph/graph.ts';
import type { Extent, Op, Shape } from '../../graph/op.ts';
import { imagePadding } from '../image-padding.ts';
import { BATCH_NORM_EPSILON, type TrainedNetwork } from '../trained-network.ts';
import { transpose } from '../transpose.ts';
import type { Attributes, OnnxModelBuilder } from './model.ts';

/** One op to write; tensors are [batch, channels, height, width]. */
export interface OnnxStep {
  readonly id: NodeId;
  readonly node: GraphNode;
  /** Names of the tensors that it reads, and the shape of the first. */
  readonly inputs: readonly string[];
  readonly inputShape: Shape;
}

interface Context {
  readonly builder: OnnxModelBuilder;
  readonly network: TrainedNetwork;
}

/** Writes one op as operators of the format and returns the tensor of its result. */
export function lowerToOnnx(step: OnnxStep, context: Context): string {
  const { node, inputs, inputShape } = step;
  const { op, name } = node;
  const { builder } = context;
  const [input = ''] = inputs;
  switch (op.kind) {
    case 'input':
      return name;
    case 'convolution':
      return builder.operator(name, 'Conv', [input, ...weightAndBias(step, op.bias, [3, 2, 0, 1], context)], {
        ...windowAttributes(op, inputShape),
        dilations: op.dilation,
        group: op.groups,
      });
    case 'linear': {
      const flat = builder.operator(`${name}/flat`, 'Flatten', [input]);
      const parameters = weightAndBias(step, op.bias, [1, 0], context);
      const product = builder.operator(`${name}/product`, 'Gemm', [flat, ...parameters], { transB: 1 });
      return builder.operator(name, 'Unsqueeze', [product, builder.integers(`${name}/axes`, [2, 3])]);
    }
    case 'batch-norm': {
      const statistics = (['scale', 'shift', 'running-mean', 'running-variance'] as const).map((role) =>
        vector(step, role, context),
      );
      return builder.operator(name, 'BatchNormalization', [input, ...statistics], {
        epsilon: { float: BATCH_NORM_EPSILON },
      });
    }
    case 'activation':
      return lowerActivation(step, op, context);
    case 'add':
      return builder.operator(name, 'Add', inputs);
    case 'multiply':
      return builder.operator(name, 'Mul', inputs);
    case 'concat':
      return builder.operator(name, 'Concat', inputs, { axis: 1 });
    case 'channel-split':
      return builder.operator(name, 'Slice', [
        input,
        builder.integers(`${name}/starts`, [op.offset]),
        builder.integers(`${name}/ends`, [op.offset + op.channels]),
        builder.integers(`${name}/axes`, [1]),
      ]);
    case 'channel-shuffle': {
      // A size of 0 is that of the input: the batch stays free.
      const [height, width, channels] = inputShape;
      const grouped = [0, op.groups, channels / op.groups, height, width];
      const apart = builder.operator(`${name}/apart`, 'Reshape', [
        input,
        builder.integers(`${name}/grouped`, grouped),
      ]);
      const swapped = builder.operator(`${name}/swapped`, 'Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
      const shape = builder.integers(`${name}/shape`, [0, channels, height, width]);
      return builder.operator(name, 'Reshape', [swapped, shape]);
    }
    case 'pool':
      return op.function === 'max'
        ? builder.operator(name, 'MaxPool', [input], windowAttributes(op, inputShape))
        : builder.operator(name, 'AveragePool', [input], {
            ...windowAttributes(op, inputShape),
            count_include_pad: 0,
          });
    case 'global-average-pool':
      return builder.operator(name, 'GlobalAveragePool', [input]);
  }
}

function lowerActivation(
  step: OnnxStep,
  op: Extract<Op, { readonly kind: 'activation' }>,
  context: Context,
): string {
  const { name, shape } = step.node;
  const { builder } = context;
  const [input = ''] = step.inputs;
  switch (op.function) {
    case 'relu':
      return builder.operator(name, 'Relu', [input]);
    case 'relu6':
      return builder.operator(name, 'Clip', [
        input,
        builder.float(`${name}/least`, [], Float32Array.of(0)),
        builder.float(`${name}/most`, [], Float32Array.of(6)),
      ]);
    case 'hswish':
      return builder.operator(name, 'HardSwish', [input]);
    case 'hsigmoid':
      return builder.operator(name, 'HardSigmoid', [input], {
        alpha: { float: 1 / 6 },
        beta: { float: 0.5 },
      });
    case 'sigmoid':
      return builder.operator(name, 'Sigmoid', [input]);
    case 'swish':
      return builder.operator(name, 'Mul', [input, builder.operator(`${name}/gate`, 'Sigmoid', [input])]);
    case 'prelu': {
      const { values } = context.network.parameter(step.id, 'slope');
      return builder.operator(name, 'PRelu', [
        input,
        builder.float(`${name}/slope`, [shape[2], 1, 1], values),
      ]);
    }
  }
}

/** Weights with their axes in the order of the format, and the bias where there is one. */
function weightAndBias(
  step: OnnxStep,
  hasBias: boolean,
  order: readonly number[],
  context: Context,
): readonly string[] {
  const { dimensions, values } = context.network.parameter(step.id, 'weight');
  const shape = order.map((axis) => dimensions[axis] ?? 1);
  const weight = context.builder.float(
    `${step.node.name}/weight`,
    shape,
    transpose(values, dimensions, order),
  );
  return hasBias ? [weight, vector(step, 'bias', context)] : [weight];
}

function vector(
  { id, node }: OnnxStep,
  role: 'bias' | 'scale' | 'shift' | 'running-mean' | 'running-variance',
  { builder, network }: Context,
): string {
  const { dimensions, values } = network.parameter(id, role);
  return builder.float(`${node.name}/${role}`, dimensions, values);
}

function windowAttributes(
  op: Extract<Op, { readonly kind: 'convolution' | 'pool' }>,
  input: Shape,
): Attributes & { readonly kernel_shape: Extent } {
  const { top, left, bottom, right } = imagePadding(op, input);
  return { kernel_shape: op.kernel, strides: op.stride, pads: [top, left, bottom, right] };
}
