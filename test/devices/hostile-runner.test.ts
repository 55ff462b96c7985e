import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { parseJson, parseWith } from '../../src/base/parse.ts';
import { parseFacts } from '../../src/devices/describe-device/parse-facts.ts';
import { slugOf } from '../../src/devices/host.ts';
import { judge } from '../../src/devices/measuring/accept.ts';
import { KERNEL_EFFORT } from '../../src/devices/measuring/effort.ts';
import { createRunnerClient, RunnerLost } from '../../src/devices/runner-client.ts';
import { answerSchema, requestSchema } from '../../src/devices/runner-protocol.ts';
import { tablePath } from '../../src/devices/table-file.ts';
import { describePage } from '../../src/devices/transports/browser/describe-page.ts';
import { pageSchema } from '../../src/devices/transports/browser/page-messages.ts';
import { localTransport } from '../../src/devices/transports/local.ts';
import { lineSchema } from '../../src/trainers/pytorch/protocol.ts';
import { brokenDocument } from '../fuzz/hostile.ts';

const RUNNER = fileURLToPath(new URL('./hostile-runner.mjs', import.meta.url));

const HELLO = {
  ...{ kind: 'hello', protocol: 2, runtime: 'xnnpack', runtimeVersion: '1.2', architecture: 'aarch64' },
  ...{ threads: 1, core: 7, dtypes: ['float32'], models: 'none' },
};
const ANSWERS = [
  HELLO,
  { kind: 'loaded', id: 1, weightBytes: 4, copies: 2, overheadUs: 1.5 },
  { kind: 'sampled', id: 2, samples: [{ wallUs: 41.2, cpuUs: 41.1, switches: 0 }] },
  { kind: 'ran', id: 3, outputs: 'zcxMPQ==' },
  { kind: 'error', id: null, where: 'a', found: 'b', expected: 'c', next: 'd' },
];
const PAGE = {
  ...{
    kind: 'page',
    userAgent: 'Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/130.0',
    platform: 'Android',
  },
  ...{ platformVersion: '14', model: 'Pixel 8', cores: 9, simd: true, relaxedSimd: true, threads: false },
  ...{ gpu: null, tickUs: 100, wakeLock: true, runtimes: ['litert'] },
};
const LINES = [
  { kind: 'epoch', id: 1, epoch: 1, trainLoss: 2, validationAccuracy: 0.5, note: 'x' },
  {
    ...{ kind: 'trained', id: 1, accuracy: 0.5, cpuSeconds: 3, weights: 'x.safetensors', stepLosses: [1, 2] },
    epochs: [{ epoch: 1, trainLoss: 2, validationAccuracy: 0.5 }],
  },
  { kind: 'heartbeat', id: 1, step: 5, loss: 2 },
  { kind: 'unusable', found: 'no torch' },
];
const REQUEST = {
  ...{ kind: 'load', id: 1, key: 'a', dtype: 'float32', isolate: true, outputs: [1] },
  nodes: [
    { name: 'i', op: { kind: 'input', shape: [8, 8, 3] }, inputs: [] },
    { name: 'r', op: { kind: 'activation', function: 'relu' }, inputs: [0] },
  ],
};

/** All numbers of a value, wherever they stand. */
const numbersIn = (value: unknown): readonly number[] =>
  typeof value === 'number'
    ? [value]
    : Object.values(typeof value === 'object' && value !== null ? value : {}).flatMap(numbersIn);

describe.each([
  ['a runner', answerSchema, ANSWERS],
  ['a page', pageSchema, [PAGE]],
  ['a PyTorch worker', lineSchema, LINES],
  ['a host', requestSchema, [REQUEST]],
] as const)('what %s says', (_, schema, good) => {
  test.each(good.map((line) => [line.kind, line]))('%s is read', (_kind, line) => {
    expect(parseWith(schema, line, 'line')).toMatchObject(line);
  });

  test('broken anyhow is read, with finite numbers, or refused', () => {
    const lines = fc.oneof(
      ...good.map((line) => brokenDocument(line).map((broken) => JSON.stringify(broken))),
      fc.string(),
      fc.json(),
    );
    fc.assert(
      fc.property(lines, (line) => {
        try {
          const read = parseWith(schema, parseJson(line, 'line'), 'line');
          expect(numbersIn(read).every(Number.isFinite)).toBe(true);
        } catch (error) {
          if (!(error instanceof NasError)) throw error;
        }
      }),
      { numRuns: 1000, seed: 2 },
    );
  });
});

describe('what a device calls itself', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      '../../..',
      '/etc/passwd',
      'a\0b',
      '..',
      '',
      '日本',
      'x'.repeat(5000),
      'a\nb',
      '\u001b[2J',
    ),
  );

  test('leads to no file but one in the folder of its name', () => {
    fc.assert(
      fc.property(text, text, (runtime, name) => {
        const hello = answerSchema.safeParse({ ...HELLO, runtime });
        const said = hello.success && hello.data.kind === 'hello' ? hello.data.runtime : 'xnnpack';
        const device = slugOf(name);
        const path = tablePath('tables', { device, runtime: said, dtype: 'float32', threads: 1 });
        expect(dirname(path)).toBe(join('tables', device));
        expect(dirname(dirname(path))).toBe('tables');
        expect(basename(path)).toBe(`${said}.json`);
        expect(device).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  test.each(['../../../.profile', 'a/b', 'a\0', '.', '', 'x'.repeat(41), 'A'])(
    'is no runtime where it is %j',
    (runtime) => {
      expect(() => parseWith(answerSchema, { ...HELLO, runtime }, 'answer')).toThrow(/runtime is /);
    },
  );

  test('moves no cursor', () => {
    fc.assert(
      fc.property(text, text, (model, processor) => {
        const facts = parseFacts(
          `@machine\n${model}\n@ro.product.model\n${model}\n@cpuinfo\nmodel name : ${processor}\n@governor\n${processor}\n`,
        );
        const page = pageSchema.safeParse({ ...PAGE, model, userAgent: processor });
        const shown = [
          ...[facts.model, facts.soc, facts.architecture, ...(facts.governors ?? [])],
          ...(page.success ? Object.values(describePage(page.data)) : []),
        ];
        for (const each of shown) {
          expect(each ?? '').toMatch(/^\P{Cc}*$/u);
          expect((each ?? '').length).toBeLessThan(1100);
        }
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});

test('samples that take no time, and were all disturbed, are not taken for ever', () => {
  const sample = { elapsedMs: 0, sentinelMs: 0, disturbance: 'preempted' } as const;
  expect(judge(Array(99_999).fill(sample), KERNEL_EFFORT).state).toBe('more');
  expect(judge(Array(100_000).fill(sample), KERNEL_EFFORT).state).toBe('hopeless');
});

describe('a runner is given up, and its process ended, that', () => {
  test.each<[string, string[], RegExp]>([
    ['never ends a line', ['never-ends-a-line'], /more than \d+ characters that nobody has asked for/],
    ['never stops', ['never-stops'], /answers 'unloaded' while unloading|more than \d+ characters/],
    ['nests without end', ['says', '['.repeat(100_000)], /not JSON|more than 200 deep/],
    ['has a runtime that is a path', ['says', JSON.stringify({ ...HELLO, runtime: '../x' })], /runtime is/],
    ['clears the screen', ['says', JSON.stringify({ ...HELLO, runtimeVersion: '\u001b[2J' })], /of one line/],
    ['has a number of threads', ['says', JSON.stringify({ ...HELLO, threads: 2 ** 31 })], /at most 4096/],
    ['says nothing of use', ['says', '\0'.repeat(100)], /not JSON/],
  ])('%s', async (_, [behaviour = '', said = ''], message) => {
    let exited: Promise<unknown> | undefined;
    const client = createRunnerClient({
      device: 'phone',
      argv: [process.execPath, RUNNER, behaviour, ...(said === '' ? [] : [said.replaceAll('\0', '\u0001')])],
      transport: {
        async start(argv, options) {
          const started = await localTransport.start(argv, options);
          exited = started.exited;
          return started;
        },
      },
    });
    // What it floods with comes after its hello; a request is answered by it.
    const asked = client.hello().then(() => client.unload(['k']));
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toThrow(NasError);
    await client.close();
    await exited;
  });
});

test('a runner that floods is lost, so that another one can take its place', async () => {
  const client = createRunnerClient({
    device: 'phone',
    argv: [process.execPath, RUNNER, 'never-ends-a-line'],
    transport: localTransport,
  });
  await client.hello();
  await expect(client.unload(['k'])).rejects.toThrow(RunnerLost);
  expect((await client.hello()).runtime).toBe('fake');
  await client.close();
});
