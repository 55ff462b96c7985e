import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { listTables, openTableFile, readTable, writeTable } from '../../src/devices/table-file.ts';
import { importedTable } from '../latency/formats/reading.ts';
import { someKernel, someProvenance, someTable } from '../latency/some-table.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-tables-'));
});

const kernel = someKernel('8x8x8 relu');
const imported = importedTable(new Map([[kernel.signature, kernel]]));

test('measurements are not added to an imported table, even of the same device and runtime', () => {
  const path = join(folder, 'table.json');
  const { device, runtime, dtype, threads } = imported.provenance;
  writeTable(path, imported, { replace: false });
  const before = readFileSync(path, 'utf8');
  expect(() => openTableFile(path, { ...someProvenance, device, runtime, dtype, threads })).toThrow(
    /table\.json: a table imported from kernels\.csv \(csv\); expected one that was measured/,
  );
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('a table is written whole, and never in the place of another one unless it is to be', () => {
  const path = join(folder, 'some-phone', 'some-runtime.json');
  writeTable(path, someTable([kernel]), { replace: false });
  expect(() => writeTable(path, imported, { replace: false })).toThrow('a table that is there already');
  expect(readTable(path)).toEqual(someTable([kernel]));
  writeTable(path, imported, { replace: true });
  expect(readTable(path)).toEqual(imported);
  expect(readdirSync(join(folder, 'some-phone'))).toEqual(['some-runtime.json']);
});

test('a table that cannot be written says so', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => writeTable(join(folder, 'file', 'a.json'), imported, { replace: false })).toThrow(
    /a\.json: cannot be written/,
  );
});

test('the tables of a folder, and nothing else in it', () => {
  expect(listTables(join(folder, 'none'))).toEqual([]);
  for (const device of ['b-phone', 'a-phone']) {
    mkdirSync(join(folder, device));
    writeFileSync(join(folder, device, 'xnnpack.json'), '');
  }
  writeFileSync(join(folder, 'a-phone', 'litert.json'), '');
  writeFileSync(join(folder, 'a-phone', 'notes.txt'), '');
  writeFileSync(join(folder, 'README.md'), '');
  expect(listTables(folder)).toEqual([
    join(folder, 'a-phone', 'litert.json'),
    join(folder, 'a-phone', 'xnnpack.json'),
    join(folder, 'b-phone', 'xnnpack.json'),
  ]);
});
