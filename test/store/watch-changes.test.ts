import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { watchChanges } from '../../src/store/watch-changes.ts';
import { origin } from './contract.ts';

const AT = '2026-01-02T03:04:05.000Z';

test('tells of each change of another connection, before it is merged into the file, and of nothing else', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'nas-watch-')), 'nas.db');
  const watch = watchChanges(file);
  expect(watch.version()).toBe('absent');
  const store = openStore(file);
  const { id } = store.createRun(origin, AT);
  const first = watch.version();
  expect(first).not.toBe('absent');
  expect(watch.version()).toBe(first);
  store.addSeconds(id, 1);
  const second = watch.version();
  expect(second).not.toBe(first);
  store.runs();
  expect(watch.version()).toBe(second);
  store.close();

  // Another file under the name.
  const other = `${file}.other`;
  const replacement = openStore(other);
  replacement.createRun(origin, AT);
  replacement.close();
  renameSync(other, file);
  const third = watch.version();
  expect(third).not.toBe(second);
  rmSync(file);
  expect(watch.version()).toBe('absent');
  watch.close();
});
