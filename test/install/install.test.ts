import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { list } from 'tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SEARCH, temporaryProject } from '../cli/nas.ts';

/*
 * The package as people get it: packed, installed by npm into a folder of their own and called from there. The build is
 * the one that all tests of the command line run; packing anew must not build it again under their feet.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const collect = (stream: ChildProcess['stdout']): (() => string) => {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return () => text;
};

function run(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const child = spawn(program, args, { cwd, env: { ...process.env, NO_COLOR: '1' } });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout: stdout(), stderr: stderr() }));
  });
}

let packed: string;
let tarball: string;
const files = new Map<string, number>();

beforeAll(async () => {
  packed = mkdtempSync(join(tmpdir(), 'nas-packed-'));
  const { exitCode, stderr } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--pack-destination', packed],
    ROOT,
  );
  expect(stderr).not.toMatch(/npm error/);
  expect(exitCode).toBe(0);
  const [name = ''] = readdirSync(packed);
  tarball = join(packed, name);
  await list({
    file: tarball,
    onReadEntry: ({ path, size }) => void files.set(path.replace(/^package\//, ''), size),
  });
});
afterAll(() => rmSync(packed, { recursive: true, force: true }));

describe('the package', () => {
  test('has what it needs beside its code', () => {
    const paths = [...files.keys()];
    const needed = [
      ...['package.json', 'README.md', 'LICENSE', 'search-spaces/mobile.json'],
      ...['search-spaces/space.schema.json', 'search-spaces/benchmarks/five-blocks.json'],
      ...[
        'dist/trainers/embedded/kernels.wasm',
        'dist/web/harness/index.html',
        'dist/web/review/app/index.html',
      ],
      ...['src/devices/runtimes/xnnpack/runner/CMakeLists.txt', 'src/trainers/pytorch/worker/__main__.py'],
    ];
    expect(paths).toEqual(expect.arrayContaining(needed));
  });

  test('has nothing else, and is small', () => {
    const foreign = [...files.keys()].filter(
      (path) =>
        /(^|\/)(test|tests|runs|node_modules|__pycache__|\.ci|\.git)(\/|$)/.test(path) ||
        /\.(test\.js|ts|tsx|db|safetensors|pyc|map)$/.test(path),
    );
    expect(foreign).toEqual([]);
    const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThan(6 << 20);
  });
});

describe('installed in an empty folder whose path has blanks', () => {
  let project: string;
  /** Why npm cannot install here: no network, or no compiler where nothing was built for this machine. */
  let obstacle: string | undefined;
  const nas = (...args: readonly string[]): Promise<Ended> =>
    run('npx', ['--no-install', 'nas', ...args], project);

  beforeAll(async () => {
    // And nothing worse: where npm has to compile a dependency, make does not take quotes.
    project = mkdtempSync(join(tmpdir(), 'nas installed here '));
    const options = ['--no-audit', '--no-fund', '--no-save', '--prefer-offline', '--loglevel', 'error'];
    const installed = await run('npm', ['install', '--prefix', project, ...options, tarball], project);
    if (installed.exitCode !== 0) obstacle = `npm cannot install here: ${installed.stderr.slice(0, 300)}`;
    cpSync(await temporaryProject(), project, { recursive: true });
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  test('says its version', async ({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
    const { exitCode, stdout, stderr } = await nas('--version');
    // npm may have something to say of its own settings.
    const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('npm '));
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: [] });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('lists the networks that come with it', async ({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
    const { exitCode, stdout } = await nas('networks', '--json');
    expect(exitCode).toBe(0);
    const networks = JSON.parse(stdout) as { name: string }[];
    expect(networks.map(({ name }) => name)).toEqual(expect.arrayContaining(['mobilenet-v2', 'mnasnet-a1']));
  });

  test('searches, and shows in a browser what it found', async ({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
    const { exitCode, stdout, stderr } = await nas(...SEARCH, '--trials', '4', '--json');
    expect(stderr).not.toMatch(/^error/m);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ run: 'r1', trials: 4, best: { meetsTarget: true } });
    expect(existsSync(join(project, 'runs', 'nas.db'))).toBe(true);
    expect(existsSync(join(project, 'latency-tables'))).toBe(true);

    const main = join(project, 'node_modules', '.bin', 'nas');
    const server = spawn(main, ['ui', '--port', '0'], {
      cwd: project,
      env: { ...process.env, NO_COLOR: '1' },
    });
    const ended = new Promise((resolve) => server.once('close', resolve));
    try {
      const url = await addressOf(server);
      expect((await fetch(url)).headers.get('content-type')).toContain('text/html');
      const runs = await fetch(new URL('/api/runs', url));
      expect(runs.status).toBe(200);
      expect(JSON.stringify(await runs.json())).toContain('"r1"');
    } finally {
      server.kill('SIGINT');
      await ended;
    }
  });
});

/** What a server says that it can be reached at. */
function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    for (const stream of [server.stdout, server.stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0];
        if (url !== undefined) resolve(url);
      });
    }
    server.once('close', () => reject(new Error(`ended without an address:\n${text}`)));
  });
}
