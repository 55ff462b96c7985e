import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { bareLatency, type LatencyRow } from '../../src/latency/formats/format.ts';
import { importKernels } from '../../src/latency/import-kernels.ts';

const row = (kernels: readonly string[], ms: number): LatencyRow => ({
  where: 'rows',
  kernels,
  latency: bareLatency(ms),
});
const unknown = (line: number): NasError => new NasError(`rows:${line}`, { found: 'nothing' });

test('rows are counted by what became of them', () => {
  const rows = [row(['a'], 1), row(['a'], 3), unknown(3), row([], 9), row(['a', 'b'], 4), row(['a'], 2)];
  const imported = importKernels(rows, { skipUnknown: true });
  expect(imported).toMatchObject({ rows: 6, sequences: 1, repeated: 2, empty: 1 });
  expect(imported.unknown.map(({ where }) => where)).toEqual(['rows:3']);
  expect([...imported.kernels.values()]).toEqual([
    { signature: 'a', ...bareLatency(2) },
    { signature: 'a ; b', ...bareLatency(4) },
  ]);
});

test('a row on its own keeps all that its file tells', () => {
  const latency = { ...bareLatency(2), madMs: 0.1, samples: 9 };
  const { kernels } = importKernels([{ ...row(['a'], 2), latency }], { skipUnknown: false });
  expect(kernels.get('a')).toEqual({ signature: 'a', ...latency });
});

test('an unknown row is thrown unless it is to be skipped', () => {
  expect(() => importKernels([row(['a'], 1), unknown(2)], { skipUnknown: false })).toThrow('rows:2: nothing');
});

test('a file of nothing but unknown rows is given up before its end', () => {
  let line = 0;
  function* endless(): Generator<NasError> {
    for (;;) yield unknown(++line);
  }
  expect(() => importKernels(endless(), { skipUnknown: true })).toThrow(
    'rows:10001: nothing, after 10000 other rows that cannot be understood',
  );
});
