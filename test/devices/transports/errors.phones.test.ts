import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { adb } from '../../../src/devices/transports/adb/phones.ts';
import { NO_PHONES, testMachine } from '../phones/phones.ts';
import { complaint } from './complaint.ts';

function onPhones(name: string, body: () => Promise<void>): void {
  test(name, async (context) => {
    if (NO_PHONES !== undefined) context.skip(NO_PHONES);
    await body();
  });
}

beforeEach(async () => {
  if (NO_PHONES === undefined) await adb('disconnect');
});

onPhones('`adb` is the only phone that is attached', async () => {
  const [one, two] = [testMachine('amd64').device, testMachine('arm64').device];
  expect(await complaint('adb')).toMatch(/^adb: no phone is attached; expected a phone .*\nplug a phone in/);
  expect(await complaint(one)).toBe('none');
  expect(await complaint('adb')).toBe('none');
  expect(await complaint(two)).toBe('none');
  expect(await complaint('adb')).toBe(`adb: 2 phones are attached; expected ${one} or ${two}\nnas devices`);
  expect(await complaint('adb:R58M123ABC')).toBe(
    `adb:R58M123ABC: no such phone is attached; expected ${one} or ${two}\nnas devices`,
  );
});

onPhones('where no adbd listens, says what to switch on', async () => {
  expect(await complaint('adb:10.77.3.2:5555')).toMatch(
    /^adb:10\.77\.3\.2:5555: .*refused.*; expected a phone that listens there\nswitch wireless debugging on/,
  );
});

onPhones('where ssh cannot get to, says what to try', async () => {
  expect(await complaint('ssh:no-such-host.invalid')).toMatch(
    /^ssh:no-such-host\.invalid: .*resolve.*\nmend its name/,
  );
});

onPhones('with a host key or an identity that is not known, ssh says what to do', async () => {
  const { device } = testMachine('board');
  const file = process.env.NAS_SSH_CONFIG ?? '';
  const change = (from: RegExp, to: string): NodeJS.ProcessEnv => {
    const config = join(mkdtempSync(join(tmpdir(), 'nas-ssh-config-')), 'config');
    writeFileSync(config, readFileSync(file, 'utf8').replace(from, to));
    return { NAS_SSH_CONFIG: config };
  };
  const stranger = change(/UserKnownHostsFile .*/, 'UserKnownHostsFile /dev/null');
  expect(await complaint(device, stranger)).toBe(
    `${device}: Host key verification failed.; expected a shell that runs commands\n` +
      'run `ssh pi@10.77.3.2` once and compare its host key',
  );
  const locked = change(/IdentityFile .*/, 'IdentityFile /dev/null');
  expect(await complaint(device, locked)).toMatch(
    /Permission denied.*\ngive it a key: `ssh-copy-id pi@10\.77/,
  );
  expect(await complaint('ssh:pi@10.77.3.2:23')).toMatch(
    /^ssh:pi@10\.77\.3\.2:23: .*refused; expected .*\nsee that `ssh -p 23 pi@10\.77\.3\.2` works/,
  );
});
