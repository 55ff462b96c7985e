import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { readTable } from '../../src/devices/table-file.ts';
import { openTransport } from '../../src/devices/transports/open-transport.ts';
import { kernelsOfSpace } from '../../src/space/kernels.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { NO_PHONES, type TestMachine, testMachine } from '../devices/phones/phones.ts';
import { type Ended, startNas, temporaryFolder, tinySpace } from './nas.ts';

afterEach(async () => {
  if (NO_PHONES !== undefined) return;
  testMachine('amd64').plugIn();
  for (const name of ['amd64', 'arm64'] as const) await reportAsUsual(testMachine(name));
});

test('nas profile goes on after adbd was killed and after the cable was pulled, and loses nothing', async (context) => {
  if (NO_PHONES !== undefined) context.skip(NO_PHONES);
  const phone = testMachine('amd64');
  const cwd = temporaryFolder();
  const path = join(cwd, 'latency-tables/nas-test-phone-x86-64/xnnpack.json');
  const measured = () => (existsSync(path) ? [...readTable(path).kernels.values()] : []);
  const networks = ['--network', 'mobilenet-v3-small'];
  const profile = startNas(['profile', '--device', phone.device, ...networks, '--json'], cwd);
  const runners = new Set<number>();
  const look = (): void => {
    for (const pid of phone.numbersOf('nas-runner-xnnpack')) runners.add(pid);
  };

  await whileRunning(profile, look, () => measured().length >= 1);
  phone.killServer();
  const before = measured().length;
  await whileRunning(profile, look, () => measured().length >= before + 3);
  phone.unplug();
  const kept = measured();
  await whileRunning(profile, look, () => !isConnected(profile.child));
  phone.plugIn();
  await whileRunning(profile, look, () => profile.child.exitCode !== null);

  const { exitCode, stdout, stderr } = await profile.ended;
  expect(exitCode, stderr).toBe(0);
  const { kernels, measured: count, reused } = JSON.parse(stdout);
  expect([count, reused]).toEqual([kernels, 0]);
  const last = readTable(path).kernels;
  expect(last.size).toBe(kernels);
  // What was on disk when the cable was pulled was not measured a second time.
  expect(kept.length).toBeLessThan(kernels);
  expect(kept.map(({ signature }) => last.get(signature))).toEqual(kept);
  expect(runners.size).toBeGreaterThanOrEqual(3);
  await nothingRuns(phone);
});

/** A network of one kernel: in an emulator each sample of the sentinel beside it takes a tenth of a second. */
const smallNetwork = {
  ...{ name: 'small', family: 'test', paper: 'none', resolution: 16, classes: 4 },
  stages: [{ block: { type: 'convolution', kernel: 3, activation: 'relu' }, channels: 8, stride: 2 }],
};

test('nas profile measures two phones and a board at the same time, each into a table of its own', async (context) => {
  if (NO_PHONES !== undefined) context.skip(NO_PHONES);
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'space.json'), JSON.stringify(tinySpace));
  writeFileSync(join(cwd, 'small.json'), JSON.stringify(smallNetwork));
  const [amd64, arm64, board] = [testMachine('amd64'), testMachine('arm64'), testMachine('board')];
  await report(arm64, 'battery', 'status: 3\nlevel: 12\nscale: 100\ntemperature: 301\n');
  const profile = (machine: TestMachine, ...of: string[]) =>
    startNas(['profile', '--device', machine.device, ...of, '--json'], cwd).ended;
  const all = [
    profile(amd64, '--space', 'space.json'),
    profile(arm64, '--network', 'small.json'),
    profile(board, '--space', 'space.json'),
  ];
  const ended = await Promise.all(all);
  expect(
    ended.map(({ exitCode }) => exitCode),
    ended.map(({ stderr }) => stderr).join(''),
  ).toEqual([0, 0, 0]);

  const tables = ended.map(({ stdout }) => readTable(join(cwd, JSON.parse(stdout).table)));
  expect(tables.map(({ provenance }) => provenance)).toMatchObject([
    {
      device: 'nas-test-phone-x86-64',
      processor: 'QEMU TEST1',
      operatingSystem: 'Android 15 (NAS1.260101.001)',
    },
    { device: 'nas-test-phone-aarch64', runtime: 'xnnpack', governor: 'schedutil' },
    { operatingSystem: expect.stringMatching(/^Linux /) },
  ]);
  const [ofSpace, ofNetwork] = [tinySpace, smallNetwork].map(signaturesOf);
  expect(tables.map(({ kernels }) => [...kernels.keys()].toSorted())).toEqual([ofSpace, ofNetwork, ofSpace]);
  expect(tables.map(({ calibration }) => calibration !== undefined)).toEqual([true, true, true]);

  const told = ended.map(({ stderr }) => stderr.split('\n').filter((line) => line.startsWith('warning')));
  const warm = expect.stringMatching(/^warning {2}thermal status light, 52\.7 °C: /);
  expect(told[0]).toEqual([warm]);
  expect(told[1]).toEqual([
    expect.stringMatching(/^warning {2}battery at 12 %: .*; plug it in$/),
    warm,
    expect.stringMatching(/^warning {2}governor schedutil: /),
  ]);
  const [, { conditions } = {}] = tables;
  const state = {
    battery: { percent: 12, celsius: 30.1, state: 'discharging' },
    thermal: { status: 'light', hottestCelsius: 52.7 },
    governors: ['schedutil'],
  };
  expect(conditions).toMatchObject([{ kernels: 1, before: state, after: state }]);
  for (const machine of [amd64, arm64, board]) await nothingRuns(machine);
});

test('that a phone has become warm meanwhile is told, and in the table', async (context) => {
  if (NO_PHONES !== undefined) context.skip(NO_PHONES);
  const phone = testMachine('amd64');
  const cwd = temporaryFolder();
  const path = join(cwd, 'latency-tables/nas-test-phone-x86-64/xnnpack.json');
  await report(phone, 'thermalservice', 'Thermal Status: 0\n');
  const profile = startNas(['profile', '--device', phone.device, '--network', 'mobilenet-v3-small'], cwd);
  await whileRunning(
    profile,
    () => {},
    () => existsSync(path),
  );
  // However long the report takes, the measurement goes on after it.
  profile.child.kill('SIGSTOP');
  await report(phone, 'thermalservice', 'Thermal Status: 1\n');
  profile.child.kill('SIGCONT');
  const { exitCode, stderr } = await profile.ended;
  expect(exitCode, stderr).toBe(0);
  expect(stderr.match(/^warning .*/gm)).toEqual([
    expect.stringMatching(/^warning {2}after measuring: thermal status light: it holds back a little/),
  ]);
  const [session] = readTable(path).conditions ?? [];
  expect([session?.before?.thermal, session?.after?.thermal]).toEqual([
    { status: 'none', hottestCelsius: null },
    { status: 'light', hottestCelsius: null },
  ]);
});

/** Makes `dumpsys SERVICE` print this on a phone. */
async function report(phone: TestMachine, service: string, text: string): Promise<void> {
  const transport = await openTransport(phone.device);
  const file = `/data/local/tmp/dumpsys-${service}`;
  await transport.run(['sh', '-c', 'cat >"$1"', 'sh', file], { input: text });
  await transport.close();
}

async function reportAsUsual(phone: TestMachine): Promise<void> {
  const transport = await openTransport(phone.device);
  await transport.run(['sh', '-c', 'rm -f /data/local/tmp/dumpsys-*']);
  await transport.close();
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Waits for something to come about while the program runs; rejects with what it said if it ends before. */
async function whileRunning({ child, ended }: Running, look: () => void, isSo: () => boolean): Promise<void> {
  for (;;) {
    const hasEnded = child.exitCode !== null;
    if (isSo()) return;
    if (hasEnded) throw new Error(`ended too early: ${(await ended).stderr}`);
    look();
    await sleep(100);
  }
}

/** Whether the program has a shell on a phone, in its own view. */
function isConnected({ pid }: ChildProcess): boolean {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return children.some((child) => {
    try {
      return readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0').includes('shell');
    } catch {
      return false;
    }
  });
}

function signaturesOf(space: object): readonly string[] {
  const kernels = kernelsOfSpace(parseSpace(space, 'space.json'));
  return [...new Set(kernels.map(({ signature }) => signature))].toSorted();
}

/** Processes take a moment to be gone after their connection is. */
async function nothingRuns(machine: TestMachine): Promise<void> {
  await expect.poll(() => machine.processes(), { timeout: 300_000, interval: 100 }).toEqual([]);
}
