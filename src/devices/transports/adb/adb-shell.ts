import { setTimeout as sleep } from 'node:timers/promises';
import { NasError } from '../../../base/errors.ts';
import { listOf } from '../../../base/parse.ts';
import type { RemoteShell } from '../remote/remote-shell.ts';
import { adb, listPhones } from './phones.ts';

/** The shell of a phone, over USB or, where the serial is `HOST:PORT`, over the network. */
export function createAdbShell(serial: string): RemoteShell {
  const name = `adb:${serial}`;
  const isAddress = /:\d+$/.test(serial);

  const state = async (): Promise<string | undefined> =>
    (await listPhones()).find((phone) => phone.serial === serial)?.state;

  return {
    name,
    // Of all folders of a phone, the one whose files its shell may run.
    folder: '/data/local/tmp/nas',
    async reach(isStuck) {
      // The server holds on to a network phone that does not answer.
      if (isAddress && (isStuck || (await state()) === 'offline')) await adb('disconnect', serial);
      if (isAddress && (await state()) === undefined) {
        const { stdout, stderr } = await adb('connect', serial);
        if ((await state()) === undefined) throw unreachable(name, stdout || stderr);
      }
      const found = await settled(state);
      if (found !== 'device') throw await notReady(name, found);
    },
    client: (script) => ['adb', '-s', serial, 'shell', '-T', script],
    explain: (words) =>
      new NasError(name, {
        found: words === '' ? 'adb ended without a word' : (words.split('\n').at(-1) ?? words),
        expected: 'a shell that runs commands',
        next: 'adb devices; then unplug the phone, plug it in again and do the same again',
      }),
    close: async () => {},
  };
}

/** States that a phone goes through when it was just plugged in. */
const PASSING = ['offline', 'connecting', 'authorizing'];
const SETTLE_ATTEMPTS = 20;
const BETWEEN_ATTEMPTS_MS = 250;

async function settled(state: () => Promise<string | undefined>): Promise<string | undefined> {
  let found = await state();
  for (let attempt = 0; attempt < SETTLE_ATTEMPTS && PASSING.includes(found ?? ''); attempt++) {
    await sleep(BETWEEN_ATTEMPTS_MS);
    found = await state();
  }
  return found;
}

function unreachable(name: string, words: string): NasError {
  return new NasError(name, {
    found: words.trim() || 'does not answer',
    expected: 'a phone that listens there',
    next: 'switch wireless debugging on, or plug the phone in and run `adb tcpip 5555`',
  });
}

const ADVICE: Readonly<Record<string, string>> = {
  unauthorized: 'unlock the phone and allow USB debugging from this computer',
  authorizing: 'unlock the phone and allow USB debugging from this computer',
  offline: 'unplug the phone and plug it in again',
  'no permissions':
    'apt install android-sdk-platform-tools-common (udev rules), then plug the phone in again',
};

/** What is wrong with a phone in such a state, or with one that is not there. */
async function notReady(name: string, state: string | undefined): Promise<NasError> {
  if (state !== undefined) {
    return new NasError(name, {
      found: `the phone is in state '${state}'`,
      expected: `'device'`,
      next: ADVICE[state] ?? 'start Android on it, with USB debugging switched on',
    });
  }
  return new NasError(name, { found: 'no such phone is attached', ...whatIs(await listPhones()) });
}

/** What to expect where one of the attached phones was to be named. */
export function whatIs(phones: readonly { readonly serial: string }[]): {
  readonly expected: string;
  readonly next: string;
} {
  return {
    expected:
      phones.length === 0
        ? 'a phone with USB debugging switched on'
        : listOf(phones.map(({ serial }) => `adb:${serial}`)),
    next: phones.length === 0 ? 'plug a phone in and see that `nas devices` lists it' : 'nas devices',
  };
}
