import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { afterAll, describe, expect, test } from 'vitest';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import { transpose } from '../../src/export/transpose.ts';
import { PYTHON } from '../trainers/pytorch/python.ts';
import { disagreement, examples, TOLERANCE } from './some-network.ts';

const CHECK = fileURLToPath(new URL('./check-onnx.py', import.meta.url));
const HAS_ONNX = spawnSync(PYTHON, ['-c', 'import onnx']).status === 0;

env.wasm.numThreads = 1;
/** More than one image: a model may take any number of them. */
const IMAGES = 2;
const EXAMPLES = examples(IMAGES).map((example) => [example.network.name, example] as const);

test.each(EXAMPLES)(
  'ONNX Runtime computes the exported %s as the trainer does',
  async (_, { network, input, output }) => {
    const [file] = EXPORT_FORMATS.onnx.write(network, 'network');
    const session = await InferenceSession.create(file!.content as Uint8Array);
    const [height, width, channels] = network.graph.nodes[0]!.shape;
    const images = transpose(input, [IMAGES, height, width, channels], [0, 3, 1, 2]);
    const feeds = {
      [session.inputNames[0]!]: new Tensor('float32', images, [IMAGES, channels, height, width]),
    };
    const result = (await session.run(feeds))[session.outputNames[0]!]!;
    const values = result.data as Float32Array;
    const found = result.dims.length === 4 ? transpose(values, result.dims, [0, 2, 3, 1]) : values;
    expect(disagreement(found, output)).toBeLessThan(TOLERANCE);
    await session.release();
  },
);

describe.skipIf(!HAS_ONNX)(`onnx of ${PYTHON}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nas-onnx-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('its checker takes every file, and batch-norms are folded where a convolution is before them', () => {
    const files = EXAMPLES.map(([, { network }], i) => {
      const path = join(folder, `${i}.onnx`);
      writeFileSync(path, EXPORT_FORMATS.onnx.write(network, 'network')[0]!.content);
      return path;
    });
    const { stdout, stderr, status } = spawnSync(PYTHON, [CHECK, ...files], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found).toHaveLength(EXAMPLES.length);
    const of = (name: string) => found[EXAMPLES.findIndex(([title]) => title === name)];
    expect(of('mobilenet-v2')).toMatchObject({ operator_set: [14], metadata: { input: 'normalised' } });
    expect(of('mobilenet-v2').operators).not.toContain('BatchNormalization');
    expect(of('espnetv2').operators).toContain('BatchNormalization');
  });
});
