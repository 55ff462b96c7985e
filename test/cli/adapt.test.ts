import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AdaptationReport } from '../../src/report/adaptation-report.ts';
import { openAdaptationLog } from '../../src/store/adaptations.ts';
import { nas, startNas, temporaryProject, tinySpace, waitFor } from './nas.ts';

const { proxy, stages, ...head } = tinySpace;
/** With a stem, two expansions and the bottleneck that all share. */
const network = {
  ...head,
  name: 'tiny-one',
  resolution: 64,
  stages: [
    { ...stages[0], channels: 16 },
    {
      block: { type: 'inverted-residual', kernel: 3, expansion: 3, activation: 'hswish' },
      channels: 16,
      repeat: 2,
    },
    stages[2],
  ],
};

const ADAPT = [
  ...['adapt', 'net.json', '--dataset', 'folder:pictures', '--resolution', '12', '--recipe', 'recipe.json'],
  ...['--validation-images', '30', '--step', '0.1'],
];

async function project(): Promise<string> {
  const folder = await temporaryProject();
  writeFileSync(join(folder, 'net.json'), JSON.stringify(network));
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ ...proxy.recipe, epochs: 3 }));
  return folder;
}

const reportOf = (stdout: string): AdaptationReport => JSON.parse(stdout);

/** What a repetition may not change. */
function comparable(stdout: string): unknown {
  const { cpuSeconds: _, seconds: __, adaptation: ___, weights, ...rest } = reportOf(stdout);
  return { ...rest, weights: weights.split('/').at(-1) };
}

/** Files of weights that an adaptation keeps. */
const keptWeights = (folder: string, id: string): readonly string[] =>
  readdirSync(join(folder, 'runs', 'adaptations', id)).filter((file) => file.endsWith('.safetensors'));

describe('nas adapt', () => {
  let folder: string;
  let table: string;
  let start: AdaptationReport;
  let cut: Awaited<ReturnType<typeof nas>>;
  beforeAll(async () => {
    folder = await project();
    const easy = await nas([...ADAPT, '--runtime', 'litert', '--target', '1s', '--json'], folder);
    expect(easy.stderr).not.toMatch(/^error/m);
    start = reportOf(easy.stdout);
    const target = `${0.7 * start.before.latencyMs}ms`;
    cut = await nas(
      [...ADAPT, '--runtime', 'litert', '--target', target, '--weights', start.weights, '--json'],
      folder,
    );
    expect(cut.stderr).not.toMatch(/^error/m);
    const [device = ''] = readdirSync(join(folder, 'latency-tables'));
    table = join('latency-tables', device, 'litert.json');
  });

  test('trains first where there are no weights, and leaves alone what meets the target', () => {
    expect(start).toMatchObject({ adaptation: 'a1', network: 'net.json', met: true, steps: [], layers: {} });
    expect(start.after).toEqual({ ...start.before, measuredMs: expect.any(Number) });
    expect(start.before.accuracy).toBeGreaterThan(0.6);
    expect(existsSync(join(folder, start.weights))).toBe(true);
  });

  test('cuts on a device until the estimate meets the target, widths measured as they come up', () => {
    const { before, after, steps, targetMs, layers, validationImages } = reportOf(cut.stdout);
    expect(cut.exitCode).toBe((after.measuredMs ?? 0) <= targetMs ? 0 : 1);
    expect(cut.stderr).not.toContain('training 3 epochs first');
    expect(before.accuracy).toBe(start.before.accuracy);
    expect(after.latencyMs).toBeLessThanOrEqual(targetMs);
    expect(steps.at(-1)?.latencyMs).toBe(after.latencyMs);
    expect(steps.every(({ interpolated, proposals }) => interpolated === 0 && proposals > 0)).toBe(true);
    const latencies = [before.latencyMs, ...steps.map(({ latencyMs }) => latencyMs)];
    expect(latencies).toEqual([...latencies].sort((a, b) => b - a));
    expect(after.macs).toBeLessThan(before.macs);
    expect(after.params).toBeLessThan(before.params);
    expect(Object.values(layers).every((part) => part > 0 && part < 1)).toBe(true);
    expect(validationImages).toBe(30);
  });

  test('keeps the weights that each step has taken, which fit the narrower network', () => {
    const { adaptation, steps } = reportOf(cut.stdout);
    expect(keptWeights(folder, adaptation)).toHaveLength(steps.length);
  });

  test('gives a network that other commands take: its costs, and its weights as a start', async () => {
    const { adaptation, after, weights } = reportOf(cut.stdout);
    const cost = JSON.parse((await nas(['cost', adaptation, '--json'], folder)).stdout);
    expect(cost).toMatchObject({ name: adaptation, params: after.params, macs: after.macs });
    const train = ['train', adaptation, ...ADAPT.slice(2, -2), '--epochs', '1', '--weights', weights];
    const trained = await nas([...train, '--json'], folder);
    expect(trained.stderr).not.toMatch(/^error/m);
    expect(JSON.parse(trained.stdout).best.validationAccuracy).toBeGreaterThan(0.6);
    const unknown = await nas(['cost', 'a99'], folder);
    expect(unknown.stderr).toContain('a99: no such adaptation');
  });

  test.each([
    ['mobilenet-v3', 'l1'],
    ['netadapt', 'taylor'],
    ['netadapt', 'bn-gamma'],
  ])(
    'by rule %s and criterion %s; of a table alone, interpolated where it lacks a width',
    async (rule, criterion) => {
      const target = `${0.8 * start.before.latencyMs}ms`;
      const options = ['--table', table, '--target', target, '--weights', start.weights];
      const chosen = ['--rule', rule, '--criterion', criterion];
      const { stdout, stderr, exitCode } = await nas([...ADAPT, ...options, ...chosen, '--json'], folder);
      expect(stderr).not.toMatch(/^error/m);
      expect(exitCode).toBe(0);
      const { met, after, steps } = reportOf(stdout);
      expect(met).toBe(true);
      expect(after.measuredMs).toBeNull();
      expect(steps.length).toBeGreaterThan(0);
    },
  );

  test('one process is at work on it; killed within a step it refuses to start anew, and goes on with --resume to the same network', async () => {
    const killed = await project();
    cpSync(join(folder, table), join(killed, 'table.json'));
    cpSync(join(folder, table), join(folder, 'table.json'));
    const target = `${0.75 * start.before.latencyMs}ms`;
    const options = [...ADAPT, '--table', 'table.json', '--target', target, '--tune-epochs', '2'];
    const { child, ended } = startNas(options, killed);
    await waitFor(child, '  1/');
    child.kill('SIGSTOP');
    for (const asked of [options, [...options, '--resume']]) {
      const second = await nas(asked, killed);
      expect(second.exitCode).toBe(2);
      expect(second.stderr).toContain(`adaptation a1: process ${child.pid} is working on it`);
    }
    child.kill('SIGKILL');
    await ended;

    const unasked = await nas(options, killed);
    expect(unasked.exitCode).toBe(2);
    expect(unasked.stderr).toContain('--resume');

    const resumed = await nas([...options, '--resume', '--json'], killed);
    expect(resumed.stderr).not.toMatch(/^error/m);
    expect(resumed.stderr).toContain('of them done before');
    expect(resumed.stderr).not.toContain('epochs first');
    const unbroken = await nas([...options, '--json'], folder);
    expect(comparable(resumed.stdout)).toEqual(comparable(unbroken.stdout));
    expect(keptWeights(killed, 'a1')).toEqual(keptWeights(folder, reportOf(unbroken.stdout).adaptation));
  });

  test('a target that no cut reaches ends with exit code 1 and what there is', async () => {
    const options = ['--table', table, '--target', '1us', '--weights', start.weights, '--step', '0.5'];
    const { stdout, exitCode } = await nas([...ADAPT, ...options], folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('target 1.00 us missed');
    expect(stdout).toContain('weights  runs/');
  });

  test.each([
    [['--target', '12'], 'has no unit'],
    [['--target', '1ms', '--step', '1'], '--step: 1; expected a part of 1'],
    [['--target', '1ms', '--table', 'none.json'], 'none.json'],
    [['--target', '1ms', '--criterion', 'best'], "'best' is invalid"],
    [['--target', '1ms', '--runtime', 'litert', '--resume'], '--resume: no such adaptation'],
    [['--target', '1ms', '--runtime', 'litert', '--weights', 'none'], 'none: cannot be read'],
  ])('%j is refused in words', async (options, message) => {
    const { exitCode, stderr, stdout } = await nas([...ADAPT, ...options], folder);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('defect');
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
  });

  test('nas show tells its settings, its steps with all proposals, and what it came to', async () => {
    const { adaptation, steps, after } = reportOf(cut.stdout);
    const { stdout } = await nas(['show', adaptation, '--all'], folder);
    expect(stdout).toContain(`${adaptation}  of net.json, begun`);
    expect(stdout).toContain('taken by mobilenet-v3; channels ranked by l2');
    expect(stdout.match(/← taken/g)).toHaveLength(steps.length);
    expect(stdout.match(/^step \d+: /gm)).toHaveLength(steps.length);
    expect(stdout).toContain(`weights  ${reportOf(cut.stdout).weights}`);
    const document = JSON.parse((await nas(['show', adaptation, '--json'], folder)).stdout);
    expect(document).toMatchObject({ id: adaptation, network: 'net.json', outcome: { after } });
    expect(document.steps).toHaveLength(steps.length);
    const unknown = await nas(['show', 'a99'], folder);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain("no adaptation 'a99'");
  });

  test('every step and every proposal is in the store', () => {
    const { adaptation, steps } = reportOf(cut.stdout);
    const log = openAdaptationLog(join(folder, 'runs', 'nas.db'), { readOnly: true });
    const stored = log.all().find(({ id }) => id === adaptation);
    expect(stored).toMatchObject({ network: 'net.json', outcome: reportOf(cut.stdout) });
    for (const { step, proposals, accuracy } of steps) {
      const { results, chosen = -1 } = log.step(adaptation, step) ?? { results: new Map() };
      expect(results.size).toBe(proposals);
      expect(results.get(chosen)).toMatchObject({ accuracy });
    }
    log.close();
  });
});
