import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { fuse } from '../../src/graph/fusion.ts';
import { descend } from '../../src/space/descend.ts';
import { INACTIVE } from '../../src/space/genotype.ts';
import { kernelsOfSpace } from '../../src/space/kernels.ts';
import { buildGraph } from '../../src/space/network.ts';
import { proxyBuildOptions } from '../../src/space/proxy.ts';
import { sampleGenotype } from '../../src/space/sample.ts';
import { parseSpace, type SearchSpace } from '../../src/space/search-space.ts';

const shipped = (name: string): SearchSpace =>
  parseSpace(
    JSON.parse(readFileSync(new URL(`../../search-spaces/${name}.json`, import.meta.url), 'utf8')),
    name,
  );

const tiny = (stages: unknown): unknown => ({
  name: 'tiny',
  family: 'test',
  paper: 'none',
  resolution: 32,
  classes: 10,
  stages,
});
const separable = { type: 'depthwise-separable', kernel: 3, activation: 'relu' };
const inverted = { type: 'inverted-residual', kernel: 3, expansion: { choose: [3, 6] }, activation: 'relu' };

describe('reference networks have the exact costs of their papers', () => {
  test.each([
    ['mobilenet-v2', 1, 3_504_872, 300_774_272],
    ['mobilenet-v3-large', 1, 5_483_032, 216_589_760],
    ['mobilenet-v3-small', 1, 2_542_856, 56_510_400],
  ])('%s', (name, width, params, macs) => {
    expect(graphCost(buildGraph(shipped(name).decode([]), { width }))).toEqual({ params, macs });
  });

  test.each([
    ['mobilenet-v2', 0.75, 2.6, 209],
    ['mobilenet-v2', 0.5, 2.0, 97],
    ['mobilenet-v2', 0.35, 1.7, 59],
    ['mobilenet-v2', 1.4, 6.1, 582],
    ['mobilenet-v3-large', 0.75, 4.0, 155],
  ])('%s at width %d', (name, width, paramsMillions, macsMillions) => {
    const { params, macs } = graphCost(buildGraph(shipped(name).decode([]), { width }));
    expect(params / 1e6).toBeCloseTo(paramsMillions, 1);
    expect(Math.round(macs / 1e6)).toBe(macsMillions);
  });

  test('the resolution multiplies MACs and leaves parameters', () => {
    const architecture = shipped('mobilenet-v2').decode([]);
    const { params, macs } = graphCost(buildGraph(architecture, { resolution: 192 }));
    expect(params).toBe(3_504_872);
    expect(macs / 1e6).toBeCloseTo(221, 0);
  });
});

describe('decisions', () => {
  const space = parseSpace(
    tiny([
      {
        block: { choose: [inverted, separable] },
        channels: { choose: [8, 16, 24] },
        repeat: { choose: [1, 2] },
      },
    ]),
    'tiny.json',
  );

  test('nested ones exist only inside their option', () => {
    expect(space.decisions.map(({ name }) => name)).toEqual([
      'stages[0].block',
      'stages[0].block{0}.expansion',
      'stages[0].channels',
      'stages[0].repeat',
    ]);
    expect(space.size).toBe((2 + 1) * 3 * 2);
  });

  test('a genotype decodes to the blocks it names', () => {
    const [stage] = space.decode([0, 1, 2, 0]).stages;
    expect(stage).toMatchObject({
      block: { type: 'inverted-residual', expansion: 6 },
      channels: 24,
      repeat: 1,
    });
    expect(space.decode([1, INACTIVE, 0, 1]).stages[0]).toMatchObject({
      block: separable,
      channels: 8,
      repeat: 2,
    });
  });

  test('samples leave inactive decisions out and reach every genotype', () => {
    const rng = createRng('samples');
    const seen = new Set<string>();
    for (let i = 0; i < 500; i++) {
      const genotype = sampleGenotype(space.decisions, rng);
      expect(genotype[1] === INACTIVE).toBe(genotype[0] === 1);
      seen.add(genotype.join());
    }
    expect(seen.size).toBe(space.size);
  });

  test.each([
    [[0, 0, 0], 'a genotype of 3 choices; expected 4, one a decision'],
    [[0, 2, 0, 0], 'choice 2 for stages[0].block{0}.expansion; expected 0 to 1'],
    [[1, 0, 0, 0], 'choice 0 for stages[0].block{0}.expansion; expected -1, the decision is inactive'],
  ])('the genotype %j is refused', (genotype, message) => {
    expect(() => space.decode(genotype)).toThrow(`tiny.json: ${message}`);
  });

  test('descent finds the cheapest network', () => {
    const cost = (genotype: readonly number[]): number => graphCost(buildGraph(space.decode(genotype))).macs;
    const found = descend(space.decisions, sampleGenotype(space.decisions, createRng('start')), cost);
    expect(found.genotype).toEqual([1, INACTIVE, 0, 0]);
  });
});

describe('errors name the place, what was found, and what was expected', () => {
  test.each<[string, unknown, string]>([
    [
      'a value that no block knows',
      [{ block: { ...separable, kernel: 4 } }],
      'x.json: stages[0].block.kernel is 4; expected 1, 3, 5 or 7',
    ],
    [
      'a bad option among good ones',
      [
        { block: separable, channels: 8 },
        { block: { choose: [separable, { ...separable, kernel: { choose: [3, 9] } }] } },
      ],
      'x.json: stages[1].block.choose[1].kernel.choose[1] is 9; expected 1, 3, 5 or 7',
    ],
    [
      'an unknown block',
      [{ block: { type: 'transformer' } }],
      'x.json: stages[0].block.type is "transformer"',
    ],
    ['an unknown field', [{ block: separable, chanels: 8 }], "expected no field 'chanels'"],
    ['a missing field', [{ channels: 8 }], 'x.json: stages[0].block is missing; expected an object'],
    [
      'a choice of one',
      [{ block: separable, channels: { choose: [8] } }],
      'x.json: stages[0].channels.choose is [8]',
    ],
    [
      'something beside a choice',
      [{ block: separable, channels: { choose: [8, 16], default: 8 } }],
      "expected no field 'default'",
    ],
    ['no stages', [], 'x.json: stages is []; expected at least 1 items'],
  ])('%s', (_, stages, message) => {
    expect(() => parseSpace(tiny(stages), 'x.json')).toThrow(message);
  });

  test('a document that is no object', () => {
    expect(() => parseSpace(null, 'x.json')).toThrow('x.json: the document is null; expected an object');
  });
});

describe.each(['mobile', 'mobilenet-v3'])('space %s', (name) => {
  const space = shipped(name);

  test('its kernels cover every network of it', () => {
    const known = new Set(kernelsOfSpace(space).map(({ signature }) => signature));
    const rng = createRng(name);
    for (let i = 0; i < 50; i++) {
      const graph = buildGraph(space.decode(sampleGenotype(space.decisions, rng)));
      expect(fuse(graph).filter(({ kernel }) => !known.has(kernel.signature))).toEqual([]);
    }
  });

  test('its proxies can be built for a dataset of ten classes', () => {
    const rng = createRng(name);
    for (let i = 0; i < 20; i++) {
      const architecture = space.decode(sampleGenotype(space.decisions, rng));
      const graph = buildGraph(architecture, { ...proxyBuildOptions(space.proxy!), classes: 10 });
      expect(graph.nodes.at(-1)?.shape).toEqual([1, 1, 10]);
    }
  });
});

test('MobileNetV3-Large is a point of the space mobilenet-v3', () => {
  const space = shipped('mobilenet-v3');
  const kernels = (graph: ReturnType<typeof buildGraph>): readonly string[] =>
    fuse(graph).map((c) => c.kernel.signature);
  expect(kernels(buildGraph(space.decode(space.references['mobilenet-v3-large']!)))).toEqual(
    kernels(buildGraph(shipped('mobilenet-v3-large').decode([]))),
  );
});
