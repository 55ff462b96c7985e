import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { parseJson } from '../../src/base/parse.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { buildGraph } from '../../src/space/network.ts';
import { proxyBuildOptions } from '../../src/space/proxy.ts';
import { checkSpace } from '../../src/space/reachable.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { brokenDocument } from '../fuzz/hostile.ts';
import { DOCUMENTS } from './shipped.ts';

/** Reads a file as nas does, and builds its networks: whatever comes of it is finite, or refused. */
function survives(text: string): void {
  try {
    const space = parseSpace(parseJson(text, 'space'), 'space');
    checkSpace(space);
    const architecture = space.decode(space.decisions.map((_, i) => (firstOf(space, i) ? 0 : -1)));
    for (const options of [{}, space.proxy && proxyBuildOptions(space.proxy)]) {
      const { macs, params } = graphCost(buildGraph(architecture, options));
      expect(Number.isFinite(macs + params)).toBe(true);
    }
  } catch (error) {
    if (!(error instanceof NasError)) throw error;
  }
}

/** Whether a decision exists where all before it took their first option, or none. */
function firstOf({ decisions }: ReturnType<typeof parseSpace>, index: number): boolean {
  const exists = (i: number): boolean =>
    decisions[i]?.places.some(({ conditions }) =>
      conditions.every(({ decision, option }) => option === 0 && exists(decision)),
    ) === true;
  return exists(index);
}

test.each([...DOCUMENTS])('%s with parts of it broken is read or refused', (_, document) => {
  fc.assert(
    fc.property(brokenDocument(document), (broken) => survives(JSON.stringify(broken))),
    { numRuns: 60, seed: 9 },
  );
});

describe('a small file that asks for what no machine holds is refused:', () => {
  const stage = (more: object = {}): object => ({
    block: { type: 'convolution', kernel: 3, activation: 'relu' },
    channels: 16,
    ...more,
  });
  const network = (stages: readonly object[], more: object = {}): object => ({
    ...{ name: 'x', family: 'x', paper: 'x', resolution: 32, classes: 10, stages },
    ...more,
  });
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

  const refusalOf = (document: object): unknown => {
    try {
      return checkSpace(parseSpace(document, 'space'));
    } catch (error) {
      return error;
    }
  };

  test.each<[string, object, string]>([
    ['a wide layer', network([stage({ channels: 1e9 })]), 'tensor of 32x32x1000000000; expected at most 16'],
    ['a layer of no width', network([stage({ channels: 1e308 })]), 'tensor of 32x32x1'],
    ['a large image', network([stage()], { resolution: 2 ** 40 }), 'expected at most 16,777,216'],
    [
      'branches without end',
      network([stage({ block: { type: 'eesp', branches: 1e9, receptiveFieldLimit: 5 } })]),
      'branches is 1000000000; expected at most 64',
    ],
    ['layers without end', network([stage({ repeat: 1e9 })]), 'repeat is 1000000000'],
    [
      'layers without end that choose for themselves',
      network([stage({ repeat: 1e9, independent: true })]),
      'repeat is 1000000000',
    ],
    [
      'stages of independent layers',
      network(numbers(1000).map(() => stage({ repeat: 64, independent: true }))),
      'more than 1,000 stages',
    ],
    [
      'many choices',
      network(numbers(900).map(() => stage({ channels: { choose: [8, 16] }, repeat: { choose: [1, 2] } }))),
      'more than 1,000 choices',
    ],
    [
      'many options',
      network([stage()], { divisor: { choose: numbers(20_000) } }),
      'more than 10,000 options',
    ],
    [
      'choices of one stage that multiply',
      network([
        stage({ channelsAt: Object.fromEntries(numbers(40).map((i) => [i, { choose: [i, i + 1] }])) }),
      ]),
      'stages[0]: more than 100,000 ways to build the stages up to here',
    ],
    [
      'choices outside the stages that multiply',
      network([stage()], {
        resolution: { choose: numbers(1000) },
        classes: { choose: numbers(1001).slice(1) },
      }),
      'more than 100,000 ways',
    ],
    [
      'shared choices that multiply',
      network(
        numbers(2).flatMap(() => numbers(40).map((i) => stage({ repeat: { choose: [1, 2], tag: `${i}` } }))),
      ),
      'more than 100,000 ways',
    ],
    [
      'shapes that multiply',
      network(numbers(4).map(() => stage({ channels: { choose: numbers(1000).map((i) => 8 * i) } }))),
      'stages[1]: more than 100,000 ways',
    ],
  ])('%s', (_, document, message) => {
    const refused = refusalOf(document);
    expect(refused).toBeInstanceOf(NasError);
    expect(refused).toMatchObject({ message: expect.stringContaining(message) });
  });

  test('tags by which any of many choices lets another exist', () => {
    // The inner choices can only be made after the last one, so that all that came before has to be remembered.
    const inner = (i: number): object => ({
      choose: [{ choose: [8, 16], tag: 'all' }, 24],
      tag: `inner${i}`,
    });
    const outer = numbers(30).map((i) => stage({ channels: { choose: [inner(i), 32] } }));
    const last = { choose: numbers(30).map(inner) };
    expect(() => parseSpace(network([...outer, stage({ channels: last })]), 'space')).toThrow(
      'more than 10,000 ways in which choices depend on others by their tags',
    );
  });
});
