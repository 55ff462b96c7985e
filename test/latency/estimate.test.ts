import { describe, expect, test } from 'vitest';
import { fuse } from '../../src/graph/fusion.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { estimateKnownKernels, estimateLatency } from '../../src/latency/estimate.ts';
import type { LatencyTable } from '../../src/latency/table.ts';
import { someKernel, someTable } from './some-table.ts';

const tableOf = (medians: Readonly<Record<string, number>>): LatencyTable =>
  someTable(Object.entries(medians).map(([signature, medianMs]) => someKernel(signature, medianMs)));

/** Stem, two equal blocks, head: four kernels of three kinds. */
const graph = (() => {
  const b = new GraphBuilder();
  let x = b.convolutionUnit(b.input([8, 8, 3]), 4, 'relu', { kernel: 3 });
  x = b.convolutionUnit(x, 4, 'relu');
  x = b.convolutionUnit(x, 4, 'relu');
  return b.build(b.globalAveragePool(x));
})();
const [stem, block, , head] = fuse(graph).map(({ kernel }) => kernel.signature) as [
  string,
  string,
  string,
  string,
];

describe('the estimate of a network', () => {
  test('is the sum of its kernels, each as often as it occurs', () => {
    expect(estimateLatency(graph, tableOf({ [stem]: 0.5, [block]: 0.125, [head]: 0.25, unused: 9 }))).toEqual(
      {
        latencyMs: 0.5 + 2 * 0.125 + 0.25,
        kernels: [
          { signature: stem, count: 1, ms: 0.5 },
          { signature: block, count: 2, ms: 0.25 },
          { signature: head, count: 1, ms: 0.25 },
        ],
        intervalMs: undefined,
        missing: [],
        interpolated: [],
      },
    );
  });

  test('names a kernel that the table lacks, and what to do', () => {
    const table = tableOf({ [block]: 0.125 });
    expect(() => estimateLatency(graph, table)).toThrow(
      `latency table of some-phone with litert: no kernel '${stem}' and 1 more that the network has`,
    );
    expect(() => estimateLatency(graph, table)).toThrow(
      expect.objectContaining({ next: expect.stringContaining('nas profile') }),
    );
  });

  test('lists what is missing for those who ask', () => {
    expect(estimateKnownKernels(graph, tableOf({ [block]: 0.125 }))).toEqual({
      latencyMs: 0.25,
      intervalMs: undefined,
      kernels: [{ signature: block, count: 2, ms: 0.25 }],
      missing: [stem, head],
      interpolated: [],
    });
  });
});
