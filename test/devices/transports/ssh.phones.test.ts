import { openTransport } from '../../../src/devices/transports/open-transport.ts';
import { NO_PHONES, testMachine } from '../phones/phones.ts';
import { transportContract } from './contract.ts';

transportContract('ssh', {
  create: () => openTransport(testMachine('board').device),
  isRemote: true,
  skip: NO_PHONES,
});
