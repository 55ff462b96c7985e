import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { fuse } from '../../src/graph/fusion.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { excess } from '../../src/space/constraints.ts';
import { descend } from '../../src/space/descend.ts';
import { INACTIVE } from '../../src/space/genotype.ts';
import { kernelsOfSpace } from '../../src/space/kernels.ts';
import { buildGraph } from '../../src/space/network.ts';
import { checkSpace } from '../../src/space/reachable.ts';
import { sampleGenotype } from '../../src/space/sample.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { NETWORKS, SPACES, shipped } from './shipped.ts';

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

describe('tags', () => {
  const kernel = { choose: [3, 5], tag: 'kernel' };
  const space = parseSpace(
    tiny([
      { block: { ...separable, kernel } },
      { block: { choose: [{ ...separable, kernel }, { type: 'identity' }] } },
      {
        block: { choose: [{ ...separable, kernel: { choose: [5, 7], tag: 'late' } }, { type: 'identity' }] },
      },
      {
        block: { choose: [{ ...separable, kernel: { choose: [3, 7], tag: 'late' } }, { type: 'identity' }] },
      },
    ]),
    'tags.json',
  );

  test('make several places one decision, which exists where any of them does', () => {
    expect(space.decisions.map(({ name, places }) => [name, places.length])).toEqual([
      ['stages[1].block', 1],
      ['kernel', 2],
      ['stages[2].block', 1],
      ['stages[3].block', 1],
      ['late', 2],
    ]);
    expect(space.size).toBe(2 * 2 * (3 * 2 + 1));
  });

  test('take the option of one index at every place', () => {
    const kernels = space
      .decode([0, 1, 0, 0, 1])
      .stages.map(({ block }) => 'kernel' in block && block.kernel);
    expect(kernels).toEqual([5, 5, 7, 7]);
    const { stages } = space.decode([1, 0, 1, 0, 1]);
    expect(stages.map(({ block }) => block.type).slice(1, 3)).toEqual(['identity', 'identity']);
    expect(() => space.decode([1, 0, 1, 1, 0])).toThrow('choice 0 for late; expected -1');
  });

  test.each<[string, unknown, string]>([
    [
      'unlike numbers of options',
      { choose: [8, 16, 24], tag: 'kernel' },
      "stages[1].channels shares the tag 'kernel' with stages[0].block.kernel, but not its 2 options",
    ],
    [
      'only one of them ordinal',
      { choose: [8, 16], tag: 'kernel', ordinal: true },
      "stages[1].channels shares the tag 'kernel' with stages[0].block.kernel, but not its being ordinal",
    ],
    [
      'inside each other',
      {
        choose: [
          { choose: [8, 16], tag: 'a' },
          { choose: [8, 24], tag: 'a' },
        ],
        tag: 'a',
      },
      "the choices 'a' lie inside each other by their tags",
    ],
  ])('with %s are refused', (_, channels, message) => {
    const stages = [{ block: { ...separable, kernel } }, { block: separable, channels }];
    expect(() => parseSpace(tiny(stages), 'x.json')).toThrow(message);
  });
});

describe('independent layers', () => {
  const block = { choose: [{ ...separable, kernel: { choose: [3, 5] } }, { type: 'identity' }] };
  const space = parseSpace(tiny([{ block, channels: 8, stride: 2, repeat: 3, independent: true }]), 'x.json');

  test('choose each for itself, and only the first has the stride', () => {
    expect(space.size).toBe(3 ** 3);
    expect(space.decisions.map(({ name }) => name)).toContain('stages[0].layers[2].block{0}.kernel');
    const { stages } = space.decode([0, 1, 1, INACTIVE, 0, 0]);
    expect(stages.map(({ stride, repeat }) => [stride, repeat])).toEqual([
      [2, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(stages.map((stage) => 'kernel' in stage.block && stage.block.kernel)).toEqual([5, false, 3]);
  });

  test('must be counted', () => {
    const stages = [{ block: separable, repeat: { choose: [1, 2] }, independent: true }];
    expect(() => parseSpace(tiny(stages), 'x.json')).toThrow(
      'stages[0].repeat is {"choose":[1,2]}; expected a whole number from 1 to 64, for its layers are independent',
    );
  });

  test('point to the stage of the file where something is wrong', () => {
    const stages = [
      { block: separable, repeat: 4, independent: true },
      { block: { ...separable, kernel: 4 } },
    ];
    expect(() => parseSpace(tiny(stages), 'x.json')).toThrow('x.json: stages[1].block.kernel is 4');
  });
});

test.each<[string, unknown, string]>([
  ['unordered numbers', [8, 24, 16], 'stages[0].channels.choose is [8, 24, 16]; expected numbers in'],
  ['no numbers', ['8', '16'], 'stages[0].channels.choose is ["8", "16"]; expected numbers in'],
])('an ordinal choice of %s is refused', (_, choose, message) => {
  const stages = [{ block: separable, channels: { choose, ordinal: true } }];
  expect(() => parseSpace(tiny(stages), 'x.json')).toThrow(message);
});

test('equal options of one choice are refused', () => {
  const stages = [{ block: separable, channels: { choose: [8, 16, 8] } }];
  expect(() => parseSpace(tiny(stages), 'x.json')).toThrow('stages[0].channels.choose has 8 twice');
});

describe('a space whose networks cannot all be built is refused by the check', () => {
  const unit = { type: 'shufflenet-v1', groups: { choose: [2, 3] } };
  const stages = [
    { block: separable, channels: 24 },
    { block: unit, channels: { choose: [48, 50] } },
  ];

  test('with the stage that cannot', () => {
    expect(() => checkSpace(parseSpace(tiny(stages), 'x.json'))).toThrow('x.json: stages[1]');
  });

  test('unless a tag keeps the bad combinations out', () => {
    const tagged = [
      { block: separable, channels: 24 },
      {
        block: { ...unit, groups: { choose: [2, 3], tag: 'unit' } },
        channels: { choose: [52, 48], tag: 'unit' },
      },
      { block: { ...unit, groups: { choose: [2, 3], tag: 'unit' } } },
    ];
    checkSpace(parseSpace(tiny(tagged), 'x.json'));
  });
});

describe('constraints', () => {
  const constraints = { macs: { atLeast: 100, atMost: 200 }, params: { atMost: 50 } };

  test('say by how much a cost breaks them', () => {
    expect(excess(constraints, { macs: 100, params: 50 })).toBe(0);
    expect(excess(constraints, { macs: 200, params: 1 })).toBe(0);
    expect(excess(constraints, { macs: 250, params: 1 })).toBeCloseTo(0.25);
    expect(excess(constraints, { macs: 50, params: 60 })).toBeCloseTo(0.5 + 0.2);
    expect(excess({}, { macs: 1e12, params: 1e12 })).toBe(0);
  });

  test('are read from the file, and are no part of its networks', () => {
    const document = { ...(tiny([{ block: separable, channels: 8 }]) as object), constraints };
    const space = parseSpace(document, 'x.json');
    expect(space.constraints).toEqual(constraints);
    expect(space.decode([])).not.toHaveProperty('constraints');
    expect(() => parseSpace({ ...document, constraints: { macs: { atMost: -1 } } }, 'x.json')).toThrow(
      'x.json: constraints.macs.atMost is -1; expected more than 0',
    );
  });
});

describe.each(SPACES.map((space) => [space.name, space] as const))('space %s', (name, space) => {
  test('can be built as a whole, deployed and as proxy', () => {
    checkSpace(space);
  });

  test('has kernels that cover every network of it', () => {
    const known = new Set(kernelsOfSpace(space).map(({ signature }) => signature));
    const rng = createRng(name);
    for (let i = 0; i < 30; i++) {
      const graph = buildGraph(space.decode(sampleGenotype(space.decisions, rng)));
      expect(fuse(graph).filter(({ kernel }) => !known.has(kernel.signature))).toEqual([]);
    }
  });

  test.each(Object.keys(space.references))('has %s', (reference) => {
    const signatures = (graph: Graph): readonly string[] => fuse(graph).map((call) => call.kernel.signature);
    expect(signatures(buildGraph(space.decode(space.references[reference]!)))).toEqual(
      signatures(buildGraph(NETWORKS.get(reference)!)),
    );
  });
});

test('the sizes of the published spaces are those of their papers', () => {
  const size = (name: string) => shipped(name).size;
  expect(size('nas-bench-macro')).toBe(3 ** 8);
  expect(Math.log10(size('fbnet'))).toBeCloseTo(Math.log10(9 ** 22), 6);
  expect(Math.log10(size('proxyless'))).toBeCloseTo(Math.log10(6 ** 6 * 7 ** 15), 6);
});
