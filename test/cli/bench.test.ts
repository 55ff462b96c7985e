import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { nas, startNas, temporaryProject, waitFor } from './nas.ts';

const MAKE = [
  ...['bench', 'make', 'space.json', '--seeds', '2', '--out', 'table.json'],
  ...['--dataset', 'folder:pictures', '--runtime', 'litert'],
];

describe('nas bench', () => {
  let project: string;
  let made: Awaited<ReturnType<typeof nas>>;

  beforeAll(async () => {
    project = await temporaryProject();
    // Stopped with some trainings done; the same command goes on.
    const { child, ended } = startNas(MAKE, project);
    await waitFor(child, ' 3/24 trainings');
    child.kill('SIGINT');
    expect((await ended).exitCode).toBe(130);
    const lines = readFileSync(join(project, 'table.json.trainings'), 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    expect(existsSync(join(project, 'table.json'))).toBe(false);
    made = await nas([...MAKE, '--json'], project);
  });

  test('make trains every network of a space and goes on after an interruption', () => {
    expect(made.stderr).not.toMatch(/^error/m);
    expect(JSON.parse(made.stdout)).toEqual({ file: 'table.json', networks: 12, trainings: 24 });
    expect(existsSync(join(project, 'table.json.trainings'))).toBe(false);
    const table = JSON.parse(readFileSync(join(project, 'table.json'), 'utf8'));
    expect(table).toMatchObject({ name: 'tiny', vars: [2, 3, 2], provenance: { trainer: 'embedded' } });
    for (const column of ['acc', 'latency_ms', 'flops_m', 'params_m']) expect(table[column]).toHaveLength(12);
    expect(table.acc_seeds).toHaveLength(2);
    const [first, second] = table.acc_seeds;
    table.acc.forEach((accuracy: number, i: number) => {
      expect(accuracy).toBeCloseTo((first[i] + second[i]) / 2, 5);
    });
    // More channels and more layers cost more; the last variable is the number of layers or channels.
    expect(table.flops_m[11]).toBeGreaterThan(table.flops_m[0]);
  });

  test('runs every strategy on the table that was made, and prints one JSON document', async () => {
    const { stdout, exitCode } = await nas(
      [
        ...['bench', 'table.json', '--cost', 'latency_ms', '--budgets', '4,12', '--seeds', '2', '--json'],
        ...['--space', 'space.json', '--plot', 'plot.svg'],
      ],
      project,
    );
    expect(exitCode).toBe(0);
    const summaries = JSON.parse(stdout);
    expect(summaries.map(({ strategy }: { strategy: string }) => strategy)).toContain('guided');
    for (const summary of summaries) {
      expect(Object.keys(summary.regretPercent)).toEqual(['4', '12']);
      expect(summary.regretPercent['12']).toBeCloseTo(0, 9);
      expect(summary.hypervolumeRatio['12']).toBeCloseTo(1, 9);
      expect(summary.cpuSecondsPer1000).toBeGreaterThan(0);
    }
    expect(readFileSync(join(project, 'plot.svg'), 'utf8')).toMatch(/^<svg xmlns=/);
  });

  test('prints a table, the same for the same seeds whatever runs at once', async () => {
    const bench = ['bench', 'table.json', '--cost', 'flops_m', '--reward', 'mnas', '--target', 'p25'];
    const options = ['--strategies', 'evolution,random', '--budgets', '5', '--seeds', '3'];
    const [one, two] = await Promise.all(
      ['1', '2'].map(async (workers) => nas([...bench, ...options, '--workers', workers], project)),
    );
    const withoutCpu = (text = ''): string => text.replaceAll(/ +[\d.]+$/gm, '');
    expect(one?.stdout).toMatch(/^strategy +regret % @5 +hypervolume @5 +CPU s \/ 1,000\nevolution +\d/);
    expect(withoutCpu(one?.stdout)).toBe(withoutCpu(two?.stdout));
  });

  test.each([
    [['nothing.json', '--cost', 'ms'], 'nothing.json: cannot be read'],
    [['space.json', '--cost', 'ms'], 'space.json: vars is missing'],
    [['table.json', '--cost', 'ms'], "no column 'ms'; expected one of"],
    [['table.json', '--cost', 'flops_m', '--target', '5ms'], "--target: '5ms'"],
    [['table.json', '--cost', 'flops_m', '--strategies', 'magic'], 'Allowed are guided'],
    [['make', 'mobile'], 'exists only where another choice is made'],
    [['make', 'mobilenet-v1'], 'one network, with nothing to choose'],
  ])('refuses %j', async (args, complaint) => {
    const { exitCode, stderr } = await nas(['bench', ...args], project);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(complaint);
    expect(stderr).not.toContain('    at ');
  });

  test('a log of other trainings is refused', async () => {
    writeFileSync(join(project, 'other.json.trainings'), `${JSON.stringify({ digest: 'x' })}\n`);
    const { exitCode, stderr } = await nas([...MAKE.with(6, 'other.json')], project);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('other.json.trainings: trainings of another space');
  });
});
