import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openVerificationLog } from '../../src/store/verifications.ts';

test('gives back what it was given, newest first, in another session too', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'nas-verifications-')), 'nas.db');
  const log = openVerificationLog(file);
  const [first, second] = [
    { network: "it's", report: { medianMs: 1 / 3, met: null }, madeAt: '2026-01-02T03:04:05.000Z' },
    { network: 'r1/17', report: { met: true }, madeAt: '2026-01-02T04:04:05.000Z' },
  ];
  expect([log.save(first), log.save(second)]).toEqual(['v1', 'v2']);
  log.close();
  const again = openVerificationLog(file, { readOnly: true });
  expect(again.all()).toEqual([
    { id: 'v2', ...second },
    { id: 'v1', ...first },
  ]);
  again.close();
});
