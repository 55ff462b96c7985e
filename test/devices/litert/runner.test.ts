import { fileURLToPath } from 'node:url';
import { describeRunner } from '../contracts/runner.ts';

const RUNNER = fileURLToPath(new URL('../../../dist/devices/runtimes/litert/runner.js', import.meta.url));

describeRunner('litert', () => [process.execPath, RUNNER]);
