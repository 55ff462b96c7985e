import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nas, temporaryFolder } from './nas.ts';

const cwd = temporaryFolder();
const json = async (...args: string[]) => JSON.parse((await nas([...args, '--json'], cwd)).stdout);

test('nas spaces lists the spaces with their decisions and sizes', async () => {
  const { stdout } = await nas(['spaces'], cwd);
  expect(stdout).toMatch(/^mobile +\d+ +10\^10\.\d /m);
  expect(stdout).toMatch(/^fbnet +88 +10\^21\.0 .*fbnet-c$/m);
  expect(stdout).toMatch(/^nas-bench-macro +8 +6561 /m);
  const names = (await json('spaces')).map(({ name }: { name: string }) => name);
  expect(names).toEqual([
    'fbnet',
    'five-blocks',
    'mixed',
    'mnasnet',
    'mobile',
    'mobilenet-v3',
    'nas-bench-macro',
    'proxyless',
    'shufflenet',
  ]);
});

test('nas spaces show prints decisions, conditions and known networks', async () => {
  const { stdout } = await nas(['spaces', 'show', 'shufflenet'], cwd);
  expect(stdout).toContain('has shufflenet-v2: 145 M MACs, 2.28 M params');
  expect(stdout).toMatch(/^groups +1 < 2 < 3 < 4 < 8 +stages\[2\].*if unit is shufflenet-v1.* more places$/m);
  const document = await json('spaces', 'show', 'shufflenet');
  expect(document).toMatchObject({ name: 'shufflenet', networks: 531576, resolution: 224 });
  expect(document.references).toHaveLength(6);
});

describe('nas spaces validate', () => {
  test('tells what a good space is made of', async () => {
    const { stdout, exitCode } = await nas(['spaces', 'validate', 'nas-bench-macro'], cwd);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/good\. 6561 networks of 8 decisions .* from \d+ distinct kernels\.$/m);
  });

  test('names the place of what is wrong, and exits with 2', async () => {
    const block = { type: 'shufflenet-v1', groups: { choose: [2, 3] } };
    const space = {
      ...{ name: 'mine', family: 'test', paper: 'none', resolution: 32, classes: 10 },
      stages: [{ block: { type: 'pool', function: 'max', kernel: 3 } }, { block, channels: 50 }],
    };
    writeFileSync(join(cwd, 'mine.json'), JSON.stringify(space));
    const { stderr, stdout, exitCode } = await nas(['spaces', 'validate', 'mine.json'], cwd);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error mine\.json: stages\[1\]: .*expected multiples of its [23] groups/);
    expect(stderr).not.toContain('    at ');
  });
});

test('nas spaces sample draws networks that nas cost reads, the same for the same seed', async () => {
  const [sample, ...others] = await json('spaces', 'sample', 'mixed', '--count', '3', '--seed', 'a');
  expect(others).toHaveLength(2);
  expect((await json('spaces', 'sample', 'mixed', '--count', '1', '--seed', 'a'))[0]).toEqual(sample);
  writeFileSync(join(cwd, 'sample.json'), JSON.stringify(sample.network));
  expect(await json('cost', 'sample.json')).toMatchObject({ macs: sample.macs, params: sample.params });
  expect((await nas(['spaces', 'sample', 'mixed'], cwd)).stdout.trimEnd().split('\n')).toHaveLength(6);
});

test('nas spaces encode finds a network, or says that the space lacks it', async () => {
  const found = await nas(['spaces', 'encode', 'fbnet', 'fbnet-c'], cwd);
  expect(found.stdout).toMatch(/^"fbnet-c": \[[-0-9, ]+\]$/m);
  const { exitCode, stderr } = await nas(['spaces', 'encode', 'fbnet', 'vgg16'], cwd);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('vgg16: no network of fbnet with the same ops');
});

test('nas spaces schema prints a JSON Schema', async () => {
  const schema = JSON.parse((await nas(['spaces', 'schema'], cwd)).stdout);
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
});
