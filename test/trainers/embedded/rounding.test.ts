import { describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { createNetwork } from '../../../src/trainers/embedded/network.ts';
import { createRuntime, machineRounding, type Rounding } from '../../../src/trainers/embedded/runtime.ts';

/** 2^-24 where a multiply-add rounds once, 0 where it rounds twice. */
const residue = (rounding: Rounding): number =>
  createRuntime(rounding).kernels.square_and_add(1 + 2 ** -12, -(1 + 2 ** -11));

/** What an untrained network makes of an image of noise. */
function outputs(rounding: Rounding): readonly number[] {
  const graph = new GraphBuilder();
  let at = graph.convolutionUnit(graph.input([9, 9, 3]), 12, 'hswish', { kernel: 3 });
  at = graph.convolutionUnit(at, 12, 'relu', { kernel: 5, groups: 12 });
  at = graph.linear(graph.globalAveragePool(graph.convolutionUnit(at, 20, 'relu')), 7);
  const runtime = createRuntime(rounding);
  const { input, output, ...network } = createNetwork(runtime, graph.build(at), {
    ...{ batchSize: 2, rng: createRng('weights') },
  });
  const rng = createRng('image');
  const images = runtime.floats(input.value, input.floats);
  for (let i = 0; i < input.floats; i++) if (i % input.stride < input.channels) images[i] = rng.normal();
  network.forward({ training: true, statisticsMomentum: 0.1 });
  return [...runtime.floats(output.value, output.floats)];
}

describe('kernels without fused multiply-adds', () => {
  test('round twice', () => expect(residue('plain')).toBe(0));
});

describe.skipIf(machineRounding() === 'plain')('kernels with fused multiply-adds', () => {
  test('round once', () => expect(residue('fused')).toBe(2 ** -24));

  test('compute the same but for rounding', () => {
    const plain = outputs('plain');
    const fused = outputs('fused');
    expect(fused).not.toEqual(plain);
    for (const [i, value] of fused.entries()) expect(value).toBeCloseTo(plain[i] ?? Number.NaN, 5);
  });
});
