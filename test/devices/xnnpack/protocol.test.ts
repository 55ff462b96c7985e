import { median } from 'simple-statistics';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { type Program, programOfGraph } from '../../../src/devices/program.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { NETWORKS } from '../../space/shipped.ts';
import { HOST_RUNNER, needs, type Session, startRunner } from './runner-under-test.ts';

needs(HOST_RUNNER);
let runner: Session;
beforeEach(async () => {
  if (HOST_RUNNER.missing === undefined) runner = await startRunner(HOST_RUNNER, '--watchdog-seconds', '60');
});
afterEach(() => runner?.process.kill());

function small(): Program {
  const b = new GraphBuilder();
  const x = b.convolutionUnit(b.input([8, 8, 4]), 8, 'relu6', { kernel: 3 });
  return programOfGraph(b.build(b.linear(b.globalAveragePool(x), 3)));
}

const samplesOf = (answer: Awaited<ReturnType<Session['ask']>>): Record<string, number>[] =>
  answer.samples as Record<string, number>[];

test('the first line says what the runner is', () => {
  expect(runner.hello).toEqual({
    kind: 'hello',
    protocol: 2,
    runtime: 'xnnpack',
    runtimeVersion: expect.stringMatching(/./),
    architecture: process.arch === 'x64' ? 'x86_64' : 'aarch64',
    threads: 1,
    core: null,
    dtypes: expect.arrayContaining(['float32', 'int8']),
  });
});

describe('requests', () => {
  test('a load tells the bytes of its weights', async () => {
    const { nodes, outputs } = small();
    const load = (id: number, dtype: string) =>
      runner.ask({ kind: 'load', id, key: dtype, dtype, nodes, outputs });
    const [weights, biases] = [8 * 9 * 4 + 3 * 8, 8 + 3];
    expect(await load(1, 'float32')).toMatchObject({ id: 1, weightBytes: 4 * (weights + biases) });
    expect(await load(2, 'int8')).toMatchObject({ id: 2, weightBytes: weights + 4 * biases });
  });

  test('a small kernel alone is sampled in copies, always as many, and computes what one does', async () => {
    const { nodes, outputs } = small();
    const load = (key: string, isolate: boolean) =>
      runner.ask({ kind: 'load', id: 1, key, dtype: 'float32', isolate, nodes, outputs });
    expect(await load('one', false)).toMatchObject({ copies: 1 });
    const { copies } = await load('copies', true);
    expect(copies).toBeGreaterThan(10);
    expect(await load('again', true)).toMatchObject({ copies });
    const inputs = [Array.from({ length: 8 * 8 * 4 }, (_, i) => Math.cos(i))];
    const compute = (key: string) => runner.ask({ kind: 'compute', id: 2, key, inputs });
    expect(await compute('copies')).toEqual(await compute('one'));
    const keys = [...Array<string>(21).fill('one'), ...Array<string>(21).fill('copies')];
    const samples = samplesOf(await runner.ask({ kind: 'sample', id: 3, cold: false, keys }));
    const medianOf = (some: typeof samples) => median(some.map(({ cpuUs }) => cpuUs!));
    expect(medianOf(samples.slice(21))).toBeGreaterThan(2 * medianOf(samples.slice(0, 21)));
  });

  test.each([true, false])('samples come in the order of their keys; cold: %s', async (cold) => {
    const key = await runner.load(small());
    const graph = buildGraph(NETWORKS.get('mobilenet-v3-large')!, { width: 0.25, resolution: 64 });
    const large = await runner.load(programOfGraph(graph));
    const answer = await runner.ask({ kind: 'sample', id: 9, cold, keys: [key, large, key] });
    expect(answer).toMatchObject({ kind: 'sampled', id: 9 });
    const samples = samplesOf(answer);
    expect(samples).toHaveLength(3);
    for (const sample of samples) {
      expect(Object.keys(sample).sort()).toEqual(['cpuUs', 'switches', 'wallUs']);
      expect(sample.wallUs).toBeGreaterThan(0);
      expect(sample.cpuUs).toBeGreaterThan(0);
      expect(sample.switches).toBeGreaterThanOrEqual(0);
    }
    expect(samples[1]!.cpuUs).toBeGreaterThan(samples[0]!.cpuUs!);
    expect(samples[1]!.cpuUs).toBeGreaterThan(samples[2]!.cpuUs!);
  });

  test.each(['mobilenet-v3-large', 'shufflenet-v1-g3', 'squeezenext-1.0-23'])(
    '%s as it is deployed loads and is sampled, float32 and int8',
    async (name) => {
      const program = programOfGraph(buildGraph(NETWORKS.get(name)!));
      for (const dtype of ['float32', 'int8']) {
        const key = await runner.load(program, dtype);
        const [sample] = samplesOf(await runner.ask({ kind: 'sample', id: 1, cold: true, keys: [key] }));
        expect(sample!.cpuUs).toBeGreaterThan(500);
        expect(await runner.ask({ kind: 'unload', id: 2, keys: [key] })).toEqual({ kind: 'unloaded', id: 2 });
      }
    },
  );

  test('what is computed does not change what is sampled, and the same twice is the same', async () => {
    const input = Float32Array.from({ length: 8 * 8 * 4 }, (_, i) => Math.sin(i));
    const first = await runner.compute(small(), [input]);
    expect(await runner.compute(small(), [input])).toEqual(first);
  });

  test('a key is taken until it is unloaded', async () => {
    const { nodes, outputs } = small();
    const load = { kind: 'load', id: 1, key: 'k', dtype: 'float32', nodes, outputs };
    expect(await runner.ask(load)).toMatchObject({ kind: 'loaded' });
    expect(await runner.ask(load)).toMatchObject({ kind: 'error', id: 1, where: 'load.key' });
    expect(await runner.ask({ kind: 'unload', id: 2, keys: ['k', 'k'] })).toMatchObject({ kind: 'unloaded' });
    expect(await runner.ask({ kind: 'sample', id: 3, cold: true, keys: ['k'] })).toEqual({
      kind: 'error',
      id: 3,
      where: 'sample.keys',
      found: '"k", which is not loaded',
      expected: 'a loaded key',
    });
    expect(await runner.ask(load)).toMatchObject({ kind: 'loaded' });
  });

  test('half precision is refused where hello does not offer it', async () => {
    if ((runner.hello.dtypes as string[]).includes('float16')) return;
    const { nodes, outputs } = small();
    const load = { kind: 'load', id: 1, key: 'k', dtype: 'float16', nodes, outputs };
    expect(await runner.ask(load)).toMatchObject({ kind: 'error', where: 'load.dtype' });
  });
});

describe('lines that ask for too much or make no sense', () => {
  const input = (shape: unknown) => ({ name: 'x', op: { kind: 'input', shape }, inputs: [] });
  const load = (...nodes: unknown[]) =>
    JSON.stringify({ kind: 'load', id: 1, key: 'k', dtype: 'float32', nodes, outputs: [nodes.length - 1] });
  const on = (shape: unknown, op: unknown, inputs: unknown = [0]) =>
    load(input(shape), { name: 'op', op, inputs });
  const convolution = (more: object) => ({
    ...{ kind: 'convolution', channels: 8, kernel: [3, 3], stride: [1, 1], dilation: [1, 1], groups: 1 },
    ...{ padding: 'same', bias: true, ...more },
  });
  const compute = (inputs: unknown) => JSON.stringify({ kind: 'compute', id: 1, key: 'small', inputs });

  const LINES: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['half of a document', '{"kind":"load"'],
    ['two documents', '{"id":1} {"id":2}'],
    ['a number', '17'],
    ['null', 'null'],
    ['no id', '{"kind":"load"}'],
    ['an id that is none', '{"kind":"load","id":"1"}'],
    ['an id too large', '{"kind":"load","id":1e300}'],
    ['no kind', '{"id":1}'],
    ['a kind that is none', '{"id":1,"kind":"measure"}'],
    ['bytes that are no text', '{"id":1,"kind":"\uD800"}'],
    ['deep lists', '['.repeat(100_000)],
    ['deep lists in a document', `{"id":1,"kind":"load","nodes":${'['.repeat(100)}${']'.repeat(100)}}`],
    ['ten million values', `[${'1,'.repeat(10_000_000)}1]`],
    ['ten million objects', `[${'{},'.repeat(10_000_000)}1]`],
    ['no nodes', load()],
    ['nodes that are none', '{"id":1,"kind":"load","key":"k","dtype":"float32","nodes":[1],"outputs":[0]}'],
    ['an output that is none', load(input([4, 4, 4])).replace('"outputs":[0]', '"outputs":[1]')],
    ['a dtype that is none', load(input([4, 4, 4])).replace('float32', 'bfloat16')],
    ['a key that is none', load(input([4, 4, 4])).replace('"k"', '{}')],
    ['a key of a million bytes', load(input([4, 4, 4])).replace('"k"', `"${'k'.repeat(1_000_000)}"`)],
    ['nine thousand nodes', load(...Array(9000).fill(input([1, 1, 1])))],
    ['an empty input', load(input([0, 4, 4]))],
    ['a negative input', load(input([4, -4, 4]))],
    ['half a pixel', load(input([4.5, 4, 4]))],
    ['an input of two axes', load(input([4, 4]))],
    ['an input beyond 64 bits', load(input([4, 4, 2 ** 70]))],
    ['an input of 2^60 numbers', load(input([2 ** 20, 2 ** 20, 2 ** 20]))],
    ['many inputs of a GiB', load(...Array(100).fill(input([16384, 16384, 1])))],
    ['a node that reads itself', on([4, 4, 4], { kind: 'batch-norm' }, [1])],
    ['a node that reads nothing', on([4, 4, 4], { kind: 'batch-norm' }, [])],
    ['a node that reads text', on([4, 4, 4], { kind: 'batch-norm' }, ['0'])],
    ['an input that reads', load(input([4, 4, 4]), { ...input([4, 4, 4]), inputs: [0] })],
    ['an op that is none', on([4, 4, 4], { kind: 'transformer' })],
    ['an activation that is none', on([4, 4, 4], { kind: 'activation', function: 'tanh' })],
    ['an empty kernel', on([4, 4, 4], convolution({ kernel: [0, 3] }))],
    ['a giant kernel', on([4, 4, 4], convolution({ kernel: [1e9, 3] }))],
    ['a kernel larger than its input', on([4, 4, 4], convolution({ kernel: [5, 5], padding: 'valid' }))],
    ['a dilation of 2^40', on([4, 4, 4], convolution({ dilation: [2 ** 40, 1] }))],
    ['no stride', on([4, 4, 4], convolution({ stride: [0, 0] }))],
    ['groups that do not divide', on([4, 4, 4], convolution({ groups: 3 }))],
    ['weights of a TiB', on([1, 1, 2 ** 20], convolution({ channels: 2 ** 20, kernel: [1, 1] }))],
    ['windows of a TiB', on([1024, 1024, 1], convolution({ channels: 1, kernel: [1023, 1023] }))],
    ['linear on pixels', on([4, 4, 4], { kind: 'linear', channels: 4, bias: true })],
    [
      'a sum of two shapes',
      load(input([4, 4, 4]), input([4, 4, 5]), { name: 'a', op: { kind: 'add' }, inputs: [0, 1] }),
    ],
    ['channels beyond the last', on([4, 4, 4], { kind: 'channel-split', offset: 3, channels: 2 })],
    ['a shuffle that does not divide', on([4, 4, 4], { kind: 'channel-shuffle', groups: 3 })],
    ['a concat of one', on([4, 4, 4], { kind: 'concat' })],
    ['a concat of 2^30 channels', on([1, 1, 2 ** 20], { kind: 'concat' }, Array(1024).fill(0))],
    ['keys that are none', '{"id":1,"kind":"sample","cold":true,"keys":[1]}'],
    ['no cold', '{"id":1,"kind":"sample","keys":[]}'],
    ['a million samples', `{"id":1,"kind":"sample","cold":true,"keys":[${'"small",'.repeat(1e6)}"small"]}`],
    ['no inputs', compute([])],
    ['too few numbers', compute([[1, 2, 3]])],
    ['numbers that are none', compute([Array(256).fill('1')])],
    ['numbers beyond float32', compute([Array(256).fill(1e300)])],
  ];

  beforeEach(async () => {
    if (HOST_RUNNER.missing !== undefined) return;
    const { nodes, outputs } = small();
    await runner.ask({ kind: 'load', id: 0, key: 'small', dtype: 'float32', nodes, outputs });
  });

  test.each(LINES)('%s', async (_, line) => {
    const answer = await runner.ask(line);
    expect(answer.kind).toBe('error');
    expect(answer.where).toMatch(/./);
    expect(answer.found).toMatch(/./);
    const after = await runner.ask({ kind: 'sample', id: 2, cold: false, keys: ['small'] });
    expect(after).toMatchObject({ kind: 'sampled', id: 2 });
  });

  test('a line of 70 MiB', async () => {
    const answer = await runner.ask(' '.repeat(70 * 2 ** 20));
    expect(answer).toMatchObject({ kind: 'error', id: null, found: 'a line of more than 64 MiB' });
    expect(await runner.ask({ kind: 'unload', id: 2, keys: [] })).toMatchObject({ kind: 'unloaded' });
  });

  test('requests broken at random are answered one by one', async () => {
    const rng = createRng('broken requests');
    const graph = buildGraph(NETWORKS.get('shufflenet-v1-g3')!, { width: 0.25, resolution: 32 });
    const valid = [JSON.stringify(small()), JSON.stringify(programOfGraph(graph))].map((program) =>
      program.replace('{', '{"kind":"load","id":1,"key":"k","dtype":"float32",'),
    );
    const pieces = [
      '0',
      '-1',
      '1e9',
      '4294967296',
      'null',
      '[]',
      '{}',
      '"x"',
      ',',
      '}',
      '"',
      '\\',
      '99999999999999999999',
    ];
    for (let i = 0; i < 600; i++) {
      let line = valid[i % 2]!;
      for (let changes = 1 + rng.integer(3); changes > 0; changes--) {
        const at = rng.integer(line.length);
        const numbers = [...line.matchAll(/\d+/g)];
        const number = numbers[rng.integer(numbers.length)]!;
        line =
          rng.uniform() < 0.5
            ? line.slice(0, at) + pieces[rng.integer(pieces.length)] + line.slice(at + rng.integer(4))
            : line.slice(0, number.index) + rng.integer(70) + line.slice(number.index + number[0].length);
      }
      expect((await runner.ask(line)).kind).toMatch(/^(loaded|error)$/);
      await runner.ask({ kind: 'unload', id: 2, keys: ['k'] });
    }
  });
});

describe('its end', () => {
  test('with its input', async () => {
    runner.process.closeInput();
    expect(await runner.process.exited).toEqual({ code: 0, signal: null });
  });

  test('in the middle of samples, when its input closes', async () => {
    const graph = buildGraph(NETWORKS.get('mobilenet-v3-large')!);
    const key = await runner.load(programOfGraph(graph));
    runner.process.writeLine(
      JSON.stringify({ kind: 'sample', id: 2, cold: true, keys: Array(20_000).fill(key) }),
    );
    runner.process.closeInput();
    expect(await runner.process.exited).toEqual({ code: 0, signal: null });
  });

  test('by its watchdog, when one request takes too long', async () => {
    const short = await startRunner(HOST_RUNNER, '--watchdog-seconds', '1');
    const graph = buildGraph(NETWORKS.get('mobilenet-v3-large')!);
    const key = await short.load(programOfGraph(graph));
    short.process.writeLine(
      JSON.stringify({ kind: 'sample', id: 2, cold: true, keys: Array(20_000).fill(key) }),
    );
    expect(await short.process.exited).toEqual({ code: 124, signal: null });
    expect(short.process.lastWords()).toContain('--watchdog-seconds');
  });

  test('not by its watchdog while nothing is asked', async () => {
    const patient = await startRunner(HOST_RUNNER, '--watchdog-seconds', '1');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await patient.ask({ kind: 'unload', id: 2, keys: [] })).toMatchObject({ kind: 'unloaded' });
    await patient.process.kill();
  });
});

describe('flags', () => {
  test('threads share the work, and compute the same', async () => {
    const pair = await startRunner(HOST_RUNNER, '--threads', '2');
    expect(pair.hello).toMatchObject({ threads: 2, core: null });
    const input = Float32Array.from({ length: 8 * 8 * 4 }, (_, i) => Math.sin(i));
    const alone = await runner.compute(small(), [input]);
    const together = await pair.compute(small(), [input]);
    for (const [i, value] of alone[0]!.entries()) expect(together[0]![i]).toBeCloseTo(value, 5);
    await pair.process.kill();
  });

  test('fastest is a core that it may run on, the same each time', async () => {
    const cores = [];
    for (let i = 0; i < 2; i++) {
      const { hello, process: runner } = await startRunner(HOST_RUNNER, '--core', 'fastest');
      cores.push(hello.core);
      await runner.kill();
    }
    expect(cores[0]).toEqual(expect.any(Number));
    expect(cores[1]).toBe(cores[0]);
  });

  test('two runners at a time take turns, and both get their samples', async () => {
    const other = await startRunner(HOST_RUNNER);
    const keys = [await runner.load(small()), await other.load(small())];
    const answers = await Promise.all(
      [runner, other].map((each, i) =>
        each.ask({ kind: 'sample', id: 1, cold: true, keys: Array(500).fill(keys[i]) }),
      ),
    );
    for (const answer of answers) expect(samplesOf(answer)).toHaveLength(500);
    await other.process.kill();
  });

  test('a core is bound and told', async () => {
    const bound = await startRunner(HOST_RUNNER, '--core', '0');
    expect(bound.hello.core).toBe(0);
    await bound.process.kill();
  });

  test.each([
    ['--threads', '0'],
    ['--threads', 'two'],
    ['--core', '1000'],
    ['--watchdog-seconds', '0'],
    ['--fast', '1'],
    ['--threads'],
  ])('%s %s, which is refused', async (...flags) => {
    await expect(startRunner(HOST_RUNNER, ...flags)).rejects.toThrow(flags[0]);
  });
});
