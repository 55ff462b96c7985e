import { describeRunner } from '../contracts/runner.ts';
import { HOST_RUNNER } from './runner-under-test.ts';

describeRunner('xnnpack', () => HOST_RUNNER.command(), HOST_RUNNER.missing);
