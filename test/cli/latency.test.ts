import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { nas, temporaryFolder, tinySpace } from './nas.ts';

const LITERT = ['--runtime', 'litert'];
const cwd = temporaryFolder();
let profile: Awaited<ReturnType<typeof nas>>;

beforeAll(async () => {
  writeFileSync(join(cwd, 'space.json'), JSON.stringify(tinySpace));
  const check = ['--check', '2', '--plot', 'check.svg', '--json'];
  profile = await nas(['profile', '--space', 'space.json', '--keep-samples', ...LITERT, ...check], cwd);
});

describe('nas profile', () => {
  test('measures, calibrates and checks, and says so in one document', () => {
    expect(profile.exitCode).toBe(0);
    const { table, kernels, measured, reused, check } = JSON.parse(profile.stdout);
    expect(existsSync(join(cwd, table))).toBe(true);
    expect([measured, reused]).toEqual([kernels, 0]);
    expect(check.networks).toBe(2);
    expect(check.predictions).toHaveLength(2);
    for (const key of ['mape', 'within5', 'within10']) expect(check[key]).toBeGreaterThanOrEqual(0);
    expect(profile.stderr).toMatch(/\d+ of \d+ kernels missing, about/);
    expect(readFileSync(join(cwd, 'check.svg'), 'utf8')).toMatch(/^<svg xmlns=/);
  });

  test('keeps the samples beside the table when asked to, those that did not count too', () => {
    const table: string = JSON.parse(profile.stdout).table;
    const { kernels } = JSON.parse(readFileSync(join(cwd, table), 'utf8'));
    const lines = readFileSync(join(cwd, table.replace('.json', '.samples.jsonl')), 'utf8')
      .trim()
      .split('\n');
    const taken = lines
      .map((line) => JSON.parse(line))
      .map((kernel) => [kernel.signature, kernel.samples.length]);
    const told = kernels.map((kernel: Record<string, number>) => [
      kernel.signature,
      kernel.samples! + kernel.rejected!,
    ]);
    expect(taken.sort()).toEqual(told.sort());
  });

  test('keeps how this machine was while it was measured', () => {
    const { table, kernels } = JSON.parse(profile.stdout);
    const { conditions } = JSON.parse(readFileSync(join(cwd, table), 'utf8'));
    expect(conditions).toHaveLength(1);
    const { startedAt, endedAt, before, after, ...rest } = conditions[0];
    expect(rest).toEqual({ kernels });
    expect(endedAt > startedAt).toBe(true);
    for (const state of [before, after]) {
      expect(Object.keys(state)).toEqual(['battery', 'thermal', 'governors']);
    }
  });

  test('measures nothing twice', async () => {
    const again = await nas(['profile', '--space', 'space.json', ...LITERT, '--json'], cwd);
    const { kernels, measured, reused, check } = JSON.parse(again.stdout);
    expect([measured, reused, check]).toEqual([0, kernels, null]);
    const { table } = JSON.parse(again.stdout);
    expect(JSON.parse(readFileSync(join(cwd, table), 'utf8')).conditions).toHaveLength(1);
  });
});

test('nas estimate reads a table alone, and names what it lacks', async () => {
  const { table } = JSON.parse(profile.stdout);
  const [sample] = JSON.parse(
    (await nas(['spaces', 'sample', 'space.json', '--count', '1', '--json'], cwd)).stdout,
  );
  writeFileSync(join(cwd, 'network.json'), JSON.stringify(sample.network));
  const estimate = await nas(['estimate', 'network.json', '--table', table, '--json'], cwd);
  const { latencyMs, intervalMs, kernels, interpolated } = JSON.parse(estimate.stdout);
  expect(latencyMs).toBeGreaterThanOrEqual(0);
  expect(intervalMs).toHaveLength(2);
  expect(kernels.length).toBeGreaterThan(2);
  expect(interpolated).toEqual([]);
  const other = await nas(['estimate', 'mobilenet-v3-small', '--table', table], cwd);
  expect(other.exitCode).toBe(2);
  expect(other.stderr).toMatch(/no kernel '.*' and \d+ more that the network has/);
});

test('nas measure measures a whole network and says on what', async () => {
  const small = ['mobilenet-v3-small', '--width', '0.25', '--resolution', '32'];
  const { stdout } = await nas(['measure', ...small, ...LITERT, '--json'], cwd);
  expect(JSON.parse(stdout)).toMatchObject({ runtime: 'litert', dtype: 'float32', threads: 1 });
  expect(JSON.parse(stdout).medianMs).toBeGreaterThan(0);
});

test('nas devices lists this machine', async () => {
  const [local] = JSON.parse((await nas(['devices', '--json'], cwd)).stdout);
  expect(local).toMatchObject({ device: 'local', state: 'ready', androidBuild: null });
});

test('options that a device does not have are refused', async () => {
  for (const [args, message] of [
    [['--device', 'phone'], "device: 'phone' names none"],
    [['--threads', '2', ...LITERT], '--threads: an option that litert does not have'],
    [['--runtime', 'litert-webgpu'], '--runtime: litert-webgpu, which runs in a browser'],
    [['--device', 'browser', '--core', '1'], '--core: an option that a browser does not have'],
  ] as const) {
    const { exitCode, stderr } = await nas(['measure', 'mobilenet-v2', ...args], cwd);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
  expect(readdirSync(cwd)).not.toContain('runs');
});
