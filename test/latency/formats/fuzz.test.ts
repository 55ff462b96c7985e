import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../../src/base/errors.ts';
import { TABLE_FORMATS, type TableFormatName } from '../../../src/latency/formats/index.ts';
import { importKernels } from '../../../src/latency/import-kernels.ts';
import { parseTable } from '../../../src/latency/parse-table.ts';
import { printTable } from '../../../src/latency/print-table.ts';
import { importedTable, rowsOf } from './reading.ts';

/** A good file of each format, to be broken, and what formats have a meaning for. */
const GOOD: Readonly<Record<TableFormatName, string>> = {
  csv: 'signature,op,median_ms,mad_ms\r\n"8x8x4,8x8x4 add",add,1.5,\r\n8x8x4 relu ; 8x8x4 relu,,2,0.1\r\n',
  fbnet: 'op,input,channels,stride,latency_us\nir_k3_e6,28x28x16,24,2,4500\nskip,8x8x8,8,1,3\n',
  proxylessnas:
    'Conv-input:8x8x3-output:4x4x8:\n  count: 3\n  mean: 1.5\n' +
    'expanded_conv-input:4x4x8-output:4x4x8-expand:24-kernel:3-stride:1-idskip:1-se:1-hs:1: {mean: 2}\n',
  'nn-meter':
    '{"conv-bn-relu": {"A": {"config": {"HW": 8, "CIN": 3, "COUT": 8, "KERNEL_SIZE": 3, "STRIDES": 2}, ' +
    '"latency": "1.5 +- 0.1"}}, "add": {"B": {"config": {"HW": 8, "CIN": 3}, "latency": 2}}}',
};

const HOSTILE = [
  ...[
    'NaN',
    '-1',
    '0',
    '1e999',
    '-0',
    '1e-320',
    '999999999',
    '0.5',
    '.nan',
    'null',
    'true',
    '[]',
    '{}',
    '""',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '"',
    "'",
    ',',
    ':',
    '\n',
    '\r\n',
    '\t',
    '\0',
    '\uFEFF',
    '- ',
    '? ',
  ],
  ...[
    '&a ',
    '*a',
    '<<: ',
    '!!js ',
    '%YAML 1.2\n',
    '---\n',
    '...\n',
    '#',
    '|',
    '>',
    '[[[[',
    '{{{{',
    ']',
    '}',
    ' ',
  ],
  ...['x', '8x8x3', 'k3', 'latency', 'mean', 'input', 'config', '\\u0000', '\ud800', 'é'],
];

/** The good text with pieces of it cut out, doubled, or replaced by something hostile. */
const broken = (good: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.record({
        at: fc.nat(good.length),
        length: fc.nat(12),
        by: fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 5 }), fc.constant(good)),
      }),
      { minLength: 1, maxLength: 5 },
    )
    .map((edits) =>
      edits.reduce((text, { at, length, by }) => text.slice(0, at) + by + text.slice(at + length), good),
    );

/** Reads with and without `--skip-unknown`: whatever comes of it can be written and read again. */
function survives(format: TableFormatName, text: string): void {
  for (const skipUnknown of [true, false]) {
    try {
      const imported = importKernels(rowsOf(format, text), { skipUnknown });
      const { rows, kernels, repeated, empty, unknown } = imported;
      expect(rows).toBe(kernels.size + repeated + empty + unknown.length);
      const table = importedTable(kernels);
      expect(parseTable(printTable(table), 'table').kernels).toEqual(kernels);
    } catch (error) {
      expect(error).toBeInstanceOf(NasError);
    }
  }
}

describe.each(Object.keys(TABLE_FORMATS) as TableFormatName[])('%s', (format) => {
  test('reads its good file', () => {
    expect(importKernels(rowsOf(format, GOOD[format]), { skipUnknown: false }).kernels.size).toBeGreaterThan(
      0,
    );
  });

  test('reads any text or says what is wrong with it', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...HOSTILE)).map((parts) => parts.join('')),
      fc.json(),
      broken(GOOD[format]),
    );
    fc.assert(
      fc.property(texts, (text) => survives(format, text)),
      { numRuns: 500, seed: 1 },
    );
  });

  test.each([
    ['nested deeply', '['.repeat(200_000)],
    ['nested deeply, as objects', '{"a":'.repeat(100_000)],
    [
      'a value nested deeply',
      GOOD[format].replace(/1\.5|4500/, `${'['.repeat(50_000)}${']'.repeat(50_000)}`),
    ],
    ['lines that are nothing', 'a:\n'.repeat(5000)],
    ['a line that is long', 'a,'.repeat(200_000)],
    ['quotes', '"'.repeat(100_001)],
    ['anchors', '&a '.repeat(50_000)],
    ['a number that is long', GOOD[format].replace(/1\.5|4500/, '1'.repeat(100_000))],
    ['a number that is long and none', GOOD[format].replace(/1\.5|4500/, `${'1'.repeat(100_000)}x`)],
    ['a name that is long', GOOD[format].replace(/relu|ir_k3|expanded_conv|conv-bn/, 'k3_'.repeat(50_000))],
    [
      'aliases of aliases',
      `a: &a [x, x]\n${[...'bcdefghijkl'].map((name, i) => `${name}: &${name} [*${'abcdefghijk'[i]}, *${'abcdefghijk'[i]}]`).join('\n')}`,
    ],
    ['aliases of aliases in one entry', `a: {a: &a [x, x], b: &b [*a, *a], c: &c [*b, *b], mean: *c}`],
  ])('%s', (_name, text) => {
    survives(format, text);
  });
});
