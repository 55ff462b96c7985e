import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { graphCost } from '../../src/graph/cost.ts';
import { fuse } from '../../src/graph/fusion.ts';
import { kernelKinds, latencyBlocks, latencySteps } from '../../src/latency/breakdown.ts';
import { estimateLatency } from '../../src/latency/estimate.ts';
import { joinKernels } from '../../src/latency/sequence.ts';
import { buildGraph } from '../../src/space/network.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { someKernel, someTable } from './some-table.ts';

const file = new URL('../../search-spaces/mobilenet-v3-small.json', import.meta.url);
const network = parseSpace(JSON.parse(readFileSync(file, 'utf8')), 'mobilenet-v3-small').decode([]);
const graph = buildGraph(network);
const signatures = fuse(graph).map(({ kernel }) => kernel.signature);
const table = someTable(
  [...new Set(signatures)].map((signature, i) => someKernel(signature, 0.1 + 0.01 * i)),
);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test('steps, blocks and kinds all add up to the network', () => {
  const { latencyMs } = estimateLatency(graph, table);
  const { macs } = graphCost(graph);
  const steps = latencySteps(graph, table);
  expect(steps.map(({ signature }) => signature)).toEqual(signatures);
  for (const parts of [steps, latencyBlocks(steps), kernelKinds(steps)]) {
    expect(sum(parts.map(({ ms }) => ms ?? Number.NaN))).toBeCloseTo(latencyMs, 9);
    expect(sum(parts.map((part) => part.macs))).toBe(macs);
  }
  expect(sum(kernelKinds(steps).map(({ count }) => count))).toBe(signatures.length);
});

test('a calibration is shared out to the kernels', () => {
  const calibration = { scale: 1.1, perKernelMs: 0.002, perMebibyteMs: 0.05, networks: [] };
  const { latencyMs } = estimateLatency(graph, { ...table, calibration });
  const steps = latencySteps(graph, { ...table, calibration });
  expect(sum(steps.map(({ ms }) => ms ?? Number.NaN))).toBeCloseTo(latencyMs, 9);
});

test('a step of the table that reaches over two blocks makes them one row', () => {
  const blocks = latencyBlocks(latencySteps(graph, table));
  const ends = blocks.findIndex(({ blocks: own }) => own[0] === 'stages.2.0');
  const first = sum(blocks.slice(0, ends).map(({ steps }) => steps));
  const across = joinKernels(signatures.slice(first - 1, first + 1));
  const kernels = new Map([...table.kernels, [across, someKernel(across, 9)]]);
  const joined = latencyBlocks(latencySteps(graph, { ...table, kernels }));
  expect(joined).toHaveLength(blocks.length - 1);
  expect(joined.find(({ blocks: own }) => own.length === 2)?.blocks).toEqual(['stages.1.0', 'stages.2.0']);
});

test('kernels that the table lacks have no time and are counted', () => {
  const [, ...others] = table.kernels;
  const steps = latencySteps(graph, { ...table, kernels: new Map(others) });
  expect(steps[0]?.ms).toBeUndefined();
  expect(latencyBlocks(steps)[0]).toMatchObject({ ms: 0, steps: 1, missing: 1 });
});
