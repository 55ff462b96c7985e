import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** What each folder may import of ours. `interfaces` are the files that hold nothing but an interface. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  base: [],
  numeric: ['base'],
  graph: ['base', 'numeric'],
  blocks: ['base', 'numeric', 'graph'],
  space: ['base', 'numeric', 'graph', 'blocks'],
  latency: ['base', 'numeric', 'graph', 'blocks', 'space'],
  objective: ['base', 'numeric', 'graph', 'space', 'latency'],
  strategies: ['base', 'numeric', 'graph', 'space', 'objective'],
  workers: ['base'],
  files: [],
  blobs: ['base'],
  store: ['base', 'objective', 'space'],
  datasets: ['base'],
  devices: ['base', 'files', 'numeric', 'graph', 'latency', 'workers/pool.ts'],
  // Pages run in browsers: the other end of what devices/ speaks with, and where report/'s documents are drawn.
  web: ['base', 'latency', 'devices', 'report'],
  trainers: [
    ...['base', 'numeric', 'graph', 'space', 'objective', 'workers', 'files', 'blobs', 'datasets/dataset.ts'],
    // PyTorch's processes are spoken to as runners are.
    'devices/transports',
  ],
  export: [
    ...['base', 'graph', 'devices/program.ts', 'devices/runtimes/litert/tflite'],
    ...['trainers/safetensors.ts', 'trainers/embedded/parameters.ts'],
  ],
  flows: [
    ...['base', 'numeric', 'graph', 'blocks', 'space', 'latency', 'objective', 'strategies'],
    ...['devices/device.ts', 'trainers/trainer.ts', 'datasets/dataset.ts', 'store/store.ts'],
  ],
  report: ['base', 'numeric', 'graph', 'space', 'latency', 'objective', 'flows', 'store/store.ts'],
  cli: ['*'],
};

/** Packages with one importer. */
const SOLE_IMPORTERS: Readonly<Record<string, string>> = {
  piscina: 'workers',
  bullmq: 'workers',
  ioredis: 'workers',
  'better-sqlite3': 'store',
  commander: 'cli',
  '@aws-sdk/client-s3': 'blobs',
  ws: 'devices',
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports: readonly Import[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .flatMap((file) =>
    [
      ...readFileSync(join(SOURCE, file), 'utf8').matchAll(/^(?:import|export)\s[^'"]*?['"]([^'"]+)['"]/gm),
    ].map(([, to = '']) => ({
      from: file,
      to: to.startsWith('.') ? relative('.', join(file, '..', to)) : to,
    })),
  );

test('every folder imports only what stands before it', () => {
  const broken = imports.filter(({ from, to }) => {
    const folder = from.split('/')[0] ?? '';
    const allowed = ALLOWED[folder] ?? [];
    const isOurs = /\.tsx?$/.test(to);
    return (
      isOurs && ![folder, ...allowed].some((rule) => rule === '*' || to === rule || to.startsWith(`${rule}/`))
    );
  });
  expect(broken).toEqual([]);
});

test('pure folders import no part of Node but its digest', () => {
  const pure = ['base', 'numeric', 'graph', 'blocks', 'space', 'latency', 'objective', 'strategies'];
  const impure = imports.filter(
    ({ from, to }) =>
      pure.includes(from.split('/')[0] ?? '') && to.startsWith('node:') && to !== 'node:crypto',
  );
  expect(impure).toEqual([]);
});

test('some packages have one importer each', () => {
  for (const [name, folder] of Object.entries(SOLE_IMPORTERS)) {
    const importers = new Set(imports.filter(({ to }) => to === name).map(({ from }) => from.split('/')[0]));
    expect([...importers], name).toEqual([folder]);
  }
});

test('randomness and time come from base alone', () => {
  const ambient = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('base/'))
    .filter((file) => /\b(Math\.random|Date\.now|new Date)\(/.test(readFileSync(join(SOURCE, file), 'utf8')));
  expect(ambient).toEqual([]);
});
