import { describe, expect, test } from 'vitest';
import { templateFormat } from '../../src/export/_template/template.ts';
import type { ExportFormat } from '../../src/export/format.ts';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import { toyNetwork } from '../trainers/toy-network.ts';
import { exampleOf } from './some-network.ts';

const FORMATS: readonly (readonly [string, ExportFormat])[] = [
  ...Object.entries(EXPORT_FORMATS),
  ['template', templateFormat],
];

describe.each(FORMATS)('the format %s', (_, format) => {
  const bytesOf = () =>
    format
      .write(exampleOf('toy', toyNetwork(), 1).network, 'toy')
      .map(({ suffix, content }) => [suffix, Buffer.from(content).toString('base64')]);

  test('writes the file of its suffix first, and files of different names', () => {
    const suffixes = bytesOf().map(([suffix]) => suffix);
    expect(suffixes[0]).toBe(format.suffix);
    expect(new Set(suffixes).size).toBe(suffixes.length);
  });

  test('writes equal networks as equal bytes, and leaves the weights as they are', () => {
    const { network, weights } = exampleOf('toy', toyNetwork(), 1);
    const before = structuredClone(weights.tensors);
    format.write(network, 'toy');
    expect(weights.tensors).toEqual(before);
    expect(bytesOf()).toEqual(bytesOf());
  });

  test.each(['mobilenet-v2', 'r1/17', 'a3', '../up', 'shufflenet-v1-g1 0.25'])(
    'names the files of %s without leaving the folder',
    (name) => {
      expect(format.stemOf(name)).toMatch(/^[\w.-]+$/);
      expect(format.stemOf(name)).not.toContain('/');
    },
  );
});
