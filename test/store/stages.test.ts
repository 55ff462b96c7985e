import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { origin } from './contract.ts';

test('a run keeps what its stages came to, the last of each name, in another session too', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'nas-stages-')), 'nas.db');
  const store = openStore(file);
  const [first, second] = [store.createRun(origin, 'now').id, store.createRun(origin, 'now').id];
  expect(store.stages(first)).toEqual(new Map());
  store.saveStage(first, 'adapt', { outcome: { adaptation: 'a1' }, seconds: 1 / 3 }, 'now');
  store.saveStage(first, 'verify', { met: false }, 'now');
  store.saveStage(first, 'verify', { met: true }, 'later');
  store.close();
  const again = openStore(file, { readOnly: true });
  expect(again.stages(first)).toEqual(
    new Map<string, unknown>([
      ['adapt', { outcome: { adaptation: 'a1' }, seconds: 1 / 3 }],
      ['verify', { met: true }],
    ]),
  );
  expect(again.stages(second)).toEqual(new Map());
  expect(() => again.stages('r9')).toThrow("no run 'r9'");
  again.close();
});
