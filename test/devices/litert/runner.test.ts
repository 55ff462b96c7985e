import { fileURLToPath } from 'node:url';
import { localTransport } from '../../../src/devices/transports/local.ts';
import { describeRunner } from '../contracts/runner.ts';

const RUNNER = fileURLToPath(new URL('../../../dist/devices/runtimes/litert/runner.js', import.meta.url));

describeRunner('litert', () => localTransport.start([process.execPath, RUNNER]));
