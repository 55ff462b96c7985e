import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { NO_PHONES, testMachine } from '../devices/phones/phones.ts';
import { nas, startNas, temporaryFolder, tinySpace } from './nas.ts';

/** Longer than the program takes to notice that a cable was pulled: four beats of 5 s. */
const UNPLUGGED_MS = 22_000;

afterEach(() => {
  if (NO_PHONES === undefined) testMachine('amd64').plugIn();
});

test('nas profile measures every kernel of a phone whose adbd dies and whose cable is pulled', async (context) => {
  if (NO_PHONES !== undefined) context.skip(NO_PHONES);
  const cwd = temporaryFolder();
  const runners = JSON.parse((await nas(['runner', '--json'], cwd)).stdout);
  const isBuilt = runners.some(
    ({ target, current }: { target: string; current: boolean }) => target === 'linux-x64' && current,
  );
  if (!isBuilt) context.skip('nas runner build has not been run');

  const phone = testMachine('amd64');
  writeFileSync(join(cwd, 'space.json'), JSON.stringify(tinySpace));
  const file = join(cwd, 'latency-tables/nas-test-phone-x86-64/xnnpack.json');
  const measured = (): number =>
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).kernels.length : 0;
  const { ended } = startNas(['profile', '--device', phone.device, '--space', 'space.json', '--json'], cwd);

  await vi.waitUntil(() => measured() >= 1, { timeout: 60_000 });
  phone.killServer();
  await vi.waitUntil(() => measured() >= 5, { timeout: 60_000 });
  phone.unplug();
  await sleep(UNPLUGGED_MS);
  phone.plugIn();

  const { exitCode, stdout, stderr } = await ended;
  expect(exitCode, stderr).toBe(0);
  const { kernels, measured: count, reused } = JSON.parse(stdout);
  expect([count, reused]).toEqual([kernels, 0]);
  expect(measured()).toBe(kernels);
  await vi.waitUntil(() => phone.processes().length === 0, { timeout: 10_000 });
}, 240_000);
