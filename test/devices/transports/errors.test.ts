import { afterEach, expect, test, vi } from 'vitest';
import { complaint } from './complaint.ts';

afterEach(() => void vi.unstubAllEnvs());

test('without adb, says how to get it', async () => {
  vi.stubEnv('PATH', '/nowhere');
  expect(await complaint('adb')).toMatch(/^adb: not installed; expected .*\napt install adb/);
  expect(await complaint('adb:X')).toMatch(/^adb: not installed/);
});

test('without ssh, says so', async () => {
  vi.stubEnv('PATH', '/nowhere');
  expect(await complaint('ssh:somewhere')).toMatch(/^ssh: not installed; expected .*\napt install openssh/);
});
