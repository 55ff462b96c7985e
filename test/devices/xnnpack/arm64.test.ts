import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programOfGraph } from '../../../src/devices/program.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { NETWORKS } from '../../space/shipped.ts';
import { compare, expectAgreement } from './agreement.ts';
import { OPS } from './ops.ts';
import { ARM_RUNNER, needs, type Session, startRunner } from './runner-under-test.ts';

needs(ARM_RUNNER);
let runner: Session;
beforeAll(async () => {
  if (ARM_RUNNER.missing === undefined) runner = await startRunner(ARM_RUNNER, '--watchdog-seconds', '60');
});
afterAll(() => runner?.process.kill());

test('the runner for ARM says what it is, and that it computes in half precision', () => {
  expect(runner.hello).toMatchObject({
    architecture: 'aarch64',
    dtypes: expect.arrayContaining(['float32', 'int8', 'float16']),
  });
});

describe('what XNNPACK computes on ARM agrees with the definition of each op', () => {
  test.each(OPS)('%s', async (_, program) => {
    await expectAgreement(runner, program);
  });
});

describe('int8 on ARM agrees but for its steps of 0.05', () => {
  test.each(OPS)('%s', async (_, program) => {
    expect((await compare(runner, program, 'int8')).difference).toBeLessThan(0.2);
  });
});

describe('float16 on ARM agrees but for its eleven bits', () => {
  test.each(OPS)('%s', async (_, program) => {
    const { difference, magnitude } = await compare(runner, program, 'float16');
    expect(difference).toBeLessThan(0.01 * Math.max(1, magnitude));
  });
});

test.each(['mobilenet-v3-large', 'shufflenet-v1-g3', 'squeezenext-1.0-23'])(
  'a small %s is computed on ARM as its ops are defined',
  async (name) => {
    const graph = buildGraph(NETWORKS.get(name)!, { width: 0.25, resolution: 32, classes: 10 });
    await expectAgreement(runner, programOfGraph(graph));
  },
);
