import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WORKER_CODE } from '../../../src/trainers/pytorch/worker-code.ts';
import { encodeSafetensors } from '../../../src/trainers/safetensors.ts';
import { brokenBytes } from '../../fuzz/hostile.ts';
import { HAS_TORCH, PYTHON } from './python.ts';

const SCRIPT = fileURLToPath(new URL('./hostile-files.py', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the worker makes of files of these contents, each: `read`, `refused`, or an exception. */
function outcomes(kind: 'weights' | 'images', contents: readonly Uint8Array[]): readonly string[] {
  const paths = contents.map((content, i) => {
    const path = join(folder, `${kind}-${i}`);
    writeFileSync(path, content);
    return path;
  });
  const { stdout, stderr } = spawnSync(PYTHON, ['-B', SCRIPT, WORKER_CODE, kind], {
    input: JSON.stringify(paths),
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(stderr, { cause });
  }
}

describe.skipIf(!HAS_TORCH)(`the PyTorch worker (${PYTHON})`, () => {
  const weights = encodeSafetensors({
    tensors: new Map([
      ['1.weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
      ['flips', { shape: [3], data: Uint8Array.of(0, 1, 255) }],
    ]),
    metadata: { epoch: '3' },
  });
  /** A file of this header and so many bytes after it. */
  const withHeader = (header: string, bytes = 0): Uint8Array => {
    const file = Buffer.alloc(8 + header.length + bytes);
    file.writeBigUInt64LE(BigInt(header.length));
    file.write(header, 8, 'latin1');
    return file;
  };
  const tensor = (begin: number, end: number, shape: unknown): string =>
    JSON.stringify({ dtype: 'F32', shape, data_offsets: [begin, end] });

  test('reads good weights, and refuses hostile ones in its own words', () => {
    const overlapping = Array.from(
      { length: 20_000 },
      (_, i) => `"w${i}": ${tensor(1, (4 << 20) + 1, [1 << 20])}`,
    );
    const hostile = [
      new Uint8Array(0),
      Buffer.alloc(8, 255),
      withHeader('['.repeat(100_000)),
      withHeader('[]'),
      withHeader('{"w": 1e999}'),
      withHeader(`{"w": ${tensor(0, 4, [1e300])}}`, 4),
      withHeader(`{"w": ${tensor(0, 4, [2 ** 31, 2 ** 31])}}`, 4),
      withHeader(`{"w": ${tensor(0, 4, 'x')}}`, 4),
      withHeader(`{"w": ${tensor(-4, 0, [1])}}`, 4),
      withHeader('{"__metadata__": 1, "w": null}'),
      // Each would be copied, for it is not aligned.
      withHeader(`{${overlapping.join()}}`, (4 << 20) + 1),
    ];
    expect(outcomes('weights', [weights, ...hostile])).toEqual(['read', ...hostile.map(() => 'refused')]);
  });

  test('reads broken weights or refuses them', () => {
    const broken = fc.sample(brokenBytes(weights), { numRuns: 500, seed: 10 });
    const strange = outcomes('weights', broken).filter((outcome) => !['read', 'refused'].includes(outcome));
    expect(strange).toEqual([]);
  });

  const hasPillow = spawnSync(PYTHON, ['-c', 'import PIL.Image']).status === 0;
  test.skipIf(!hasPillow)('decodes photographs alone, and starts no program for other pictures', async () => {
    const pixels = sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } });
    const good = await Promise.all(
      [pixels.clone().png(), pixels.clone().jpeg(), pixels.clone().webp()].map((each) => each.toBuffer()),
    );
    const eps = Buffer.from(
      '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n(%pipe%touch x) (w) file\nshowpage\n%%EOF\n',
    );
    const others = [eps, await pixels.clone().gif().toBuffer(), await pixels.clone().tiff().toBuffer()];
    const told = outcomes('images', [...good, ...others]);
    expect(told.slice(0, 3)).toEqual(['read', 'read', 'read']);
    for (const outcome of told.slice(3)) expect(outcome).toMatch(/^UnidentifiedImageError/);
  });
});
