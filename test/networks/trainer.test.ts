import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { buildGraph } from '../../src/space/network.ts';
import { createNetwork } from '../../src/trainers/embedded/network.ts';
import { createRuntime } from '../../src/trainers/embedded/runtime.ts';
import { NETWORKS } from '../space/shipped.ts';

const runtime = createRuntime();
const BATCH = 8;
const CLASSES = 10;

/** A step against the gradient lowers the loss by about learning rate · |gradient|² where the step is short. */
describe.each([...NETWORKS])('the embedded trainer follows the gradient of %s', (name, architecture) => {
  test('down', () => {
    const graph = buildGraph(architecture, { width: 0.25, resolution: 64, classes: CLASSES });
    const rng = createRng(name);
    const network = createNetwork(runtime, graph, { batchSize: BATCH, rng: rng.fork('weights') });
    const images = runtime.floats(network.input.value, network.input.floats);
    for (let i = 0; i < images.length; i++) if (i % network.input.stride < 3) images[i] = rng.normal();
    const { stride } = network.output;

    /** Mean over the images of the squared distance of the logits from a fixed point. */
    const loss = (): number => {
      network.forward({ training: true, statisticsMomentum: 0.1 });
      const logits = runtime.floats(network.output.value, network.output.floats);
      const gradient = runtime.floats(network.outputGradient, network.output.floats).fill(0);
      let sum = 0;
      for (let image = 0; image < BATCH; image++) {
        for (let c = 0; c < CLASSES; c++) {
          const distance = (logits[image * stride + c] ?? 0) - (c === image ? 2 : -1);
          gradient[image * stride + c] = distance / BATCH;
          sum += distance ** 2 / (2 * BATCH);
        }
      }
      return sum;
    };

    const before = loss();
    network.backward();
    let squares = 0;
    for (const { gradient, floats } of network.parameters.filter((parameter) => parameter.gradient !== 0)) {
      for (const value of runtime.floats(gradient, floats)) squares += value ** 2;
    }
    // Shorter, and SqueezeNext's rounding shows; longer, and its curvature does.
    const wanted = 5e-4 * before;
    network.update({ learningRate: wanted / squares, momentum: 0, weightDecay: 0 });
    const fall = before - loss();
    expect(fall / wanted).toBeGreaterThan(0.75);
    expect(fall / wanted).toBeLessThan(1.25);
  });
});
