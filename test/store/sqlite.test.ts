import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { completed, origin, storeContract } from './contract.ts';
import { startWriter } from './writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'nas-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshFile = (): string => join(folder, `store ${files++}`, "it's.db");

storeContract('sqlite', () => {
  const file = freshFile();
  return () => openStore(file);
});

test('a database of a newer version is refused and left alone', () => {
  const file = freshFile();
  openStore(file).close();
  const database = new Database(file);
  database.pragma('user_version = 99');
  database.close();
  expect(() => openStore(file)).toThrow(/a database of version 99; expected at most \d+/);
});

test.each([
  [
    'a text file',
    'this is no database, but it is longer than the header of one, which has a hundred bytes in all.',
  ],
  ['a damaged database', `SQLite format 3\0${'\x10\0\x02\x02\0\x40\x20\x20'}${'x'.repeat(8000)}`],
])('%s is refused and left alone', (_, content) => {
  const file = join(folder, `broken ${files++}.db`);
  writeFileSync(file, content, 'latin1');
  expect(() => openStore(file)).toThrow(/not a database|a damaged database/);
  expect(readFileSync(file, 'latin1')).toBe(content);
});

test('reading where nothing is stored creates nothing and says what would', () => {
  const file = freshFile();
  expect(() => openStore(file, { readOnly: true })).toThrow(
    'no such database; expected runs that a search has stored',
  );
  expect(() => readFileSync(file)).toThrow();
});

test('a folder that is a file is an error with its name', () => {
  const file = join(folder, 'plain');
  writeFileSync(file, '');
  expect(() => openStore(join(file, 'nas.db'))).toThrow(join(file, 'nas.db'));
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a writer ended by %s at any moment loses no trial it has reported, and damages nothing',
  async (signal) => {
    for (const delayMs of [0, 5, 20]) {
      const file = freshFile();
      const store = openStore(file);
      const { id } = store.createRun(origin, 'now');
      const writer = startWriter(file, id);
      await writer.nextReport();
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await writer.kill(signal);
      const trials = store.trials(id);
      expect(trials.length).toBeGreaterThan(writer.reported());
      expect(trials).toEqual(trials.map((_, number) => completed(number)));
      store.close();
      expect(integrityOf(file)).toBe('ok');
    }
  },
);

test('two processes append to two runs of one file, and neither loses anything', async () => {
  const file = freshFile();
  const store = openStore(file);
  const ids = [store.createRun(origin, 'now').id, store.createRun(origin, 'now').id];
  const writers = ids.map((id) => startWriter(file, id));
  await Promise.all(writers.map((writer) => writer.nextReport()));
  for (let i = 0; i < 20; i++) await Promise.all(writers.map((writer) => writer.nextReport()));
  for (const writer of writers) expect(writer.isWell()).toBe(true);
  await Promise.all(writers.map((writer) => writer.kill()));
  ids.forEach((id, i) => {
    const trials = store.trials(id);
    expect(trials.length).toBeGreaterThan(writers[i]?.reported() ?? 0);
    expect(trials).toEqual(trials.map((_, number) => completed(number)));
  });
  store.close();
  expect(integrityOf(file)).toBe('ok');
});

function integrityOf(file: string): unknown {
  const database = new Database(file, { readonly: true });
  try {
    return database.pragma('integrity_check', { simple: true });
  } finally {
    database.close();
  }
}

test('a writer that cannot write is told of at once', async () => {
  const file = join(folder, 'of-a-newer-nas.db');
  const database = new Database(file);
  database.pragma('user_version = 9999');
  database.close();
  const writer = startWriter(file, 'r1');
  await expect(writer.nextReport()).rejects.toThrow(/the writer ended \(exit code 1\): .*version 9999/s);
});
