import { expect, test } from 'vitest';
import { adb } from '../../src/devices/transports/adb/phones.ts';
import { NO_PHONES, testMachine } from '../devices/phones/phones.ts';
import { nas, temporaryFolder } from './nas.ts';

test('nas devices lists two phones and a board with what they tell of themselves', async (context) => {
  if (NO_PHONES !== undefined) context.skip(NO_PHONES);
  const [amd64, arm64, board] = [testMachine('amd64'), testMachine('arm64'), testMachine('board')];
  await adb('disconnect');
  await adb('connect', arm64.device.slice('adb:'.length));
  const named = ['--device', board.device, '--device', amd64.device, '--device', 'ssh:pi@10.77.3.9'];

  const table = await nas(['devices', ...named], temporaryFolder());
  expect(table.exitCode).toBe(0);
  const row = (device: string): string[] =>
    table.stdout
      .split('\n')
      .find((line) => line.startsWith(device))
      ?.split(/ {2,}/) ?? [];
  expect(row(arm64.device)).toEqual([
    ...[arm64.device, 'ready', 'nas test phone aarch64', 'QEMU TEST1', '4×1.8 GHz + 4×2.84 GHz'],
    ...['15 (NAS1.260101.001)', '88 %, 27.1 °C, charging', 'light, 52.7 °C', 'schedutil'],
  ]);
  expect(row(amd64.device).slice(0, 3)).toEqual([amd64.device, 'ready', 'nas test phone x86_64']);
  expect(row(amd64.device)[4]).toMatch(/^\d+×unknown$/);
  expect(row('ssh:pi@10.77.3.9')[1]).toBe('unreachable');
  expect(table.stderr).toMatch(/ssh:pi@10\.77\.3\.9: .*unreachable/i);

  const json = JSON.parse((await nas(['devices', ...named, '--json'], temporaryFolder())).stdout);
  const facts = json.find(({ device }: { device: string }) => device === board.device);
  expect(facts).toMatchObject({ state: 'ready', androidBuild: null, battery: null });
});
