import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { createNetwork } from '../../../src/trainers/embedded/network.ts';
import { readParameter, writeParameter } from '../../../src/trainers/embedded/parameters.ts';
import { createRuntime } from '../../../src/trainers/embedded/runtime.ts';

const runtime = createRuntime();

describe('a network', () => {
  it('takes steps of Nesterov momentum, with weight decay on weights alone', () => {
    const graph = new GraphBuilder();
    const logits = graph.linear(graph.input([1, 1, 1]), 1);
    const options = { batchSize: 1, rng: createRng('seed') };
    const network = createNetwork(runtime, graph.build(logits), options);
    const [weight, bias] = network.parameters.map((parameter) => readParameter(runtime, parameter)[0]!);
    runtime.floats(network.input.value, 1)[0] = 2;
    runtime.floats(network.outputGradient, 1)[0] = 0.5;
    const expected = { w: weight!, b: bias!, vw: 0, vb: 0 };
    for (let step = 0; step < 3; step++) {
      network.forward({ training: true, statisticsMomentum: 0.1 });
      network.backward();
      network.update({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 });
      const gradientW = 0.5 * 2 + 0.01 * expected.w;
      expected.vw = 0.9 * expected.vw + gradientW;
      expected.w -= 0.1 * (gradientW + 0.9 * expected.vw);
      expected.vb = 0.9 * expected.vb + 0.5;
      expected.b -= 0.1 * (0.5 + 0.9 * expected.vb);
    }
    const [newWeight, newBias] = network.parameters.map((parameter) => readParameter(runtime, parameter)[0]!);
    expect(newWeight).toBeCloseTo(expected.w, 5);
    expect(newBias).toBeCloseTo(expected.b, 5);
  });

  it('takes steps of RMSProp, whose squares begin at 1', () => {
    const graph = new GraphBuilder();
    const logits = graph.linear(graph.input([1, 1, 1]), 1);
    const options = { batchSize: 1, rng: createRng('seed'), squares: true };
    const network = createNetwork(runtime, graph.build(logits), options);
    const read = () => network.parameters.map((parameter) => readParameter(runtime, parameter)[0]!);
    const expected = read().map((value) => ({ value, square: 1, velocity: 0 }));
    runtime.floats(network.input.value, 1)[0] = 2;
    runtime.floats(network.outputGradient, 1)[0] = 0.5;
    for (let step = 0; step < 3; step++) {
      network.forward({ training: true, statisticsMomentum: 0.1 });
      network.backward();
      const [learningRate, momentum, weightDecay] = [0.1, 0.8, 0.01];
      network.update({
        ...{ optimizer: 'rmsprop', squareDecay: 0.7, epsilon: 0.02 },
        ...{ learningRate, momentum, weightDecay },
      });
      for (const [index, parameter] of expected.entries()) {
        const gradient = index === 0 ? 0.5 * 2 + weightDecay * parameter.value : 0.5;
        parameter.square = 0.7 * parameter.square + 0.3 * gradient ** 2;
        parameter.velocity =
          momentum * parameter.velocity + (learningRate * gradient) / Math.sqrt(parameter.square + 0.02);
        parameter.value -= parameter.velocity;
      }
    }
    for (const [index, value] of read().entries()) expect(value).toBeCloseTo(expected[index]!.value, 5);
  });

  it('keeps moving averages of weights and running statistics, and puts them in their place', () => {
    const graph = new GraphBuilder();
    const output = graph.batchNorm(graph.convolution(graph.input([2, 1, 1]), 1));
    const options = { batchSize: 1, rng: createRng('seed'), averages: true };
    const network = createNetwork(runtime, graph.build(output), options);
    const read = () => network.parameters.map((parameter) => readParameter(runtime, parameter)[0]!);
    const first = read();
    network.parameters.forEach((parameter, index) => {
      writeParameter(runtime, parameter, [index + 2]);
    });
    network.updateAverages(0.75);
    expect(read()).toEqual(first.map((_, index) => index + 2));
    network.swapAverages();
    for (const [index, value] of read().entries()) {
      expect(value).toBeCloseTo(0.75 * first[index]! + 0.25 * (index + 2), 6);
    }
    network.swapAverages();
    expect(read()).toEqual(first.map((_, index) => index + 2));
  });

  it('normalises by running statistics outside training, with the unbiased variance', () => {
    const graph = new GraphBuilder();
    const output = graph.batchNorm(graph.input([2, 1, 1]));
    const network = createNetwork(runtime, graph.build(output), { batchSize: 2, rng: createRng('seed') });
    const { value, stride } = network.input;
    const images = runtime.floats(value, 4 * stride);
    [1, 3, 5, 7].forEach((pixel, row) => {
      images[row * stride] = pixel;
    });
    network.forward({ training: true, statisticsMomentum: 1 });
    network.forward({ training: false, statisticsMomentum: 0 });
    const outputs = runtime.floats(network.output.value, 4 * stride);
    // Mean 4, sum of squares 20, over 3.
    [1, 3, 5, 7].forEach((pixel, row) => {
      expect(outputs[row * stride]).toBeCloseTo((pixel - 4) / Math.sqrt(20 / 3 + 1e-3), 5);
    });
  });

  it('needs more memory than there is only with a word about it', () => {
    const graph = new GraphBuilder();
    const output = graph.convolution(graph.input([1024, 1024, 3]), 1024);
    expect(() =>
      createNetwork(runtime, graph.build(output), { batchSize: 8, rng: createRng('seed') }),
    ).toThrow(/the network needs \d+ MiB/);
  });
});
