import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { nas, temporaryFolder } from './nas.ts';

afterEach(() => void vi.unstubAllEnvs());

/** Puts an `adb` before all others that runs this, so that no server is started and no phone of the user's is asked. */
function stubAdb(script: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'nas-adb-'));
  writeFileSync(join(folder, 'adb'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
}

test('nas devices lists this machine', async () => {
  stubAdb('echo "List of devices attached"');
  const { exitCode, stdout } = await nas(['devices', '--json'], temporaryFolder());
  expect(exitCode).toBe(0);
  const rows = JSON.parse(stdout);
  expect(rows).toHaveLength(1);
  expect(Object.keys(rows[0])).toEqual([
    ...['device', 'state', 'model', 'soc', 'architecture', 'operatingSystem', 'androidBuild'],
    ...['cores', 'battery', 'thermal', 'governors'],
  ]);
  expect(rows[0]).toMatchObject({ device: 'local', state: 'ready', androidBuild: null });
});

test('nas devices lists a phone that is not authorized, and says what to do', async () => {
  stubAdb('echo "List of devices attached"; echo "9A211FFAZ0 unauthorized usb:1-3 transport_id:3"');
  const { exitCode, stdout, stderr } = await nas(['devices'], temporaryFolder());
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^device +state +model +SoC +cores +Android +battery +thermal +governor$/m);
  expect(stdout).toMatch(/^adb:9A211FFAZ0 +unauthorized +- +- +unknown +- +- +- +-$/m);
  expect(stderr).toMatch(/adb:9A211FFAZ0: .*'unauthorized'.*; unlock the phone and allow USB debugging/);
});

test('nas devices goes on where adb does not work', async () => {
  stubAdb('echo "cannot bind to 127.0.0.1:5037" >&2; exit 1');
  const { exitCode, stdout, stderr } = await nas(['devices'], temporaryFolder());
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^local +ready/m);
  expect(stderr).toContain('adb devices: cannot bind');
});

test('nas devices refuses a name that is none', async () => {
  stubAdb('echo "List of devices attached"');
  const { exitCode, stderr } = await nas(['devices', '--device', 'usb:1'], temporaryFolder());
  expect(exitCode).toBe(2);
  expect(stderr).toContain("'usb:1' names none; expected local, adb");
});
