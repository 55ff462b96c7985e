import { expect, test } from 'vitest';
import { nas, temporaryFolder } from './nas.ts';

test('nas cost prints every layer and the exact totals', async () => {
  const cwd = temporaryFolder();
  const document = JSON.parse((await nas(['cost', 'mobilenet-v2', '--json'], cwd)).stdout);
  expect(document).toMatchObject({ name: 'mobilenet-v2', params: 3_504_872, macs: 300_774_272 });
  const sum = (key: string): number =>
    document.layers.reduce((total: number, layer: Record<string, number>) => total + (layer[key] ?? 0), 0);
  expect(sum('macs')).toBe(document.macs);
  expect(sum('params')).toBe(document.params);
  expect(sum('share')).toBeCloseTo(1, 9);

  const text = (await nas(['cost', 'mobilenet-v2', '--width', '0.5', '--resolution', '192'], cwd)).stdout;
  expect(text).toMatch(/mobilenet-v2: \d+ MACs \(.* M\), 1968680 params \(1\.97 M\)/);
});

test('nas networks and nas spaces list what comes with the program', async () => {
  const cwd = temporaryFolder();
  const networks = JSON.parse((await nas(['networks', '--json'], cwd)).stdout);
  expect(networks.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['mobilenet-v2', 'mobilenet-v3-large', 'mobilenet-v3-small']),
  );
  expect(Object.keys(networks[0])).toEqual(['name', 'family', 'paper', 'params', 'macs', 'publishedTop1']);
  const spaces = (await nas(['spaces'], cwd)).stdout;
  expect(spaces).toMatch(/^mobile +\d+/m);
  expect(spaces).toMatch(/^mobilenet-v3 .*mobilenet-v3-large/m);
});

test('--help of every command shows an example', async () => {
  const cwd = temporaryFolder();
  for (const command of [
    ...['search', 'profile', 'devices', 'estimate', 'measure', 'explain', 'runner'],
    ...['pareto', 'runs', 'show', 'cost', 'networks', 'spaces'],
  ]) {
    const { exitCode, stdout } = await nas([command, '--help'], cwd);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`$ nas ${command}`);
  }
});
