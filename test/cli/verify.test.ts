import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { VerificationReport } from '../../src/report/verification-report.ts';
import { openVerificationLog } from '../../src/store/verifications.ts';
import { nas, temporaryProject, tinySpace } from './nas.ts';

const { proxy, stages, ...head } = tinySpace;
/** Deployed on 32x32 images of four classes. */
const network = { ...head, name: 'tiny-one', resolution: 32, stages: [stages[0], stages[2]] };
const VERIFY = ['verify', 'net.json', '--runtime', 'litert'];

const reportOf = (stdout: string): VerificationReport => JSON.parse(stdout);

describe('nas verify', () => {
  let folder: string;
  let trained: { best: { validationAccuracy: number; weights: string } };
  let met: Awaited<ReturnType<typeof nas>>;
  beforeAll(async () => {
    folder = await temporaryProject();
    writeFileSync(join(folder, 'net.json'), JSON.stringify(network));
    writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ ...proxy.recipe, epochs: 3 }));
    const train = ['train', 'net.json', '--dataset', 'folder:pictures', '--resolution', '12'];
    const split = ['--recipe', 'recipe.json', '--validation-images', '30', '--seed', 'some'];
    const { stdout, stderr } = await nas([...train, ...split, '--json'], folder);
    expect(stderr).not.toMatch(/^error/m);
    trained = JSON.parse(stdout);
    met = await nas([...VERIFY, '--target', '1s', '--json'], folder);
  });

  test('measures the file and the deployed network, and tries the file on the images of its training', () => {
    expect(met.stderr).not.toMatch(/^error/m);
    expect(met.exitCode).toBe(0);
    const report = reportOf(met.stdout);
    expect(report).toMatchObject({
      ...{ verification: 'v1', network: 'net.json', origin: 't1', targetMs: 1000, met: true },
      device: { runtime: 'litert', dtype: 'float32' },
      deployed: { resolution: 32, classes: 4, latency: { ran: 'graph' }, estimateMs: null },
      asFile: { resolution: 12, classes: 2, latency: { ran: 'file' } },
      accuracy: { images: 30, dataset: 'folder:pictures', ranOn: 'device' },
    });
    const { deployed, asFile, accuracy, file } = report;
    for (const { medianMs, p10Ms, p90Ms } of [deployed.latency, asFile!.latency]) {
      expect(p10Ms).toBeGreaterThan(0);
      expect(medianMs).toBeGreaterThanOrEqual(p10Ms);
      expect(p90Ms).toBeGreaterThanOrEqual(medianMs);
    }
    // LiteRT and the trainer may differ in the last bits, and so in an image that stands on the edge.
    expect(accuracy?.trained).toBe(trained.best.validationAccuracy);
    expect(Math.abs(accuracy!.accuracy - accuracy!.trained!)).toBeLessThan(0.05);
    expect(readFileSync(join(folder, file.path))).toHaveLength(file.bytes);
  });

  test('a target that is missed is exit code 1, in words as well', async () => {
    const { stdout, exitCode } = await nas([...VERIFY, '--target', '1us', '--images', '7'], folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('target 1.00 us missed');
    expect(stdout).toContain('of 7 validation images of folder:pictures, the file run on the device (litert');
    expect(stdout).toContain('no estimate: the latency table lacks kernels of it');
    expect(stdout).toContain('stored as v2');
  });

  test('without a target there is no verdict; with a table there is an estimate', async () => {
    await nas(['profile', '--runtime', 'litert', '--network', 'net.json'], folder);
    const { stdout, exitCode } = await nas([...VERIFY, '--json'], folder);
    expect(exitCode).toBe(0);
    const { met: verdict, targetMs, deployed } = reportOf(stdout);
    expect([verdict, targetMs]).toEqual([null, null]);
    expect(deployed.estimateMs).toBeGreaterThan(0);
  });

  test('in the size that was trained there is one latency, of the file', async () => {
    const { stdout } = await nas([...VERIFY, '--deploy-as-trained', '--target', '1s', '--json'], folder);
    expect(reportOf(stdout)).toMatchObject({
      ...{ asFile: null, met: true },
      deployed: { resolution: 12, classes: 2, latency: { ran: 'file' } },
    });
  });

  test('a file that was exported before is what runs, and one that is none is refused', async () => {
    await nas(['export', 'net.json', '--format', 'tflite', '-o', 'net.tflite'], folder);
    const { stdout } = await nas([...VERIFY, '--model', 'net.tflite', '--json'], folder);
    expect(reportOf(stdout).file.path).toBe('net.tflite');
    writeFileSync(join(folder, 'broken.tflite'), 'no model');
    const broken = await nas([...VERIFY, '--model', 'broken.tflite'], folder);
    expect(broken.exitCode).toBe(2);
    expect(broken.stderr).toContain('a file that LiteRT does not load');
  });

  test('a file of integers is told as such, and none is estimated by a table of float32', async () => {
    await nas(['export', 'net.json', '--format', 'tflite', '--int8', '-o', 'int8.tflite'], folder);
    const file = [...VERIFY, '--model', 'int8.tflite', '--deploy-as-trained', '--json'];
    const report = reportOf((await nas(file, folder)).stdout);
    expect(report).toMatchObject({ file: { int8: true }, asFile: null, accuracy: { images: 30 } });
    expect(report.deployed).toMatchObject({ latency: { ran: 'file' }, estimateMs: null });
    expect(reportOf(met.stdout).file.int8).toBe(false);
  });

  test('what was verified is in the store', () => {
    const log = openVerificationLog(join(folder, 'runs', 'nas.db'), { readOnly: true });
    const { verification: _, ...report } = reportOf(met.stdout);
    expect(log.all().find(({ id }) => id === 'v1')).toMatchObject({ network: 'net.json', report });
    log.close();
  });

  test.each([
    [['--target', '12'], 'has no unit'],
    [['--model', 'none.tflite'], 'none.tflite: cannot be read'],
    [['--dataset', 'folder:nowhere'], 'nowhere'],
    [['--width', '2'], 'no stored training of it of width 2'],
  ])('%j is refused in words', async (options, message) => {
    const { exitCode, stderr, stdout } = await nas([...VERIFY, ...options], folder);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('defect');
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(existsSync(join(folder, 'none.tflite'))).toBe(false);
  });
});
