import { openTransport } from '../../../src/devices/transports/open-transport.ts';
import { NO_PHONES, testMachine } from '../phones/phones.ts';
import { transportContract } from './contract.ts';

for (const name of ['amd64', 'arm64'] as const) {
  transportContract(`adb to ${name}`, {
    create: () => openTransport(testMachine(name).device),
    isRemote: true,
    skip: NO_PHONES,
  });
}
