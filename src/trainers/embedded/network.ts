import type { Rng } from '../../base/rng.ts';
import type { Graph } from '../../graph/graph.ts';
import { clipGradients } from './gradient-clipping.ts';
import { GradientPlan } from './gradient-plan.ts';
import { initialValues } from './initialisation.ts';
import type { LayerContext, Pass } from './layer.ts';
import { allocateParameters, type Parameter, parameterSpecs, writeParameter } from './parameters.ts';
import { fusedActivations, planLayers, wantedGradients } from './plan.ts';
import type { Pointer, Runtime } from './runtime.ts';
import { allocateTensor, type Tensor } from './tensor.ts';

export interface NetworkOptions {
  readonly batchSize: number;
  /** Of the initial weights: each parameter has a stream of its own, named after its node. */
  readonly rng: Rng;
  /** Whether to compute the gradient of the images too; training has no use for it. */
  readonly inputGradient?: boolean;
}

interface UpdateOptions {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Largest norm of all gradients together; larger ones are scaled down to it. */
  readonly gradientClip?: number | undefined;
}

/** A network in the memory of a runtime, ready to be trained. */
export interface Network {
  /** [batch, height, width, channels]: write images here. */
  readonly input: Tensor;
  /** [batch, 1, 1, classes]: after `forward`, the logits. */
  readonly output: Tensor;
  /** Of the shape of `output`: write the gradient of the loss here before `backward`. */
  readonly outputGradient: Pointer;
  /** Of the shape of `input`, if it was asked for. */
  readonly inputGradient: Pointer | undefined;
  readonly parameters: readonly Parameter[];
  forward(pass: Pass): void;
  /** Gradients of all parameters, after a `forward` in training. */
  backward(): void;
  /** One step of stochastic gradient descent with Nesterov momentum. */
  update(options: UpdateOptions): void;
}

/**
 * Lays a network out in the runtime's memory, in place of the one that was there. Throws a NasError if the
 * memory does not suffice.
 */
export function createNetwork(runtime: Runtime, graph: Graph, options: NetworkOptions): Network {
  runtime.releaseAll();
  const { batchSize, rng } = options;
  const parameters = allocateParameters(runtime, parameterSpecs(graph));
  for (const parameter of parameters.parameters) {
    const stream = rng.fork(`${graph.nodes[parameter.node]?.name}.${parameter.role}`);
    writeParameter(runtime, parameter, initialValues(graph, parameter, stream));
  }

  // A batch-norm with its activation makes the activation's value only.
  const fused = fusedActivations(graph);
  const tensors = graph.nodes.map((node, id) =>
    allocateTensor(runtime, fused.has(id) ? 0 : batchSize, node.shape),
  );
  const tensor = (node: number): Tensor => {
    const found = tensors[node];
    if (found === undefined) throw new RangeError(`node ${node} of ${tensors.length}`);
    return found;
  };
  const scratch = createScratch(runtime);
  const context: LayerContext = { runtime, batch: batchSize, scratch, tensor, parameter: parameters.of };
  const layers = planLayers(graph, fused, context);

  const gradients = new GradientPlan(
    runtime,
    tensors,
    wantedGradients(graph, options.inputGradient ?? false),
  );
  const outputGradient = gradients.start(graph.output);
  const backwardSteps: (() => void)[] = [];
  for (const { output, layer } of layers.toReversed()) {
    if (gradients.of(output) === undefined || !gradients.wants(output)) continue;
    backwardSteps.push(layer.planBackward(gradients));
    gradients.release(output);
  }
  scratch.allocate();

  return {
    input: tensor(0),
    output: tensor(graph.output),
    outputGradient,
    inputGradient: gradients.of(0),
    parameters: parameters.parameters,
    forward(pass) {
      for (const { layer } of layers) layer.forward(pass);
    },
    backward() {
      for (const step of backwardSteps) step();
    },
    update({ learningRate, momentum, weightDecay, gradientClip }) {
      if (gradientClip !== undefined) {
        clipGradients(
          parameters.runs.map(({ gradient, floats }) => runtime.floats(gradient, floats)),
          gradientClip,
        );
      }
      for (const { floats, value, gradient, velocity, decays } of parameters.runs) {
        const decay = decays ? weightDecay : 0;
        runtime.kernels.nesterov_update(floats, value, gradient, velocity, learningRate, momentum, decay);
      }
    },
  };
}

function createScratch(runtime: Runtime) {
  let most = 0;
  let pointer: Pointer = 0;
  return {
    reserve(floats: number): void {
      most = Math.max(most, floats);
    },
    get pointer(): Pointer {
      return pointer;
    },
    allocate(): void {
      pointer = runtime.allocate(most);
    },
  };
}
