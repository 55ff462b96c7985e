import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { createRng } from '../../src/base/rng.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program as a user would; `ended` resolves when it is gone. */
export function startNas(
  args: readonly string[],
  cwd: string,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  return { child, ended };
}

export function nas(args: readonly string[], cwd: string): Promise<Ended> {
  return startNas(args, cwd).ended;
}

/** Resolves when the program has written `text` to stderr. */
export function waitFor(child: ChildProcess, text: string): Promise<void> {
  let seen = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk: string) => {
      seen += chunk;
      if (seen.includes(text)) resolve();
    });
    child.on('close', () => reject(new Error(`ended without '${text}':\n${seen}`)));
  });
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "nas it's "));
}

/** A space of 2 · 3 · 2 networks, small enough to measure and train in a second. */
export const tinySpace = {
  name: 'tiny',
  family: 'test',
  paper: 'none',
  resolution: 16,
  classes: 4,
  proxy: {
    resolution: 8,
    width: 0.5,
    divisor: 4,
    dropEarlyStrides: 1,
    trainImages: 64,
    validationImages: 32,
    recipe: {
      epochs: 2,
      batchSize: 16,
      peakLearningRate: 0.05,
      warmupFraction: 0.15,
      momentum: 0.9,
      weightDecay: 0.0005,
      labelSmoothing: 0.05,
      flip: true,
      shiftPixels: 1,
    },
  },
  stages: [
    { block: { type: 'convolution', kernel: 3, activation: 'relu' }, channels: 8, stride: 2 },
    {
      block: { type: 'inverted-residual', kernel: { choose: [3, 5] }, expansion: 3, activation: 'hswish' },
      channels: { choose: [8, 16, 24] },
      repeat: { choose: [1, 2] },
    },
    { block: { type: 'classifier' } },
  ],
};

/** A folder with a tiny space (`space.json`) and pictures of two easy classes (`pictures/`). */
export async function temporaryProject(): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'space.json'), JSON.stringify(tinySpace));
  const rng = createRng('pictures');
  for (const [label, name] of ['dark', 'light'].entries()) {
    const pictures = join(folder, 'pictures', name);
    mkdirSync(pictures, { recursive: true });
    for (let i = 0; i < 60; i++) {
      const pixels = Buffer.from(
        Array.from({ length: 12 * 12 * 3 }, () => 60 + 100 * label + rng.integer(60)),
      );
      const image = sharp(pixels, { raw: { width: 12, height: 12, channels: 3 } });
      await (i % 2 === 0 ? image.png() : image.jpeg()).toFile(
        join(pictures, `${i}.${i % 2 === 0 ? 'png' : 'jpg'}`),
      );
    }
  }
  return folder;
}

export const SEARCH = [
  'search',
  '--target',
  '1s',
  '--runtime',
  'litert',
  '--space',
  'space.json',
  '--dataset',
  'folder:pictures',
  '--batch',
  '3',
];
