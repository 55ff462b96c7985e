import { expect, test } from 'vitest';
import { programOfGraph } from '../../src/devices/program.ts';
import { buildGraph } from '../../src/space/network.ts';
import { compare } from '../devices/litert/agreement.ts';
import { NETWORKS } from '../space/shipped.ts';

test.each([...NETWORKS])('LiteRT computes %s as its ops are defined', async (_, architecture) => {
  const graph = buildGraph(architecture, { width: 0.25, resolution: 32, classes: 10 });
  const { difference, magnitude } = await compare(programOfGraph(graph));
  expect(magnitude).toBeGreaterThan(0);
  expect(difference / magnitude).toBeLessThan(1e-4);
});
