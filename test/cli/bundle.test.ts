import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { addMeasuredTables } from './measured-tables.ts';
import { temporaryFolder, temporaryProject, tinySpace } from './nas.ts';
import { storeRuns } from './stored-project.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
/** Where the package is laid out as its users get it, beside the packages it needs. */
const installed = join(temporaryFolder(), 'nas');
const main = join(installed, 'dist/cli/main.js');
let packed: readonly string[];

beforeAll(() => {
  const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(told) as [{ files: readonly { readonly path: string }[] }];
  packed = files.map(({ path }) => path);
  for (const path of packed) {
    mkdirSync(dirname(join(installed, path)), { recursive: true });
    cpSync(join(REPOSITORY, path), join(installed, path));
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(installed, 'node_modules'));
});

const run = (args: readonly string[], cwd: string, before: readonly string[] = []) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...before, main, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
};

test('what is packed holds all that the program starts and shows, and the program but once', () => {
  const started = [
    ...['cli/main', 'cli/bench-worker', 'trainers/embedded/worker', 'trainers/supernet/scoring-worker'],
    ...['trainers/supernet/training-worker', 'devices/runtimes/litert/runner'],
  ];
  const shown = ['web/harness/page', 'web/harness/worker', 'web/review/app/app'];
  expect(packed).toEqual(expect.arrayContaining([...started, ...shown].map((name) => `dist/${name}.js`)));
  expect(packed.filter((path) => /^dist\/(base|store|flows|cli\/commands)\//.test(path))).toEqual([]);
});

test('searches from where it is installed, with its runner and its workers', async () => {
  const cwd = await temporaryProject();
  await addMeasuredTables(cwd);
  const args = ['search', '--target', '1s', '--runtime', 'litert', '--space', 'space.json', '--json'];
  const ended = run([...args, '--dataset', 'folder:pictures', '--trials', '2', '--batch', '2'], cwd);
  expect(ended).toMatchObject({ status: 0 });
  expect(JSON.parse(ended.stdout)).toMatchObject({ run: 'r1', trials: 2 });
  expect(run(['pareto', 'r1'], cwd)).toMatchObject({ status: 0, stderr: '' });
});

test('commands that read the store load few files, and none of what they do not need', () => {
  const cwd = temporaryFolder();
  storeRuns(cwd, [{ space: tinySpace, seed: '1', trials: 3, targetMs: 0.9 }]);
  const list = join(cwd, 'loaded.txt');
  writeFileSync(join(cwd, 'hooks.mjs'), HOOKS);
  writeFileSync(
    join(cwd, 'list-modules.mjs'),
    `import { register } from 'node:module';
     register('./hooks.mjs', import.meta.url, { data: ${JSON.stringify(list)} });`,
  );
  const loadedBy = (...args: string[]): readonly string[] => {
    writeFileSync(list, '');
    const listing = ['--import', pathToFileURL(join(cwd, 'list-modules.mjs')).href];
    expect(run(args, cwd, listing)).toMatchObject({ status: 0, stderr: '' });
    return readFileSync(list, 'utf8').trim().split('\n');
  };
  const runs = loadedBy('runs');
  expect(runs).toContain(pathToFileURL(main).href);
  expect(runs.length).toBeLessThan(20);
  expect(loadedBy('pareto', 'r1', '--json').length).toBeLessThan(25);
  expect(runs.filter((file) => /zod|schemas|piscina|training/.test(file))).toEqual([]);
});

const HOOKS = `
import { appendFileSync } from 'node:fs';
let list;
export const initialize = (file) => { list = file; };
export async function load(url, context, next) {
  if (!url.startsWith('node:')) appendFileSync(list, url + '\\n');
  return next(url, context);
}
`;
