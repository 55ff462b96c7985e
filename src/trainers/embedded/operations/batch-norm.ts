import type { NodeId } from '../../../graph/graph.ts';
import type { ActivationFunction } from '../../../graph/op.ts';
import { gradientOf, inputOf, type Layer, type LayerContext, type NodeOf } from '../layer.ts';
import { ACTIVATION_CODES, clearPadding } from './activation.ts';

const BATCH_NORM_FIELDS = 11;

/** The activation that alone reads the batch-norm, if any, and the node it makes. */
export interface FusedActivation {
  readonly function: Exclude<ActivationFunction, 'prelu'> | 'linear';
  readonly output: NodeId;
}

/** Batch normalisation with the activation after it, in one pass over memory. */
export function planBatchNorm(
  context: LayerContext,
  node: NodeOf<'batch-norm'>,
  id: NodeId,
  activation: FusedActivation = { function: 'linear', output: id },
): Layer {
  const { runtime } = context;
  const { kernels } = runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(activation.output);
  const scale = context.parameter(id, 'scale');
  const shift = context.parameter(id, 'shift');
  const norm = runtime.allocate(BATCH_NORM_FIELDS);
  const batchMean = runtime.allocate(input.stride);
  const batchInverseDeviation = runtime.allocate(input.stride);
  // `struct batch_norm` of kernels/batch-norm.c
  runtime
    .integers(norm, BATCH_NORM_FIELDS)
    .set([
      input.rows,
      input.stride,
      ACTIVATION_CODES[activation.function],
      scale.value,
      shift.value,
      batchMean,
      batchInverseDeviation,
      context.parameter(id, 'running-mean').value,
      context.parameter(id, 'running-variance').value,
      scale.gradient,
      shift.gradient,
    ]);
  return {
    forward({ training, statisticsMomentum }) {
      kernels.batch_norm_forward(norm, input.value, output.value, Number(training), statisticsMomentum);
      clearPadding(runtime, output, activation.function);
    },
    planBackward(gradients) {
      const dy = gradientOf(gradients, activation.output);
      const dx = gradients.target(source, { inPlaceOf: activation.output });
      return () => {
        kernels.batch_norm_backward(norm, input.value, dy, dx.pointer);
        dx.settle();
      };
    },
  };
}
