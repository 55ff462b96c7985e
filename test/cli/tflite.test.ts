import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelsRunBy, quickBenchmarkModel } from '../devices/tflite/quick-benchmark-model.ts';
import { nas, SEARCH, startNas, temporaryFolder, temporaryProject, tinySpace, waitFor } from './nas.ts';

const TFLITE = ['--runtime', 'tflite', '--benchmark-model'];
const program = quickBenchmarkModel();

describe('--runtime tflite', { timeout: 600_000 }, () => {
  test('nas profile measures a space into a table of its own, and says by what', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'space.json'), JSON.stringify(tinySpace));
    // As a user names a program beside.
    copyFileSync(program, join(cwd, 'benchmark_model'));
    const args = ['--space', 'space.json', ...TFLITE, 'benchmark_model', '--json'];
    const { exitCode, stdout, stderr } = await nas(['profile', ...args], cwd);
    expect(exitCode, stderr).toBe(0);
    const { table, kernels, measured } = JSON.parse(stdout);
    expect(table).toMatch(/tflite\.json$/);
    expect(measured).toBe(kernels);
    const { provenance, calibration } = JSON.parse(readFileSync(join(cwd, table), 'utf8'));
    expect(provenance.runtimeVersion).toMatch(/^benchmark_model [0-9a-f]{12}, XNNPACK, medians of runs$/);
    expect(calibration.networks.length).toBeGreaterThan(2);

    // Another build is another runtime.
    const other = await nas(
      ['profile', '--space', 'space.json', ...TFLITE, quickBenchmarkModel('works', 9)],
      cwd,
    );
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toMatch(/tflite\.json: provenance\.runtimeVersion is "benchmark_model /);
  });

  test('nas search measures with it, and so does the run that is resumed', async () => {
    const cwd = await temporaryProject();
    copyFileSync(program, join(cwd, 'benchmark_model'));
    const own = join(cwd, 'benchmark_model');
    const search = SEARCH.map((word) => (word === 'litert' ? 'tflite' : word));
    const options = ['--benchmark-model', 'benchmark_model', '--trials', '6'];
    const { child, ended } = startNas([...search, ...options], cwd);
    await waitFor(child, '2/6');
    child.kill('SIGKILL');
    await ended;
    const before = modelsRunBy(own).length;
    expect(before).toBeGreaterThan(0);
    const resumed = await nas(['search', '--resume', '--json'], cwd);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout).trials).toBe(6);
    expect(modelsRunBy(own).length).toBeGreaterThan(before);
  });

  test('nas measure prints what the figure is', async () => {
    const small = ['mobilenet-v3-small', '--width', '0.25', '--resolution', '32'];
    const { stdout, stderr } = await nas(['measure', ...small, ...TFLITE, program], dirname(program));
    expect(stdout, stderr).toMatch(
      /\(median of 5, 0 disturbed thrown away\), .*, tflite benchmark_model [0-9a-f]{12}, XNNPACK, medians of runs, float32, 1 thread/,
    );
  });

  test('options that do not go together are refused', async () => {
    const cwd = temporaryFolder();
    for (const [args, message] of [
      [
        ['--runtime', 'tflite'],
        '--runtime: tflite without the program that runs it; expected --runtime tflite',
      ],
      [['--benchmark-model', program], '--benchmark-model: no --runtime tflite beside it'],
      [[...TFLITE, 'nothing'], `--benchmark-model: ENOENT`],
      [[...TFLITE, program, '--dtype', 'int8'], '--dtype: int8, which tflite on'],
      [[...TFLITE, program, '--device', 'browser'], '--runtime: an option that a browser does not have'],
    ] as const) {
      const { exitCode, stderr } = await nas(['measure', 'mobilenet-v2', ...args], cwd);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    expect(readdirSync(cwd)).toEqual([]);
    expect(existsSync(join(cwd, 'latency-tables'))).toBe(false);
  });
});
