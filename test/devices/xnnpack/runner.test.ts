import { localTransport } from '../../../src/devices/transports/local.ts';
import { describeRunner } from '../contracts/runner.ts';
import { HOST_RUNNER } from './runner-under-test.ts';

describeRunner('xnnpack', () => localTransport.start(HOST_RUNNER.command()), HOST_RUNNER.missing);
