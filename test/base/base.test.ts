import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson, digestOf } from '../../src/base/digest.ts';
import { NasError } from '../../src/base/errors.ts';
import { parseJson, parseWith } from '../../src/base/parse.ts';
import { printable } from '../../src/base/printable.ts';
import { createRng, shuffle } from '../../src/base/rng.ts';
import { formatCount, formatDuration, formatMs, parseDurationMs } from '../../src/base/units.ts';

describe('durations', () => {
  test.each([
    ['15ms', 15],
    ['0.8s', 800],
    ['900us', 0.9],
    ['700us', 0.7],
    ['900µs', 0.9],
    ['.5 ms', 0.5],
    ['2min', 120_000],
    ['1.5h', 5_400_000],
  ])('%s', (text, ms) => {
    expect(parseDurationMs(text, '--target')).toBeCloseTo(ms, 9);
  });

  test.each([
    ['15', "--target: '15' has no unit; expected a positive number with a unit: us, ms, s, min or h"],
    ['0ms', "'0ms' is not a duration"],
    ['-3ms', "'-3ms' is not a duration"],
    ['15 parsecs', "'15 parsecs' is not a duration"],
    ['', "'' is not a duration"],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseDurationMs(text, '--target')).toThrow(message);
  });

  test('a number without unit is offered with one', () => {
    try {
      parseDurationMs('15', '--target');
    } catch (error) {
      expect((error as NasError).next).toBe('write --target 15ms');
    }
  });
});

test('figures are written for people', () => {
  expect([0.0123, 14.56, 123.4, 2345].map(formatMs)).toEqual(['12.3 us', '14.6 ms', '123 ms', '2.35 s']);
  expect([999, 27_432, 4_231_976, 568_740_352, 1.2e9].map(formatCount)).toEqual([
    '999',
    '27.4 k',
    '4.23 M',
    '569 M',
    '1.20 G',
  ]);
  expect([48, 192, 3840, 59.7].map(formatDuration)).toEqual([
    '48 s',
    '3 min 12 s',
    '1 h 04 min',
    '1 min 00 s',
  ]);
});

describe('random numbers', () => {
  test('are those of the seed, and a fork is a stream of its own', () => {
    const draw = (seed: string) => Array.from({ length: 3 }, createRng(seed).uniform);
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
    const rng = createRng('a');
    rng.fork('x').uniform();
    expect(rng.uniform()).toBe(draw('a')[0]);
    expect(createRng('a').fork('x').uniform()).not.toBe(createRng('a').fork('y').uniform());
  });

  test('normal ones have mean 0 and variance 1, integers cover their range', () => {
    const rng = createRng('normal');
    const values = Array.from({ length: 20_000 }, () => rng.normal());
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(values.reduce((sum, v) => sum + v * v, 0) / values.length).toBeCloseTo(1, 1);
    expect(new Set(Array.from({ length: 100 }, () => rng.integer(3)))).toEqual(new Set([0, 1, 2]));
  });

  test('a shuffle keeps every item', () => {
    const shuffled = shuffle([...Array(50).keys()], createRng('s'));
    expect(shuffled).not.toEqual([...Array(50).keys()]);
    expect([...shuffled].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
  });
});

test('equal values have one digest, whatever the order of their fields', () => {
  expect(canonicalJson({ b: [1, { d: 2, c: 3 }], a: undefined })).toBe('{"b":[1,{"c":3,"d":2}]}');
  expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
  expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: 2 }));
});

describe('errors', () => {
  test('read: where: found; expected', () => {
    const error = new NasError('x.json', { found: 'a is 4', expected: '3 or 5', next: 'mend it' });
    expect(error.message).toBe('x.json: a is 4; expected 3 or 5');
    expect(error.next).toBe('mend it');
  });

  const schema = z.strictObject({
    list: z.array(z.union([z.literal([1, 2]), z.strictObject({ deep: z.int().min(3) })])).min(1),
  });
  test.each([
    [{ list: [1, { deep: 2 }] }, 'f: list[1].deep is 2; expected at least 3'],
    [{ list: [1, { deep: 3.5 }] }, 'f: list[1].deep is 3.5; expected a whole number'],
    [{ list: 'x' }, 'f: list is "x"; expected an array'],
    [{ list: [] }, 'f: list is []; expected at least 1 items'],
    [{}, 'f: list is missing; expected an array'],
    [[], 'f: the document is []; expected an object'],
    [{ list: [1], more: 1 }, 'f: the document is {"list":[1],"more":1}; expected no field \'more\''],
  ])('%j', (value, message) => {
    expect(() => parseWith(schema, value, 'f')).toThrow(message);
  });

  test('a document that is nested as deeply as no stack is', () => {
    const nested = (levels: number): string => `${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}`;
    expect(parseJson(nested(100), 'f')).toBeDefined();
    expect(() => parseJson(nested(101), 'f')).toThrow(
      /^f: .*more than 200 deep; expected at most 200 levels$/,
    );
    expect(() => parseJson(nested(100_000), 'f')).toThrow('more than 200 deep');
  });

  test('text that is no JSON', () => {
    expect(() => parseJson('{', 'f')).toThrow(/^f: not JSON \(.*\); expected a JSON document$/);
  });
});

test.each([
  ['a phone\u001b[2J\u001b[1;1Herror', 'a phone\\u001b[2J\\u001b[1;1Herror'],
  ['\u001b]0;title\u0007x\r', '\\u001b]0;title\\u0007x\\u000d'],
  ['\u009b2J \u202eexe.txt \0', '\\u009b2J \\u202eexe.txt \\u0000'],
  ['\u001b[31mred\u001b[0m\n\ttab, ü, 日本 and 🙂', '\u001b[31mred\u001b[0m\n\ttab, ü, 日本 and 🙂'],
])('%j can be printed', (text, printed) => {
  expect(printable(text)).toBe(printed);
  expect(JSON.parse(printable(JSON.stringify(text)))).toBe(text);
});
