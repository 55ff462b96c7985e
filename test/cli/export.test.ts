import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openAdaptationLog } from '../../src/store/adaptations.ts';
import { thisProcess } from '../../src/store/owner.ts';
import { decodeSafetensors } from '../../src/trainers/safetensors.ts';
import { nas, temporaryProject, tinySpace } from './nas.ts';
import { storeRuns } from './stored-project.ts';

const { proxy, stages, ...head } = tinySpace;
const network = { ...head, name: 'tiny-one', stages: [stages[0], stages[2]] };
const TRAIN = ['train', 'net.json', '--dataset', 'folder:pictures', '--resolution', '12', '--json'];

let folder: string;
let narrow: { readonly best: { readonly weights: string; readonly validationAccuracy: number } };
let wide: typeof narrow;

beforeAll(async () => {
  folder = await temporaryProject();
  writeFileSync(join(folder, 'net.json'), JSON.stringify(network));
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify(proxy.recipe));
  const trained = async (width: string) => {
    const args = [...TRAIN, '--recipe', 'recipe.json', '--width', width];
    return JSON.parse((await nas(args, folder)).stdout);
  };
  narrow = await trained('1');
  wide = await trained('2');
});

async function exported(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await nas(['export', ...args, '--json'], folder);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout);
}

test('takes the best weights of the newest training, and its sizes', async () => {
  const document = await exported('net.json', '--format', 'json');
  expect(document).toMatchObject({
    ...{ network: 'net.json', format: 'json', origin: 't2', weights: wide.best.weights, classes: 2 },
    ...{ input: [1, 12, 12, 3], layout: 'NHWC' },
  });
  expect(document.files.map(({ path }: { path: string }) => path)).toEqual([
    'tiny-one.json',
    'tiny-one.safetensors',
  ]);
  const tensorsIn = (file: string) =>
    new Map([...decodeSafetensors(readFileSync(join(folder, file)), file).tensors].sort());
  expect(tensorsIn('tiny-one.safetensors')).toEqual(tensorsIn(wide.best.weights));
});

test('a size that is asked for chooses the training, a resolution does not', async () => {
  const args = ['net.json', '--format', 'tflite', '-o', 'narrow.tflite'];
  const document = await exported(...args, '--width', '1', '--resolution', '16');
  expect(document).toMatchObject({
    ...{ origin: 't1', weights: narrow.best.weights, input: [1, 16, 16, 3] },
    files: [{ path: 'narrow.tflite', bytes: readFileSync(join(folder, 'narrow.tflite')).length }],
  });
});

test('weights of a stored training bring their sizes along', async () => {
  const args = ['net.json', '--format', 'tflite', '--weights', narrow.best.weights];
  expect(await exported(...args)).toMatchObject({ origin: 't1', input: [1, 12, 12, 3], classes: 2 });
});

test('an adaptation is exported with the weights that it came to', async () => {
  const trainings = JSON.parse((await nas(['trainings', '--json'], folder)).stdout);
  const { architecture, build, dataset, seed, images } = trainings.find(
    ({ id }: { id: string }) => id === 't1',
  );
  const log = openAdaptationLog(join(folder, 'runs', 'nas.db'));
  const config = { architecture, trainedBuild: build, dataset, seed, images };
  const origin = { identity: 'one', network: 'net.json', config };
  const { id } = log.create(origin, '2026-01-01T00:00:00Z', thisProcess());
  log.finish(
    id,
    { layers: {}, weights: narrow.best.weights, after: { accuracy: 0.5 } },
    '2026-01-01T00:00:01Z',
  );
  log.close();
  expect(await exported(id, '--format', 'json')).toMatchObject({
    ...{ origin: 'a1', weights: narrow.best.weights, input: [1, 12, 12, 3] },
    files: [{ path: 'a1.json' }, { path: 'a1.safetensors' }],
  });
});

test('a file says how its images were normalised in training, which the training keeps', async () => {
  const [training] = JSON.parse((await nas(['trainings', '--json'], folder)).stdout);
  const { mean, standardDeviation, ...split } = training.images;
  expect(split).toEqual({ trainImages: 108, validationImages: 12 });
  expect(mean).toHaveLength(3);
  const document = await exported('net.json', '--format', 'json');
  expect(document.images).toEqual({ values: 'normalised', normalisation: { mean, standardDeviation } });
  const file = JSON.parse(readFileSync(join(folder, 'tiny-one.json'), 'utf8'));
  expect(file.images).toEqual(document.images);
  const normalising = await exported('net.json', '--format', 'json', '--normalise', '-o', 'pixels.json');
  expect(normalising.images).toEqual({ values: 'pixels', normalisation: { mean, standardDeviation } });
});

test('a file that is checked is as accurate as its weights were in training', async () => {
  const { exitCode, stdout, stderr } = await nas(
    ['export', 'net.json', '--format', 'tflite', '--check', '--normalise', '-o', 'checked.tflite', '--json'],
    folder,
  );
  expect(exitCode, stderr).toBe(0);
  const { validation } = JSON.parse(stdout);
  const { validationAccuracy } = wide.best;
  expect(validation).toEqual({
    ...{ images: 12, accuracy: validationAccuracy },
    ...{ float32Accuracy: validationAccuracy, trainedAccuracy: validationAccuracy },
  });
});

test('int8 is calibrated by training images and told beside float32', async () => {
  const args = ['export', 'net.json', '--format', 'tflite', '--int8', '--calibration-images', '20'];
  const { exitCode, stdout, stderr } = await nas(args, folder);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('calibrated by 20 training images');
  expect(stdout).toMatch(/accuracy [\d.]+ % of 12 validation images, run by LiteRT; [\d.]+ % in float32/);
  const float32 = await exported('net.json', '--format', 'tflite', '-o', 'float32.tflite');
  const { size } = statSync(join(folder, 'tiny-one-int8.tflite'));
  expect(size).toBeLessThan(float32.files[0].bytes);
  // Drop-in for the float32 file, to programs that take such files as well.
  const { validation } = JSON.parse((await nas([...args, '--json'], folder)).stdout);
  expect(Math.abs(validation.accuracy - validation.float32Accuracy)).toBeLessThan(0.2);
});

test('a module has a name that Python imports', async () => {
  const document = await exported('net.json', '--format', 'pytorch');
  expect(document).toMatchObject({ origin: 't2', input: [1, 3, 12, 12], layout: 'NCHW' });
  const paths = document.files.map(({ path }: { path: string }) => path);
  expect(paths).toEqual(['tiny_one.py', 'tiny_one.safetensors']);
  expect(readFileSync(join(folder, 'tiny_one.py'), 'utf8')).toContain('"tiny_one.safetensors"');
});

test('untrained only when asked; what it wrote is told to people too', async () => {
  const { stdout, exitCode } = await nas(
    ['export', 'mobilenet-v2', '--untrained', '--width', '0.25', '--resolution', '32', '--format', 'tflite'],
    folder,
  );
  expect(exitCode).toBe(0);
  expect(stdout).toContain('random: the network is untrained');
  expect(stdout).toContain('[1, 32, 32, 3]');
  expect(stdout).toContain('written  mobilenet-v2.tflite');
  expect(existsSync(join(folder, 'mobilenet-v2.tflite'))).toBe(true);
});

test.each([
  [['no-such-network', '--format', 'json'], 'no space or network of that name'],
  [
    ['old.tflite', '--format', 'json'],
    'old.tflite: an exported file; expected the network that it was written of',
  ],
  [['net.json'], "'--format <name>' not specified"],
  [['net.json', '--format', 'caffe'], "'caffe' is invalid"],
  [['mobilenet-v2', '--format', 'json'], 'nas train mobilenet-v2 trains it'],
  [['net.json', '--format', 'json', '--width', '3'], 'no stored training of it of width 3'],
  [['net.json', '--format', 'json', '--weights', 'none.safetensors'], 'none.safetensors: cannot be read'],
  [['net.json', '--format', 'json', '--weights', 'net.json'], 'net.json: '],
  [['net.json', '--format', 'json', '--weights', 'pictures'], 'pictures: cannot be read'],
  [['net.json', '--format', 'json', '--weights', 'x', '--untrained'], 'expected one of the two'],
  [['net.json', '--format', 'json', '--strides', '2', '--untrained'], '--strides: 2; expected at most 1'],
  [['net.json', '--format', 'onnx', '--int8'], '--int8: beside --format onnx; expected --format tflite'],
  [['net.json', '--format', 'json', '--check'], '--check: beside --format json; expected --format tflite'],
  [['net.json', '--format', 'tflite', '--int8', '--untrained'], '--int8: beside --untrained'],
  [['net.json', '--format', 'tflite', '--calibration-images', '9'], '--calibration-images: no --int8'],
  [
    ['net.json', '--format', 'json', '--normalise', '--untrained'],
    '--dataset: weights of no stored training',
  ],
  [['net.json', '--format', 'json', '-o', 'net.txt'], 'net.txt; expected a file that ends in .json'],
  [['net.json', '--format', 'json', '-o', 'no/such/net.json'], 'net.json: cannot be written'],
])('%j is refused in words', async (args, message) => {
  const { exitCode, stdout, stderr } = await nas(['export', ...args], folder);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('defect');
  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
});

test('weights of another size are refused', async () => {
  const args = ['net.json', '--format', 'json', '--weights', narrow.best.weights, '--width', '2'];
  const { exitCode, stderr } = await nas(['export', ...args], folder);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('of shape [3, 3, 3, 8]; expected float32 of shape [3, 3, 3, 16]');
});

test('a trial of a run is exported under its number, a narrowed network as narrow as its file says', async () => {
  const [run] = storeRuns(folder, [{ space: tinySpace, seed: '1', trials: 2, targetMs: 10 }]);
  const trial = `${run}/1`;
  const refused = await nas(['export', trial, '--format', 'onnx'], folder);
  expect(refused.stderr).toContain(`nas train ${trial} trains it`);
  expect(refused.exitCode).toBe(2);
  const [, , ...options] = TRAIN;
  await nas(['train', trial, ...options, '--recipe', 'recipe.json'], folder);
  expect(await exported(trial, '--format', 'onnx')).toMatchObject({
    ...{ input: [1, 3, 12, 12], layout: 'NCHW', images: { values: 'normalised' } },
    files: [{ path: `${run}-1.onnx` }],
  });
  writeFileSync(
    join(folder, 'narrow.json'),
    JSON.stringify({ ...network, name: 'narrow', narrowed: { 'stages.0.0.convolution': 0.5 } }),
  );
  await exported('narrow.json', '--format', 'json', '--untrained', '-o', 'narrow-ops.json');
  const { nodes } = JSON.parse(readFileSync(join(folder, 'narrow-ops.json'), 'utf8'));
  expect(nodes[1]).toMatchObject({ name: 'stages.0.0.convolution', op: { channels: 4 } });
});
