import { localTransport } from '../../../src/devices/transports/local.ts';
import { transportContract } from './contract.ts';

transportContract('local', { create: async () => localTransport, isRemote: false });
