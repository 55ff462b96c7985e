import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { programOfKernel } from '../../../src/devices/program.ts';
import { type Answer, answerSchema } from '../../../src/devices/runner-protocol.ts';
import { localTransport } from '../../../src/devices/transports/local.ts';
import type { TransportProcess } from '../../../src/devices/transports/transport.ts';
import { distinctKernels } from '../../../src/graph/fusion.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';

const RUNNER = fileURLToPath(new URL('../../../dist/devices/runtimes/litert/runner.js', import.meta.url));
const effort = { samples: 3, sampleMs: 0.2, window: 4, patienceMs: 500 };

let runner: TransportProcess;
let lines: AsyncIterator<string>;

beforeEach(async () => {
  runner = await localTransport.start([process.execPath, RUNNER]);
  lines = runner.lines[Symbol.asyncIterator]();
  expect(await next()).toMatchObject({ kind: 'hello', protocol: 1, runtime: 'litert', threads: 1 });
});

afterEach(() => runner.kill());

async function next(): Promise<Answer> {
  const { value } = await lines.next();
  return answerSchema.parse(JSON.parse(value));
}

async function answersOf(id: number): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  do answers.push(await next());
  while (answers.at(-1)?.kind !== 'done' && answers.at(-1)?.kind !== 'error');
  expect(answers.every((answer) => 'id' in answer && answer.id === id)).toBe(true);
  return answers;
}

test('measures kernels and a network in one way and answers each by name', async () => {
  const b = new GraphBuilder();
  const x = b.convolutionUnit(b.input([8, 8, 3]), 8, 'hswish', { kernel: 3 });
  const graph = b.build(b.globalAveragePool(b.add({ kind: 'add' }, [x, b.convolution(x, 8)])));
  const kernels = distinctKernels([graph]);
  const subjects = [
    ...kernels.map((kernel) => ({ key: kernel.signature, isolate: true, ...programOfKernel(kernel) })),
    { key: 'whole', isolate: false, nodes: graph.nodes, outputs: [graph.output] },
  ];
  runner.writeLine(JSON.stringify({ kind: 'measure', id: 7, effort, subjects }));
  const answers = await answersOf(7);
  const keys = subjects.map(({ key }) => key).sort();
  for (const kind of ['started', 'measured']) {
    expect(
      answers
        .filter((answer) => answer.kind === kind)
        .map((answer) => 'key' in answer && answer.key)
        .sort(),
    ).toEqual(keys);
  }
  for (const answer of answers) {
    if (answer.kind === 'measured') expect(answer.medianMs).toBeGreaterThanOrEqual(0);
  }
});

test('answers what is no request, and one that cannot be carried out, by an error and goes on', async () => {
  runner.writeLine('knock knock');
  expect(await next()).toMatchObject({ kind: 'error', id: null, found: expect.stringContaining('not JSON') });
  runner.writeLine(JSON.stringify({ kind: 'measure', id: 1, effort, subjects: [{ key: 'x' }] }));
  expect(await next()).toMatchObject({ kind: 'error', found: 'subjects[0].isolate is missing' });
  const nodes = [
    { name: 'input', op: { kind: 'input', shape: [4, 4, 6] }, inputs: [] },
    { name: 'shuffle', op: { kind: 'channel-shuffle', groups: 4 }, inputs: [0] },
  ];
  const subjects = [{ key: 'x', isolate: true, nodes, outputs: [1] }];
  runner.writeLine(JSON.stringify({ kind: 'measure', id: 2, effort, subjects }));
  expect(await next()).toMatchObject({
    kind: 'error',
    id: 2,
    where: 'shuffle',
    expected: 'a multiple of 4 groups',
  });
  runner.writeLine(JSON.stringify({ kind: 'measure', id: 3, effort, subjects: [] }));
  expect(await next()).toEqual({ kind: 'done', id: 3 });
});

test('dies when its input closes, even while it measures', async () => {
  const b = new GraphBuilder();
  const graph = b.build(b.convolution(b.input([64, 64, 32]), 64, { kernel: 3 }));
  const subjects = [{ key: 'long', isolate: false, nodes: graph.nodes, outputs: [graph.output] }];
  const patient = { ...effort, samples: 100_000, patienceMs: 1e6 };
  runner.writeLine(JSON.stringify({ kind: 'measure', id: 1, effort: patient, subjects }));
  expect(await next()).toMatchObject({ kind: 'started', key: 'long' });
  runner.closeInput();
  expect(await runner.exited).toEqual({ code: 0, signal: null });
});
