import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completeTable } from '../../src/devices/complete-table.ts';
import type { Device } from '../../src/devices/device.ts';
import { openTableFile, readTable, tablePath } from '../../src/devices/table-file.ts';
import { distinctKernels } from '../../src/graph/fusion.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import type { DeviceState } from '../../src/latency/device-state.ts';
import { someKernel as kernel, someProvenance as provenance } from '../latency/some-table.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tables-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('every kernel is on disk as soon as it is added, and nothing else is', () => {
  const path = tablePath(folder, provenance);
  expect(path).toBe(join(folder, 'some-phone', 'litert.json'));
  const file = openTableFile(path, provenance);
  for (const signature of ['b', 'a', 'c']) {
    file.add(kernel(signature));
    expect(readTable(path).kernels.get(signature)).toEqual(kernel(signature));
  }
  expect(readdirSync(join(folder, 'some-phone'))).toEqual(['litert.json']);
});

test('a table is taken up where it was left', () => {
  const path = join(folder, 'table.json');
  openTableFile(path, provenance).add(kernel('a'));
  const later = { ...provenance, measuredAt: '2026-02-02T00:00:00.000Z' };
  const file = openTableFile(path, later);
  expect([...file.table().kernels.keys()]).toEqual(['a']);
  expect(file.table().provenance.measuredAt).toBe(provenance.measuredAt);
});

test('two that add to one file at the same time lose nothing of each other', () => {
  const path = join(folder, 'table.json');
  const [first, second] = [openTableFile(path, provenance), openTableFile(path, provenance)];
  first.add(kernel('a'));
  second.add(kernel('b'));
  first.add(kernel('c'));
  expect([...readTable(path).kernels.keys()].sort()).toEqual(['a', 'b', 'c']);
  rmSync(path);
  first.add(kernel('d'));
  expect(readTable(path).kernels.size).toBe(4);
});

test('a clock that jumps back and forth leaves a table that can be read and gone on with', () => {
  const path = join(folder, 'table.json');
  const times = ['2026-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z', '2262-04-11T00:00:00.000Z'];
  let now = 0;
  const clock = { monotonicMs: () => 0, timestamp: () => times[now++ % times.length] ?? '' };
  for (const session of ['a', 'b', 'c']) {
    const file = openTableFile(path, provenance, clock);
    file.begin(null);
    for (const name of ['1', '2']) file.add(kernel(session + name));
    file.end(null);
  }
  const { kernels, conditions = [] } = readTable(path);
  expect([...kernels.keys()].sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  expect(conditions.map((session) => session.kernels)).toEqual([2, 2, 2]);
});

test('what is measured in a session is in the table with how the device was, whenever it ends', () => {
  const path = join(folder, 'table.json');
  const minutes = (count: number): string => `2026-01-01T00:0${count}:00.000Z`;
  let now = 0;
  const clock = { monotonicMs: () => 0, timestamp: () => minutes(now++) };
  const cool: DeviceState = {
    battery: null,
    thermal: { status: 'none', hottestCelsius: 30 },
    governors: null,
  };
  const warm: DeviceState = { ...cool, thermal: { status: 'light', hottestCelsius: 50 } };

  const first = openTableFile(path, provenance, clock);
  first.add(kernel('before any session'));
  expect(readTable(path).conditions).toBe(undefined);
  first.begin(cool);
  first.add(kernel('a'));
  first.add(kernel('b'));
  const broken = { startedAt: minutes(0), endedAt: minutes(2), kernels: 2, before: cool, after: null };
  expect(readTable(path).conditions).toEqual([broken]);

  const second = openTableFile(path, provenance, clock);
  second.begin(null);
  second.add(kernel('c'));
  second.end(warm);
  const whole = { startedAt: minutes(3), endedAt: minutes(5), kernels: 1, before: null, after: warm };
  expect(readTable(path).conditions).toEqual([broken, whole]);
  second.add(kernel('d'));
  expect(readTable(path).conditions).toEqual([broken, whole]);
});

test('a corrupt file is refused and left as it is', () => {
  const path = join(folder, 'table.json');
  writeFileSync(path, '{"version": 1, "kernels": [');
  expect(() => openTableFile(path, provenance)).toThrow(/table\.json: not JSON/);
  expect(readFileSync(path, 'utf8')).toBe('{"version": 1, "kernels": [');
});

test.each([
  ['device', 'other-phone'],
  ['runtimeVersion', '3.0.0'],
  ['threads', 4],
])('a table of another %s is refused and left as it is', (field, value) => {
  const path = join(folder, 'table.json');
  openTableFile(path, provenance).add(kernel('a'));
  const before = readFileSync(path, 'utf8');
  expect(() => openTableFile(path, { ...provenance, [field]: value })).toThrow(
    new RegExp(`provenance\\.${field} is .*; expected .*that of the device at hand`),
  );
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('only what the table lacks is measured, and a crash loses nothing that was reported', async () => {
  const b = new GraphBuilder();
  const x = b.input([4, 4, 2]);
  const kernels = distinctKernels([
    b.build([1, 3, 5].reduce((y, size) => b.convolution(y, 2, { kernel: size }), x)),
  ]);
  const [first, second] = kernels.map(({ signature }) => signature) as [string, string, string];
  const path = join(folder, 'table.json');
  const file = openTableFile(path, provenance);
  file.add(kernel(first));
  const asked: string[] = [];
  const device: Device = {
    provenance,
    async *measureKernels(wanted) {
      asked.push(...wanted.map(({ signature }) => signature));
      yield kernel(second);
      throw new Error('the phone fell into the sea');
    },
    measureNetwork: () => Promise.reject(new Error('not asked')),
    measureNetworks: () => {
      throw new Error('not asked');
    },
    state: async () => null,
    close: async () => {},
  };
  const run = async (): Promise<void> => {
    for await (const { signature } of completeTable(file, device, kernels)) {
      expect(readTable(path).kernels.has(signature)).toBe(true);
    }
  };
  await expect(run()).rejects.toThrow('sea');
  expect(asked).toEqual(kernels.slice(1).map(({ signature }) => signature));
  expect([...readTable(path).kernels.keys()].sort()).toEqual([first, second].sort());
});
