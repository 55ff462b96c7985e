import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programOfGraph } from '../../../src/devices/program.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { ACTIVATION_FUNCTIONS } from '../../../src/graph/op.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { NETWORKS } from '../../space/shipped.ts';
import { compare, expectAgreement } from './agreement.ts';
import { OPS } from './ops.ts';
import { HOST_RUNNER, needs, type Session, startRunner } from './runner-under-test.ts';

needs(HOST_RUNNER);
let runner: Session;
beforeAll(async () => {
  if (HOST_RUNNER.missing === undefined) runner = await startRunner(HOST_RUNNER, '--watchdog-seconds', '60');
});
afterAll(() => runner?.process.kill());

describe('what XNNPACK computes agrees with the definition of each op', () => {
  test.each(OPS)('%s', async (_, program) => {
    await expectAgreement(runner, program);
  });
});

describe('int8 agrees with the definition of each op but for its steps of 0.05', () => {
  test.each(OPS)('%s', async (_, program) => {
    const { difference } = await compare(runner, program, 'int8');
    expect(difference).toBeLessThan(0.2);
  });
});

describe('what is fused computes what it did apart', () => {
  for (const activation of [...ACTIVATION_FUNCTIONS, 'linear'] as const) {
    test(`convolution, batch-norm and ${activation}`, async () => {
      const b = new GraphBuilder();
      const unit = b.convolutionUnit(b.input([6, 6, 4]), 8, activation, { kernel: 3 });
      await expectAgreement(runner, programOfGraph(b.build(unit)));
    });

    test(`${activation} behind add, multiply, pools, batch-norm, and twice`, async () => {
      const b = new GraphBuilder();
      const x = b.input([6, 6, 4]);
      const sum = b.activation(b.add({ kind: 'add' }, [x, b.batchNorm(x)]), activation);
      const scaled = b.activation(b.add({ kind: 'multiply' }, [sum, x]), activation);
      const pooled = b.activation(b.pool(scaled, 'max', 3, 1, 'same'), activation);
      const mean = b.activation(b.pool(pooled, 'average', 3, 1, 'same'), activation);
      const pixels = b.activation(b.pool(mean, 'max', 1, 2, 'same'), activation);
      const shifted = b.activation(b.batchNorm(pixels), activation);
      await expectAgreement(runner, programOfGraph(b.build(b.activation(shifted, activation))));
    });
  }

  test('nothing is folded into what others read as well', async () => {
    const b = new GraphBuilder();
    const x = b.convolution(b.input([6, 6, 4]), 4, { kernel: 3 });
    const y = b.activation(b.batchNorm(x), 'relu');
    const z = b.activation(x, 'relu6');
    await expectAgreement(runner, programOfGraph(b.build(b.add({ kind: 'concat' }, [x, y, z]))));
  });
});

describe('programs of any shape', () => {
  test('several outputs, one of them twice, one of them an input, one read by others', async () => {
    const b = new GraphBuilder();
    const x = b.input([5, 5, 6]);
    const y = b.convolution(x, 6, { kernel: 3 });
    const z = b.activation(y, 'relu');
    const { nodes } = b.build(z);
    await expectAgreement(runner, { nodes, outputs: [z, x, y, z] });
  });

  test('an input that nobody reads, and nodes that lead nowhere', async () => {
    const b = new GraphBuilder();
    const x = b.input([4, 4, 3]);
    b.input([2, 2, 2]);
    const y = b.activation(x, 'hswish');
    b.convolution(x, 5);
    await expectAgreement(runner, { nodes: b.build(y).nodes, outputs: [y] });
  });

  test('one node as both operands', async () => {
    const b = new GraphBuilder();
    const x = b.input([4, 4, 3]);
    const square = b.add({ kind: 'multiply' }, [x, x]);
    await expectAgreement(runner, programOfGraph(b.build(b.add({ kind: 'concat' }, [square, square, x]))));
  });
});

test.each([...NETWORKS])('a small %s is computed as its ops are defined', async (_, architecture) => {
  const graph = buildGraph(architecture, { width: 0.25, resolution: 32, classes: 10 });
  await expectAgreement(runner, programOfGraph(graph));
});
