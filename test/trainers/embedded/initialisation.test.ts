import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { type Graph, GraphBuilder } from '../../../src/graph/graph.ts';
import { initialValues, zeroScaleNodes } from '../../../src/trainers/embedded/initialisation.ts';
import { type ParameterRole, parameterSpecs } from '../../../src/trainers/embedded/parameters.ts';

/** input 0, convolution 1, batch-norm 2, prelu 3, convolution 4, batch-norm 5, add 6, pool 7, linear 8 and 9 */
function residualNetwork(): Graph {
  const graph = new GraphBuilder();
  const stem = graph.convolutionUnit(graph.input([8, 8, 3]), 32, 'prelu', { kernel: 3, bias: true });
  const block = graph.batchNorm(graph.convolution(stem, 32, { kernel: 3, groups: 4 }));
  const sum = graph.add({ kind: 'add' }, [block, stem]);
  return graph.build(graph.linear(graph.linear(graph.globalAveragePool(sum), 50), 10));
}

describe('initialValues', () => {
  const graph = residualNetwork();
  const valuesOf = (node: number, role: ParameterRole) => {
    const spec = parameterSpecs(graph).find((found) => found.node === node && found.role === role);
    return initialValues(graph, spec!, createRng('seed'));
  };
  const deviationOf = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

  it.each([
    ['a convolution', 1, Math.sqrt(2 / (9 * 32))],
    ['a grouped convolution', 4, Math.sqrt(2 / (9 * 8))],
    ['a hidden linear layer', 8, Math.sqrt(1 / 32)],
    ['the last linear layer', 9, 0.01],
  ])('spreads the weights of %s as its place asks for', (_name, node, deviation) => {
    expect(deviationOf(valuesOf(node, 'weight')) / deviation).toBeCloseTo(1, 0.5);
  });

  it('starts a residual block as the identity, and other batch-norms too', () => {
    expect([...zeroScaleNodes(graph)]).toEqual([5]);
    expect(new Set(valuesOf(5, 'scale'))).toEqual(new Set([0]));
    expect(new Set(valuesOf(2, 'scale'))).toEqual(new Set([1]));
  });

  it('gives biases, shifts, slopes and statistics their constants', () => {
    expect(new Set(valuesOf(1, 'bias'))).toEqual(new Set([0]));
    expect(new Set(valuesOf(2, 'shift'))).toEqual(new Set([0]));
    expect(new Set(valuesOf(3, 'slope'))).toEqual(new Set([0.25]));
    expect(new Set(valuesOf(2, 'running-mean'))).toEqual(new Set([0]));
    expect(new Set(valuesOf(2, 'running-variance'))).toEqual(new Set([1]));
  });
});
