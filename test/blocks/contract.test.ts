import { describe, expect, test } from 'vitest';
import { parseWith } from '../../src/base/parse.ts';
import { template } from '../../src/blocks/_template/template.ts';
import type { Place } from '../../src/blocks/block.ts';
import { BLOCKS, type BlockSpec, blockSchema, lowerBlock } from '../../src/blocks/index.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';

/** Examples of every family, as space files write them. A new family adds its own. */
const EXAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  convolution: [{ type: 'convolution', kernel: 3, activation: 'relu' }],
  'depthwise-separable': [{ type: 'depthwise-separable', kernel: 5, activation: 'relu6' }],
  'inverted-residual': [
    { type: 'inverted-residual', kernel: 3, expansion: 6, activation: 'relu6' },
    { type: 'inverted-residual', kernel: 7, expansion: 1, activation: 'swish' },
    {
      type: 'inverted-residual',
      kernel: 5,
      expansion: 2.3,
      squeezeExcitation: { ratio: 0.25, of: 'input', divisor: 1, gate: 'sigmoid' },
      activation: 'hswish',
    },
  ],
  classifier: [
    { type: 'classifier' },
    { type: 'classifier', hidden: { channels: 40, activation: 'hswish', width: 'never-narrower' } },
  ],
};

const place = (changes: Partial<Place> = {}): Place => ({
  channels: 24,
  stride: 1,
  classes: 10,
  round: (channels) => 8 * Math.ceil(channels / 8),
  scale: (channels) => channels,
  ...changes,
});

function lower(spec: BlockSpec, at: Place, channels = 16): Graph {
  const builder = new GraphBuilder();
  return builder.build(lowerBlock(builder, builder.input([14, 14, channels]), spec, at));
}

test('every family has examples here', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(BLOCKS.map(({ type }) => type).sort());
});

describe.each(Object.entries(EXAMPLES))('block %s', (type, examples) => {
  const specs = examples.map((example) => parseWith(blockSchema, example, 'example'));

  test('puts out the channels and the reduction of its place, or one number a class', () => {
    for (const spec of specs) {
      for (const stride of [1, 2]) {
        const output = lower(spec, place({ stride })).nodes.at(-1);
        expect(output?.shape).toEqual(type === 'classifier' ? [1, 1, 10] : [14 / stride, 14 / stride, 24]);
      }
    }
  });

  test('lowers to the same graph each time, with names that are unique', () => {
    for (const spec of specs) {
      const graph = lower(spec, place());
      expect(lower(spec, place())).toEqual(graph);
      expect(new Set(graph.nodes.map(({ name }) => name)).size).toBe(graph.nodes.length);
    }
  });

  test('costs more with more channels', () => {
    for (const spec of specs) {
      expect(graphCost(lower(spec, place({ channels: 48 }), 32)).macs).toBeGreaterThan(
        graphCost(lower(spec, place())).macs,
      );
    }
  });

  test('refuses a field it does not know', () => {
    expect(() => parseWith(blockSchema, { ...(examples[0] as object), colour: 'red' }, 'x.json')).toThrow(
      "expected no field 'colour'",
    );
  });
});

test('an inverted residual has a shortcut only where input and output have one shape', () => {
  const [spec] = EXAMPLES['inverted-residual']!.map((example) => parseWith(blockSchema, example, 'example'));
  const kinds = (channels: number, stride: number) =>
    lower(spec!, place({ channels, stride }), 16).nodes.map(({ op }) => op.kind);
  expect(kinds(16, 1)).toContain('add');
  expect(kinds(24, 1)).not.toContain('add');
  expect(kinds(16, 2)).not.toContain('add');
});

test('an expansion of 1 has no expansion layer', () => {
  const [plain, none] = EXAMPLES['inverted-residual']!.map((example) =>
    parseWith(blockSchema, example, 'example'),
  );
  expect(lower(plain!, place()).nodes.filter(({ op }) => op.kind === 'convolution')).toHaveLength(3);
  expect(lower(none!, place()).nodes.filter(({ op }) => op.kind === 'convolution')).toHaveLength(2);
});

test('the template lowers to nothing', () => {
  const builder = new GraphBuilder();
  const input = builder.input([2, 2, 2]);
  expect(template.lower(builder, input, { type: 'template' }, place())).toBe(input);
});
