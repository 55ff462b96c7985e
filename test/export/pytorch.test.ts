import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import { HAS_TORCH, PYTHON } from '../trainers/pytorch/python.ts';
import { disagreement, examples, TOLERANCE } from './some-network.ts';

const RUN_MODULES = fileURLToPath(new URL('./run-modules.py', import.meta.url));
const NORMALISATION = { mean: [125.3, 123, 113.9], standardDeviation: [63, 62.1, 66.7] };
/** More than one image: a module may take any number of them. */
const EXAMPLES = examples(2).map((example, i) => [example.network.name, `example_${i}`, example] as const);

describe.skipIf(!HAS_TORCH)(`PyTorch of ${PYTHON}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nas-export-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(() => {
    const cases = EXAMPLES.map(([, stem, { network, input, images }]) => {
      const takesThree = network.graph.nodes[0]!.shape[2] === 3;
      const told = { ...network, images: { values: 'normalised', normalisation: NORMALISATION } } as const;
      for (const { suffix, content } of EXPORT_FORMATS.pytorch.write(takesThree ? told : network, stem)) {
        writeFileSync(join(folder, `${stem}${suffix}`), content);
      }
      // As a user gives them to a module that normalises: pixels, though not whole ones.
      const { mean, standardDeviation } = NORMALISATION;
      const given = takesThree
        ? input.map((value, i) => value * standardDeviation[i % 3]! + mean[i % 3]!)
        : input;
      writeFileSync(join(folder, `${stem}.input`), Buffer.from(given.buffer));
      return { stem, input: [images, ...network.graph.nodes[0]!.shape], pixels: takesThree };
    });
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
    const { status, stderr } = spawnSync(PYTHON, ['-B', RUN_MODULES, folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test.each(EXAMPLES)('computes the exported %s as the trainer does', (_, stem, { output }) => {
    const bytes = readFileSync(join(folder, `${stem}.output`));
    const found = new Float32Array(Uint8Array.from(bytes).buffer);
    expect(disagreement(found, output)).toBeLessThan(TOLERANCE);
  });
});

test('a module tells how to normalise, in a function that its example calls', () => {
  const { network } = EXAMPLES[0]![2];
  const told = { ...network, images: { values: 'normalised', normalisation: NORMALISATION } } as const;
  const text = EXPORT_FORMATS.pytorch.write(told, 'net')[0]!.content as string;
  expect(text).toContain('logits = network(normalise(pixels))');
  expect(text).toContain('MEAN = [125.3, 123, 113.9]');
  expect(text.split('\n').every((line) => line.length <= 120)).toBe(true);
});

test('layers of one code are of one class, and a residual keeps its input', () => {
  const example = EXAMPLES.find(([name]) => name === 'mobilenet-v2')![2];
  const text = EXPORT_FORMATS.pytorch.write(example.network, 'net')[0]!.content as string;
  expect(text).toContain('self.stage4_layer3 = Stage4Layer1()');
  expect(text).toContain('x = x + y\n        return x');
  expect(text.split('\n').every((line) => line.length <= 120)).toBe(true);
});
