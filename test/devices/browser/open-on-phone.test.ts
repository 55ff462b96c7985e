import { expect, test } from 'vitest';
import { openOnPhone } from '../../../src/devices/transports/browser/open-on-phone.ts';
import type { RunResult } from '../../../src/devices/transports/transport.ts';

const page = { url: 'http://127.0.0.1:4000/#a-b_c', port: 4000 };

/** An adb that notes what it is asked for, and answers what it is told to. */
function fakeAdb(answers: Readonly<Record<string, Partial<RunResult>>> = {}) {
  const asked: (readonly string[])[] = [];
  const run = async (...args: readonly string[]): Promise<RunResult> => {
    asked.push(args);
    return { stdout: '', stderr: '', code: 0, ...answers[args[2] ?? ''] };
  };
  return { asked, run };
}

test('a phone on a cable reaches the page as its own, opens it, and is left as it was', async () => {
  const { asked, run } = fakeAdb();
  const phone = await openOnPhone('R58M', page, run);
  await phone.close();
  expect(asked).toEqual([
    ['-s', 'R58M', 'reverse', 'tcp:4000', 'tcp:4000'],
    [
      ...['-s', 'R58M', 'shell'],
      "'am' 'start' '-a' 'android.intent.action.VIEW' '-d' 'http://127.0.0.1:4000/#a-b_c'",
    ],
    ['-s', 'R58M', 'reverse', '--remove', 'tcp:4000'],
  ]);
});

test.each([
  ['no such phone', { reverse: { code: 1, stderr: "adb: device 'R58M' not found" } }, /not found/, 1],
  [
    'no browser, which am tells without an exit code',
    { shell: { stdout: 'Starting: Intent\nError: Activity not started, unable to resolve Intent' } },
    /adb:R58M: Error: Activity not started.*; expected a browser/,
    3,
  ],
])('%s is told, and nothing stays open', async (_name, answers, message, calls) => {
  const { asked, run } = fakeAdb(answers);
  await expect(openOnPhone('R58M', page, run)).rejects.toThrow(message);
  expect(asked).toHaveLength(calls);
});
