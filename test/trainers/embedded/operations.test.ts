import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import { createNetwork, type Network } from '../../../src/trainers/embedded/network.ts';
import { type Parameter, readParameter, writeParameter } from '../../../src/trainers/embedded/parameters.ts';
import { createRuntime, type Pointer } from '../../../src/trainers/embedded/runtime.ts';
import type { Tensor } from '../../../src/trainers/embedded/tensor.ts';
import { runReference } from './reference.ts';
import { TINY_NETWORKS } from './tiny-networks.ts';

const BATCH = 3;
const TRAINING = { training: true, statisticsMomentum: 0.1 };

const runtime = createRuntime();

/** A network whose inputs and parameters are all random, so that nothing hides behind a zero or a one. */
function prepare(graph: Graph, seed: string) {
  const rng = createRng(seed);
  const network = createNetwork(runtime, graph, { batchSize: BATCH, rng, inputGradient: true });
  for (const parameter of network.parameters) {
    const offset = parameter.role === 'scale' || parameter.role === 'running-variance' ? 1 : 0;
    const values = readParameter(runtime, parameter).map(() => offset + 0.4 * rng.normal());
    writeParameter(runtime, parameter, values);
  }
  const { rows, channels } = network.input;
  const images = Float64Array.from({ length: rows * channels }, () => Math.fround(1.5 * rng.normal()));
  writeTensor(network.input, images);
  const outputs = network.output.rows * network.output.channels;
  const outputGradient = Float64Array.from({ length: outputs }, () => Math.fround(rng.normal()));
  return { network, images, outputGradient };
}

function readTensor({ rows, channels, stride, value }: Tensor, pointer: Pointer = value): Float64Array {
  const memory = runtime.floats(pointer, rows * stride);
  return Float64Array.from({ length: rows * channels }, (_, index) => {
    const row = Math.floor(index / channels);
    return memory[row * stride + (index % channels)]!;
  });
}

function writeTensor(tensor: Tensor, values: Float64Array, pointer: Pointer = tensor.value): void {
  const memory = runtime.floats(pointer, tensor.floats);
  values.forEach((value, index) => {
    memory[Math.floor(index / tensor.channels) * tensor.stride + (index % tensor.channels)] = value;
  });
}

function paddingOf({ channels, stride, floats }: Tensor, pointer: Pointer): Float32Array {
  return runtime.floats(pointer, floats).filter((_, index) => index % stride >= channels);
}

function parametersByKey(network: Network): Map<string, Float64Array> {
  return new Map(network.parameters.map((p) => [keyOf(p), Float64Array.from(readParameter(runtime, p))]));
}

function keyOf({ node, role }: Pick<Parameter, 'node' | 'role'>): string {
  return `${node} ${role}`;
}

/** Σ output · outputGradient, by the reference. */
function projection(
  graph: Graph,
  images: Float64Array,
  parameters: ReadonlyMap<string, Float64Array>,
  outputGradient: Float64Array,
): number {
  const values = runReference(graph, BATCH, images, (node, role) => parameters.get(`${node} ${role}`)!);
  return values[graph.output]!.data.reduce((sum, value, index) => sum + value * outputGradient[index]!, 0);
}

/** Central differences of `evaluate` in each element, which it changes in place and puts back. */
function differences(elements: Float64Array, evaluate: () => number): Float64Array {
  const step = 1e-5;
  return elements.map((_, index) => {
    const held = elements[index]!;
    elements[index] = held + step;
    const above = evaluate();
    elements[index] = held - step;
    const below = evaluate();
    elements[index] = held;
    return (above - below) / (2 * step);
  });
}

/** Largest distance between two arrays, relative to the largest element. */
function distance(found: ArrayLike<number>, expected: Float64Array): number {
  let [worst, largest] = [0, 1e-3];
  expected.forEach((value, index) => {
    worst = Math.max(worst, Math.abs(value - found[index]!));
    largest = Math.max(largest, Math.abs(value));
  });
  expect(found.length).toBe(expected.length);
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst / largest;
}

describe.each(Object.entries(TINY_NETWORKS))('%s', (name, graph) => {
  it('computes what the reference computes', () => {
    const { network, images } = prepare(graph, name);
    const parameters = parametersByKey(network);
    network.forward(TRAINING);
    const values = runReference(graph, BATCH, images, (node, role) => parameters.get(`${node} ${role}`)!);
    expect(distance(readTensor(network.output), values[graph.output]!.data)).toBeLessThan(1e-5);
    expect(paddingOf(network.output, network.output.value).every((lane) => lane === 0)).toBe(true);
  });

  it('has the gradients of central differences', () => {
    const { network, images, outputGradient } = prepare(graph, name);
    const parameters = parametersByKey(network);
    network.forward(TRAINING);
    writeTensor(network.output, outputGradient, network.outputGradient);
    network.backward();
    const evaluate = () => projection(graph, images, parameters, outputGradient);

    const inputGradient = readTensor(network.input, network.inputGradient!);
    expect(distance(inputGradient, differences(images, evaluate)), 'input').toBeLessThan(1e-4);
    expect(paddingOf(network.input, network.inputGradient!).every((lane) => lane === 0)).toBe(true);
    for (const parameter of network.parameters) {
      if (parameter.gradient === 0) continue;
      const expected = differences(parameters.get(keyOf(parameter))!, evaluate);
      const found = readParameter(runtime, parameter, 'gradient');
      expect(distance(found, expected), keyOf(parameter)).toBeLessThan(1e-4);
    }
  });
});
