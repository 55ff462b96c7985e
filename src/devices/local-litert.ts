import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import type { Device } from './device.ts';
import { describeHost, readGovernor, slugOf } from './host.ts';
import { createRunnerClient } from './runner-client.ts';
import { createRunnerDevice, type RunnerDeviceOptions } from './runner-device.ts';
import { localTransport } from './transports/local.ts';

/** Compiled, wherever this file runs from: the same path leads there from src/devices and from dist/devices. */
const RUNNER = fileURLToPath(new URL('../../dist/devices/runtimes/litert/runner.js', import.meta.url));

/**
 * Flags of the JavaScript engine under the runner. Without them WebAssembly starts as unoptimised code that is
 * replaced piece by piece as it gets hot, so the first kernels to use a routine would look slower than the last.
 */
const ENGINE_FLAGS = ['--no-liftoff', '--wasm-lazy-compilation'];

export interface LocalLiteRtOptions extends RunnerDeviceOptions {
  readonly clock?: Clock;
  /** Version of the program, for the table. */
  readonly nasVersion: string;
}

/**
 * LiteRT with XNNPACK, as WebAssembly with SIMD, on one thread of this machine. Starts its process at once, to
 * learn what it measures with, and keeps it until `close`.
 */
export async function createLocalLiteRt({
  clock = systemClock,
  nasVersion,
  ...options
}: LocalLiteRtOptions): Promise<Device> {
  if (!existsSync(RUNNER)) {
    throw new NasError('the LiteRT runner', {
      found: 'not compiled',
      expected: 'dist/devices/runtimes/litert/runner.js',
      next: 'npm run build',
    });
  }
  const { processor, operatingSystem } = describeHost();
  const device = slugOf(processor);
  const client = createRunnerClient({
    device,
    transport: localTransport,
    argv: [process.execPath, ...ENGINE_FLAGS, RUNNER],
  });
  const { runtime, runtimeVersion, threads, core } = await client.hello();
  return createRunnerDevice(
    {
      device,
      processor,
      runtime,
      runtimeVersion,
      dtype: 'float32',
      threads,
      core,
      governor: readGovernor(core),
      operatingSystem,
      measuredAt: clock.timestamp(),
      nasVersion,
    },
    client,
    options,
  );
}
