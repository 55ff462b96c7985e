import type { Rng } from '../../base/rng.ts';
import type { Graph } from '../../graph/graph.ts';
import { type Recipe, RMSPROP_DEFAULTS } from '../recipe.ts';
import { clipGradients } from './gradient-clipping.ts';
import { GradientPlan } from './gradient-plan.ts';
import { initialValues } from './initialisation.ts';
import type { LayerContext, Pass } from './layer.ts';
import {
  allocateParameters,
  type Parameter,
  type ParameterExtras,
  parameterSpecs,
  writeParameter,
} from './parameters.ts';
import { fusedActivations, planLayers, wantedGradients } from './plan.ts';
import type { Pointer, Runtime } from './runtime.ts';
import { allocateTensor, type Tensor } from './tensor.ts';

export interface NetworkOptions extends ParameterExtras {
  readonly batchSize: number;
  /**
   * Of the initial weights: each parameter has a stream of its own, named after its node. `undefined` leaves all
   * parameters 0, for others to be put in their place.
   */
  readonly rng: Rng | undefined;
  /** Whether to compute the gradient of the images too; training has no use for it. */
  readonly inputGradient?: boolean;
}

interface UpdateOptions
  extends Pick<
    Recipe,
    'optimizer' | 'momentum' | 'weightDecay' | 'gradientClip' | 'squareDecay' | 'epsilon'
  > {
  readonly learningRate: number;
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
  /**
   * One step of the recipe's optimiser; RMSProp's needs the network's `squares`. Returns the norm of all gradients
   * where they are clipped.
   */
  update(options: UpdateOptions): number | undefined;
  /** Brings the moving averages, if it has them, nearer to the values: `decay` of them stays. */
  updateAverages(decay: number): void;
  /** Exchanges values and moving averages, of weights and of running statistics. */
  swapAverages(): void;
}

/**
 * Lays a network out in the runtime's memory, in place of the one that was there. Throws a NasError if the
 * memory does not suffice.
 */
export function createNetwork(runtime: Runtime, graph: Graph, options: NetworkOptions): Network {
  runtime.releaseAll();
  const { batchSize, rng } = options;
  const parameters = allocateParameters(runtime, parameterSpecs(graph), options);
  if (rng !== undefined) initialise(runtime, graph, parameters.parameters, rng);
  if (options.squares) {
    for (const { square, floats } of parameters.runs) {
      runtime.floats(square, floats).fill(RMSPROP_DEFAULTS.initialSquare);
    }
  }
  const averaged = [...parameters.runs, ...parameters.statistics];

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
    update({ gradientClip, optimizer = 'sgd', learningRate, momentum, weightDecay, ...rest }) {
      const { squareDecay = RMSPROP_DEFAULTS.squareDecay, epsilon = RMSPROP_DEFAULTS.epsilon } = rest;
      const { kernels } = runtime;
      const norm =
        gradientClip === undefined
          ? undefined
          : clipGradients(
              parameters.runs.map(({ gradient, floats }) => runtime.floats(gradient, floats)),
              gradientClip,
            );
      for (const { floats, value, gradient, velocity, square, decays } of parameters.runs) {
        const decay = decays ? weightDecay : 0;
        const step = [learningRate, momentum, decay] as const;
        if (optimizer === 'rmsprop') {
          kernels.rmsprop_update(floats, value, gradient, velocity, square, ...step, squareDecay, epsilon);
        } else {
          kernels.nesterov_update(floats, value, gradient, velocity, ...step);
        }
      }
      return norm;
    },
    updateAverages(decay) {
      for (const { floats, value, average } of averaged) {
        runtime.kernels.moving_average(floats, average, value, 1 - decay);
      }
    },
    swapAverages() {
      for (const { floats, value, average } of averaged) runtime.kernels.swap(floats, value, average);
    },
  };
}

function initialise(runtime: Runtime, graph: Graph, parameters: readonly Parameter[], rng: Rng): void {
  for (const parameter of parameters) {
    const stream = rng.fork(`${graph.nodes[parameter.node]?.name}.${parameter.role}`);
    const values = initialValues(graph, parameter, stream);
    writeParameter(runtime, parameter, values);
    if (parameter.average !== 0) writeParameter(runtime, parameter, values, 'average');
  }
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
