import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeHost, slugOf } from '../../src/devices/host.ts';
import { writeTable } from '../../src/devices/table-file.ts';
import { fitCalibration } from '../../src/latency/calibration.ts';
import type { LatencyTable } from '../../src/latency/table.ts';
import { kernelsOfSpace } from '../../src/space/kernels.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { someKernel, someProvenance, someTable } from '../latency/some-table.ts';
import { nas, temporaryFolder, tinySpace } from './nas.ts';

const cwd = temporaryFolder();

/** A network of a stem, a block and a classifier, and what another program measured of it. */
const network = {
  ...{ name: 'three', family: 'test', paper: 'none', resolution: 32, classes: 10 },
  stages: [
    { block: { type: 'convolution', kernel: 3, activation: 'relu6' }, channels: 8, stride: 2 },
    { block: { type: 'inverted-residual', kernel: 5, expansion: 3, activation: 'relu6' }, repeat: 2 },
    { block: { type: 'classifier' } },
  ],
};
const PROXYLESS = `Conv-input:32x32x3-output:16x16x8: {mean: 1.5}
expanded_conv-input:16x16x8-output:16x16x8-expand:3-kernel:5-stride:1-idskip:1:
  mean: 2.25
Logits-input:16x16x8-output:10: {mean: 0.125}
`;
const UNKNOWN = 'Deconv-input:8x8x8-output:16x16x8: {mean: 3}\n';
const PHONE = ['--format', 'proxylessnas', '--device', 'some-phone', '--runtime', 'tflite'];

beforeAll(() => {
  writeFileSync(join(cwd, 'network.json'), JSON.stringify(network));
  writeFileSync(join(cwd, 'phone.yaml'), PROXYLESS);
  writeFileSync(join(cwd, 'unknown.yaml'), PROXYLESS + UNKNOWN);
});

const run = (...args: string[]) => nas(args, cwd);
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);

describe('nas tables import', () => {
  test('takes over what another program measured, and nas estimate goes by it', async () => {
    const facts = ['--processor', 'Some 1', '--runtime-version', '1.12', '--measured-at', '2019-03-01'];
    const { table, ...rest } = await json('tables', 'import', 'phone.yaml', ...PHONE, ...facts);
    expect(rest).toEqual({ rows: 3, kernels: 3, sequences: 2, repeated: 0, empty: 0, unknown: [] });
    const written = readFileSync(join(cwd, table), 'utf8');
    expect(JSON.parse(written).provenance).toEqual({
      ...{ device: 'some-phone', processor: 'Some 1', runtime: 'tflite', runtimeVersion: '1.12' },
      ...{ dtype: 'float32', threads: 1, core: null, governor: null, operatingSystem: null },
      measuredAt: '2019-03-01T00:00:00.000Z',
      nasVersion: expect.any(String),
      imported: {
        ...{ format: 'proxylessnas', statistic: 'mean', importedAt: expect.any(String) },
        files: [{ name: 'phone.yaml', sha256: createHash('sha256').update(PROXYLESS).digest('hex') }],
      },
    });
    expect(written).not.toContain(basename(cwd));
    const { latencyMs, intervalMs, kernels } = await json('estimate', 'network.json', '--table', table);
    expect([latencyMs, intervalMs]).toEqual([1.5 + 2 * 2.25 + 0.125, null]);
    expect(kernels.map(({ count }: { count: number }) => count)).toEqual([1, 2, 1]);
    const { stdout } = await run('estimate', 'network.json', '--table', table);
    expect(stdout).toContain('imported from phone.yaml (proxylessnas, means)');
    const lacking = await run('estimate', 'mobilenet-v2', '--table', table);
    expect([lacking.exitCode, lacking.stderr]).toEqual([2, expect.stringContaining('import the file again')]);
  });

  test('leaves a table that is there as it is, unless it is to be replaced', async () => {
    const other = [...PHONE.slice(0, 2), '--device', 'other-phone', '--runtime', 'tflite'];
    const { table } = await json('tables', 'import', 'phone.yaml', ...other);
    const before = readFileSync(join(cwd, table), 'utf8');
    const again = await run('tables', 'import', 'phone.yaml', ...other);
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('--force')]);
    expect(readFileSync(join(cwd, table), 'utf8')).toBe(before);
    expect((await run('tables', 'import', 'phone.yaml', ...other, '--force')).exitCode).toBe(0);
  });

  test('names a row that it does not understand, or lists it', async () => {
    const to = [...PHONE.slice(0, 2), '--device', 'third-phone', '--runtime', 'tflite'];
    const refused = await run('tables', 'import', 'unknown.yaml', ...to);
    expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(/^error unknown\.yaml:5: 'Deconv-.*'; expected a layer of the kind Conv/);
    const { unknown, kernels } = await json('tables', 'import', 'unknown.yaml', ...to, '--skip-unknown');
    expect([kernels, unknown]).toEqual([3, [expect.objectContaining({ where: 'unknown.yaml:5' })]]);
    const text = await run('tables', 'import', 'unknown.yaml', ...to, '--skip-unknown', '--force');
    expect(text.stdout).toContain('3 kernels from 4 rows; 2 of them several in a row; 1 rows left out');
    expect(text.stderr).toMatch(/^left out unknown\.yaml:5: /);
  });

  test.each([
    [['phone.yaml', '--format', 'csv'], "phone.yaml:1: a column 'Conv-input"],
    [['none.yaml', '--format', 'csv'], 'none.yaml: cannot be read'],
    [['.', '--format', 'csv'], '.: no file'],
    [['network.json', '--format', 'nn-meter'], 'network.json: name: something else than an object'],
    [['phone.yaml', '--format', 'excel'], 'Allowed choices are csv, fbnet, proxylessnas, nn-meter'],
    [['phone.yaml', '--format', 'csv', '--device', '../x'], 'Expected lower-case words and dashes'],
    [['phone.yaml', '--format', 'csv', '--measured-at', '2019-02-31'], 'Expected a date'],
  ])('%j is refused', async (args, message) => {
    const needed = ['--device', 'x', '--runtime', 'y'];
    const { exitCode, stderr } = await run('tables', 'import', ...needed, ...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('a file larger than any table is refused before it is read', async () => {
    writeFileSync(join(cwd, 'large.csv'), Buffer.alloc(9 * 2 ** 20, ','));
    const { exitCode, stderr } = await run('tables', 'import', 'large.csv', ...PHONE);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('large.csv: 9.0 MiB; expected a file')]);
  });
});

describe('a measured table', () => {
  const device = slugOf(describeHost().processor);
  const table = join('latency-tables', device, 'litert.json');
  const measured: LatencyTable = {
    ...someTable(
      kernelsOfSpace(parseSpace(tinySpace, 'tiny')).map(({ signature }, i) => someKernel(signature, 0.1 * i)),
    ),
    provenance: { ...someProvenance, device },
    calibration: fitCalibration([
      { name: 'a', sumMs: 1, kernels: 9, weightMebibytes: 1, measuredMs: 1.1 },
      { name: 'b', sumMs: 2, kernels: 19, weightMebibytes: 2, measuredMs: 2.1 },
    ]),
  };
  beforeAll(() => writeTable(join(cwd, table), measured, { replace: true }));

  test('is exported as CSV, to stdout or to a file, and imported as it was', async () => {
    const { stdout } = await run('tables', 'export', `${device}/litert`);
    expect(stdout).toMatch(/^signature,op,inputs,.*,rejected\r\n/);
    expect((await run('tables', 'export', table, '-o', 'kernels.csv')).exitCode).toBe(0);
    expect(readFileSync(join(cwd, 'kernels.csv'), 'utf8')).toBe(stdout);
    const to = ['--format', 'csv', '--device', 'copy', '--runtime', 'litert'];
    const copy = await json('tables', 'import', 'kernels.csv', ...to);
    const kernelsOf = (path: string) => JSON.parse(readFileSync(join(cwd, path), 'utf8')).kernels;
    expect(kernelsOf(copy.table)).toEqual(kernelsOf(table));
    expect(await json('tables', 'export', copy.table)).toEqual({
      ...{ table: copy.table, kernels: copy.kernels, file: null, csv: stdout },
    });
  });

  test('is listed with how exact it is, among those that were imported', async () => {
    const tables: { table: string }[] = await json('tables');
    const errors =
      measured.calibration?.networks.map(({ leaveOneOutError }) => Math.abs(leaveOneOutError)) ?? [];
    // The median of two.
    const meanError = errors.reduce((sum, error) => sum + error / 2, 0);
    expect(meanError).toBeGreaterThan(0);
    expect(tables.find((listed) => listed.table === table)).toMatchObject({
      ...{ device, runtime: 'litert', dtype: 'float32', threads: 1, kernels: measured.kernels.size },
      calibration: { networks: 2, medianError: expect.closeTo(meanError, 10) },
      ...{ measuredAt: someProvenance.measuredAt, imported: null },
    });
    const { stdout } = await run('tables');
    expect(stdout).toMatch(
      /latency-tables\/some-phone\/tflite\.json .* 2019-03-01, imported .* \(proxylessnas\)/,
    );
  });

  test('a broken table is named and the others are listed', async () => {
    mkdirSync(join(cwd, 'latency-tables', 'broken'));
    writeFileSync(join(cwd, 'latency-tables', 'broken', 'litert.json'), '{');
    const { exitCode, stdout, stderr } = await run('tables', '--json');
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/^left out .*broken.litert\.json: not JSON/),
    ]);
    expect(JSON.parse(stdout)).toContainEqual({
      table: join('latency-tables', 'broken', 'litert.json'),
      error: expect.stringContaining('not JSON'),
    });
  });

  test('an imported one in its place is neither extended nor replaced by measuring', async () => {
    const to = ['--format', 'csv', '--device', device, '--runtime', 'litert', '--force'];
    expect((await run('tables', 'import', 'kernels.csv', ...to)).exitCode).toBe(0);
    const before = readFileSync(join(cwd, table), 'utf8');
    const { exitCode, stderr } = await run(
      'profile',
      '--network',
      'mobilenet-v3-small',
      '--runtime',
      'litert',
    );
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('a table imported from kernels.csv (csv)'),
    ]);
    expect(readFileSync(join(cwd, table), 'utf8')).toBe(before);
  });
});
