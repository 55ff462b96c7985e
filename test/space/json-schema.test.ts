import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { spaceJsonSchema } from '../../src/space/json-schema.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { DOCUMENTS } from './shipped.ts';

const validate = new Ajv2020().compile(spaceJsonSchema());

const network = (stage: unknown, rest: object = {}): unknown => ({
  ...{ name: 'x', family: 'test', paper: 'none', resolution: 32, classes: 10 },
  ...rest,
  stages: [stage],
});
const block = { type: 'depthwise-separable', kernel: 3, activation: 'relu' };

test('the schema beside the spaces is the one of the parser', () => {
  const file = new URL('../../search-spaces/space.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8')), 'npm run schema brings it up to date').toEqual(
    spaceJsonSchema(),
  );
});

describe('what the schema says of a document is what the parser says', () => {
  test.each([...DOCUMENTS])('%s', (_, document) => {
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['a plain stage', { block }],
    ['choices of values', { block: { ...block, kernel: { choose: [3, 5], ordinal: true, tag: 'k' } } }],
    ['a choice of blocks', { block: { choose: [block, { type: 'identity' }] }, channels: 8 }],
    [
      'a choice inside a choice',
      { block: { choose: [{ ...block, kernel: { choose: [3, 5] } }, { type: 'identity' }] } },
    ],
    ['a choice of stages', { choose: [{ block }, { block, repeat: 2 }] }],
    [
      'independent layers',
      { block: { choose: [block, { type: 'identity' }] }, repeat: 3, independent: true },
    ],
  ])('%s is good', (_, stage) => {
    expect(validate(network(stage)), JSON.stringify(validate.errors)).toBe(true);
    parseSpace(network(stage), 'x.json');
  });

  test.each<[string, unknown]>([
    ['an unknown kernel', { block: { ...block, kernel: 4 } }],
    ['an unknown kernel in a choice', { block: { ...block, kernel: { choose: [3, 4] } } }],
    ['an unknown block', { block: { type: 'transformer' } }],
    ['an unknown field', { block, chanels: 8 }],
    ['a field beside a choice', { block, channels: { choose: [8, 16], default: 8 } }],
    ['a choice of one', { block, channels: { choose: [8] } }],
    ['no block', { channels: 8 }],
  ])('%s is not', (_, stage) => {
    expect(validate(network(stage))).toBe(false);
    expect(() => parseSpace(network(stage), 'x.json')).toThrow('x.json: stages[0]');
  });

  test.each<[string, object, boolean]>([
    ['RMSProp', { optimizer: 'rmsprop', squareDecay: 0.9, epsilon: 1e-3 }, true],
    ['a staircase', { schedule: 'exponential', decayEpochs: 2.4, decayFactor: 0.97 }, true],
    ['moving averages and cutout', { emaDecay: 0.999, cutoutPixels: 8 }, true],
    ['an unknown optimiser', { optimizer: 'adam' }, false],
    ['a stair of no length', { schedule: 'exponential', decayEpochs: 0 }, false],
    ['averages that never move', { emaDecay: 1 }, false],
    ['a shift beyond a byte', { shiftPixels: 128 }, false],
    ['half a pixel of cutout', { cutoutPixels: 0.5 }, false],
  ])('a recipe with %s: %j', (_, changes, good) => {
    const { proxy } = DOCUMENTS.get('mobile') as { readonly proxy: { readonly recipe: object } };
    const recipe = { ...proxy.recipe, ...changes };
    const document = network({ block }, { proxy: { ...proxy, recipe } });
    expect(validate(document), JSON.stringify(validate.errors)).toBe(good);
    if (good) expect(parseSpace(document, 'x.json').proxy?.recipe).toMatchObject(changes);
    else expect(() => parseSpace(document, 'x.json')).toThrow('x.json: proxy.recipe');
  });

  test('a choice in what belongs to the space is not', () => {
    const document = network({ block }, { name: { choose: ['a', 'b'] } });
    expect(validate(document)).toBe(false);
    expect(() => parseSpace(document, 'x.json')).toThrow('x.json: name');
  });
});
