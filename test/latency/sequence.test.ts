import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuse } from '../../src/graph/fusion.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { estimateKnownKernels } from '../../src/latency/estimate.ts';
import { cutIntoEntries, joinKernels, splitKernels } from '../../src/latency/sequence.ts';
import { someKernel, someTable } from './some-table.ts';

const tableWith = (...entries: string[]) =>
  someTable(entries.map((entry) => someKernel(joinKernels([...entry]))));

const cut = (kernels: string, ...entries: string[]): string =>
  cutIntoEntries([...kernels], tableWith(...entries))
    .map((entry) => splitKernels(entry).join(''))
    .join(' ');

describe('kernels in order are cut into entries', () => {
  test('of a table without sequences one by one, whether it has them or not', () => {
    const signatures = ['a', 'b', 'z'];
    expect(cutIntoEntries(signatures, tableWith('a', 'b'))).toBe(signatures);
  });

  test.each([
    ['the longest first', 'abcabc', ['a', 'b', 'c', 'ab', 'abc'], 'abc abc'],
    ['single kernels between sequences', 'abxab', ['ab', 'x'], 'ab x ab'],
    ['not a sequence that leaves a kernel over', 'abc', ['ab', 'a', 'bc'], 'a bc'],
    ['those in no entry on their own', 'aybz', ['a', 'b', 'ab'], 'a y b z'],
    ['a beginning of a sequence is none', 'ab', ['abc', 'b'], 'a b'],
    ['the first of two equal ways begins with the longer', 'abc', ['ab', 'c', 'a', 'bc'], 'ab c'],
  ])('%s', (_name, kernels, entries, expected) => {
    expect(cut(kernels, ...entries)).toBe(expected);
  });

  test('as well as can be: no other cut has fewer kernels without entry, or as many and fewer pieces', () => {
    const letters = (maxLength: number) =>
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength }).map((all) => all.join(''));
    const law = (kernels: string, entries: string[]): void => {
      const pieces = cut(kernels, ...entries).split(' ');
      expect(pieces.join('')).toBe(kernels);
      const missing = pieces.filter((piece) => !entries.includes(piece));
      expect(missing.every((piece) => piece.length === 1)).toBe(true);
      const isSimple = entries.every((entry) => entry.length === 1);
      if (!isSimple) expect([missing.length, pieces.length]).toEqual(bestByTrying(kernels, entries));
    };
    fc.assert(fc.property(letters(9), fc.uniqueArray(letters(4), { maxLength: 8 }), law), {
      numRuns: 500,
      seed: 1,
    });
  });
});

/** Kernels without entry, and pieces, of the best of all cuts. */
function bestByTrying(kernels: string, entries: readonly string[]): readonly [number, number] {
  if (kernels === '') return [0, 0];
  const all = [...kernels].flatMap((_, i): [number, number][] => {
    const piece = kernels.slice(0, i + 1);
    const isEntry = entries.includes(piece);
    if (!isEntry && i > 0) return [];
    const [missing, pieces] = bestByTrying(kernels.slice(i + 1), entries);
    return [[missing + (isEntry ? 0 : 1), pieces + 1]];
  });
  return all.reduce((a, b) => (b[0] < a[0] || (b[0] === a[0] && b[1] < a[1]) ? b : a));
}

test('an estimate counts a sequence as often as the network has it, and lists the kernels in none', () => {
  const b = new GraphBuilder();
  let x = b.convolutionUnit(b.input([8, 8, 4]), 4, 'relu', { kernel: 3 });
  for (let i = 0; i < 2; i++) {
    x = b.convolutionUnit(x, 8, 'relu6');
    x = b.convolutionUnit(x, 4, 'linear');
  }
  const graph = b.build(b.globalAveragePool(x));
  const [stem, expand, project, , , pool] = fuse(graph).map(({ kernel }) => kernel.signature) as string[];
  const block = joinKernels([expand!, project!]);
  const table = someTable([someKernel(stem!, 0.5), someKernel(block, 0.125), someKernel(expand!, 9)]);
  expect(estimateKnownKernels(graph, table)).toEqual({
    latencyMs: 0.75,
    kernels: [
      { signature: stem, count: 1, ms: 0.5 },
      { signature: block, count: 2, ms: 0.25 },
    ],
    intervalMs: undefined,
    missing: [pool],
    interpolated: [],
  });
  expect(estimateKnownKernels(graph, table, { interpolate: true }).missing).toEqual([pool]);
});
