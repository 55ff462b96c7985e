import { describeRunner } from '../contracts/runner.ts';
import { NO_RUNNER, runnerCommand } from './runner-under-test.ts';

describeRunner('xnnpack', () => runnerCommand(), NO_RUNNER);
