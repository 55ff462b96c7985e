import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { graphCost } from '../../../src/graph/cost.ts';
import { distinctKernels } from '../../../src/graph/fusion.ts';
import { latencySteps } from '../../../src/latency/breakdown.ts';
import { networkDiagram } from '../../../src/report/pages/network-diagram.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { parseSpace } from '../../../src/space/search-space.ts';
import { someKernel, someTable } from '../../latency/some-table.ts';

const FOLDER = new URL('../../../search-spaces/', import.meta.url);
const networks = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json') && !file.includes('schema'))
  .map((file) => parseSpace(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')), file))
  .filter(({ decisions }) => decisions.length === 0)
  .map((space) => space.decode([]));

test.each(networks)(
  '$name is drawn whole: every kernel once, behind what it reads, with its costs',
  (architecture) => {
    const graph = buildGraph(architecture);
    const table = someTable(distinctKernels([graph]).map(({ signature }) => someKernel(signature, 0.25)));
    const steps = latencySteps(graph, table);
    const diagram = networkDiagram(graph, architecture, steps);
    const kernels = diagram.blocks.flatMap((block) => block.kernels);
    expect(kernels.map(({ id }) => id).sort((a, b) => a - b)).toEqual(steps.map((_, id) => id));
    for (const { id, inputs } of kernels) for (const input of inputs) expect(input).toBeLessThan(id);
    const sum = (of: 'macs' | 'params' | 'ms'): number =>
      diagram.blocks.reduce((total, block) => total + (block[of] ?? 0), 0);
    expect(sum('macs')).toBe(graphCost(graph).macs);
    expect(sum('params')).toBe(graphCost(graph).params);
    expect(sum('ms')).toBeCloseTo(0.25 * steps.length, 8);
    expect(diagram.blocks[0]?.input).toEqual(graph.nodes[0]?.shape);
    expect(diagram.blocks.at(-1)?.output).toEqual(graph.nodes[graph.output]?.shape);
    // What a block reads is what some block before it, or the image, hands on.
    const made = [diagram.input.join(), ...kernels.map(({ output }) => output.join())];
    for (const block of diagram.blocks) expect(made).toContain(block.input.join());
    expect(diagram.blocks.every(({ type }) => type !== '')).toBe(true);
  },
);
