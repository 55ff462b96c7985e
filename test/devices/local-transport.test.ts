import { localTransport } from '../../src/devices/transports/local.ts';
import { transportContract } from './contracts/transport.ts';

transportContract('local', () => localTransport);
