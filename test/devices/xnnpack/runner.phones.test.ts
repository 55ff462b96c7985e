import { afterAll, describe } from 'vitest';
import { cacheFolder } from '../../../src/datasets/cache-folder.ts';
import { locateRunner } from '../../../src/devices/runtimes/xnnpack/runner-store.ts';
import { openTransport } from '../../../src/devices/transports/open-transport.ts';
import type { Transport } from '../../../src/devices/transports/transport.ts';
import { describeRunner } from '../contracts/runner.ts';
import { NO_PHONES, testMachine } from '../phones/phones.ts';

describe.each([
  ['amd64', 'linux-x64'],
  ['arm64', 'linux-arm64'],
  ['board', 'linux-x64'],
] as const)('on %s', (name, target) => {
  let transport: Transport | undefined;

  const start: Parameters<typeof describeRunner>[1] = async () => {
    transport ??= await openTransport(testMachine(name).device);
    const runner = await locateRunner(cacheFolder(), target);
    return transport.start([await transport.push(runner.path)]);
  };
  afterAll(() => transport?.close());

  describeRunner('xnnpack', start, NO_PHONES);
});
