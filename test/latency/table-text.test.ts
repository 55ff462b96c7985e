import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../src/base/rng.ts';
import { fitCalibration } from '../../src/latency/calibration.ts';
import type { MeasuringSession } from '../../src/latency/measuring-session.ts';
import { parseTable } from '../../src/latency/parse-table.ts';
import { printTable } from '../../src/latency/print-table.ts';
import type { KernelLatency, LatencyTable } from '../../src/latency/table.ts';
import { importedTable } from './formats/reading.ts';
import { someTable } from './some-table.ts';

function randomTable(seed: string, size: number): LatencyTable {
  const rng = createRng(seed);
  const time = (): number => Number((10 ** (3 * rng.uniform() - 3)).toFixed(5));
  const kernels = Array.from({ length: size }, (): KernelLatency => {
    const signature = `${rng.integer(1e6)}x1x1 "quoted" \\ ü ${rng.integer(1e6)}`;
    const times = { medianMs: time(), madMs: time(), p10Ms: time(), p90Ms: time() };
    const warmMs = rng.integer(2) === 0 ? null : time();
    return { signature, ...times, warmMs, samples: 1 + rng.integer(40), rejected: rng.integer(40) };
  });
  const calibration = size > 10 ? fitCalibration(networks(rng)) : undefined;
  return {
    ...someTable(kernels),
    calibration,
    ...(size > 1 ? { conditions: [session(rng), session(rng)] } : {}),
  };
}

const session = (rng: Rng): MeasuringSession => ({
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:01:00.000Z',
  kernels: rng.integer(90),
  before: {
    battery: { percent: rng.integer(101), celsius: rng.integer(2) === 0 ? null : 27.1, state: 'charging' },
    thermal: { status: 'light', hottestCelsius: 30 + rng.uniform() },
    governors: ['schedutil', 'walt'],
  },
  after: rng.integer(2) === 0 ? null : { battery: null, thermal: null, governors: null },
});

const networks = (rng: Rng) =>
  Array.from({ length: 6 }, (_, i) => {
    const sumMs = 1 + 9 * rng.uniform();
    const totals = { sumMs, kernels: rng.integer(90), weightMebibytes: 10 * rng.uniform() };
    return { name: `network ${i}`, ...totals, measuredMs: sumMs * (0.9 + 0.2 * rng.uniform()) };
  });

describe('a table as text', () => {
  test.each([0, 1, 2, 50])('is read back as it was, with %i kernels', (size) => {
    const table = randomTable(`table ${size}`, size);
    const text = printTable(table);
    const back = parseTable(text, 'table.json');
    expect(back.provenance).toEqual(table.provenance);
    expect(back.calibration).toEqual(table.calibration);
    expect(back.conditions).toEqual(table.conditions);
    expect([...back.kernels.values()].sort(bySignature)).toEqual(
      [...table.kernels.values()].sort(bySignature),
    );
    expect(printTable(back)).toBe(text);
  });

  test('does not depend on the order of measuring', () => {
    const table = randomTable('order', 20);
    const reversed = { ...table, kernels: new Map([...table.kernels].reverse()) };
    expect(printTable(reversed)).toBe(printTable(table));
  });

  test('keeps where it was imported from, and that it does not tell its spread', () => {
    const unknown = { madMs: null, p10Ms: null, p90Ms: null, warmMs: null, samples: null, rejected: null };
    const table = importedTable(new Map([['a ; b', { signature: 'a ; b', medianMs: 0.3, ...unknown }]]));
    expect(parseTable(printTable(table), 'table.json')).toEqual(table);
  });

  test('has one kernel a line, and one session', () => {
    const lines = printTable(randomTable('lines', 30)).split('\n');
    expect(lines.filter((line) => line.includes('"signature"'))).toHaveLength(30);
    expect(lines.filter((line) => line.includes('"startedAt"'))).toHaveLength(2);
  });
});

function bySignature(a: KernelLatency, b: KernelLatency): number {
  return a.signature < b.signature ? -1 : 1;
}

describe('a text that is no table is refused with its place', () => {
  const good = (): { provenance: Record<string, unknown>; kernels: Record<string, unknown>[] } =>
    JSON.parse(printTable(randomTable('good', 3)));
  const refused: [string, string, RegExp][] = [
    ['not JSON', '{"version": 2,', /^t\.json: not JSON/],
    ['empty', '', /^t\.json: not JSON/],
    ['a future version', JSON.stringify({ ...good(), version: 3 }), /^t\.json: version is 3; expected 2/],
    [
      'no kernels',
      JSON.stringify({ ...good(), kernels: undefined }),
      /^t\.json: kernels is missing; expected an array/,
    ],
  ];
  test.each(refused)('%s', (_name, text, message) => {
    expect(() => parseTable(text, 't.json')).toThrow(message);
  });

  test.each([
    ['medianMs', 'fast', /^t\.json: kernels\[1\]\.medianMs is "fast"; expected a number/],
    ['medianMs', -1, /^t\.json: kernels\[1\]\.medianMs is -1; expected at least 0/],
    ['samples', 0, /^t\.json: kernels\[1\]\.samples is 0; expected more than 0/],
  ])('%s of %j', (field, value, message) => {
    const table = good();
    table.kernels[1]![field] = value;
    expect(() => parseTable(JSON.stringify(table), 't.json')).toThrow(message);
  });

  test('a measured kernel without its spread', () => {
    const table = good();
    table.kernels[1]!.madMs = null;
    expect(() => parseTable(JSON.stringify(table), 't.json')).toThrow(
      /^t\.json: kernels\[1\]\.madMs is null; expected a number/,
    );
  });

  test('an origin that is none', () => {
    const table = good();
    table.provenance.imported = { format: 'csv' };
    expect(() => parseTable(JSON.stringify(table), 't.json')).toThrow(
      /^t\.json: provenance\.imported\.statistic is missing/,
    );
  });

  test('a session that says of the device what there is no word for', () => {
    const table = { ...good(), conditions: [{ ...session(createRng('bad')), after: { battery: 'flat' } }] };
    expect(() => parseTable(JSON.stringify(table), 't.json')).toThrow(
      /^t\.json: conditions\[0\]\.after\.battery/,
    );
  });

  test('a kernel that comes twice', () => {
    const table = good();
    table.kernels[2] = table.kernels[0]!;
    expect(() => parseTable(JSON.stringify(table), 't.json')).toThrow(
      /kernels\[2\]\.signature is .* a second time/,
    );
  });
});
