import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NasError } from '../../../base/errors.ts';

/** Compiled, wherever this file runs from: the same path leads there from src and from dist. */
const RUNNER = fileURLToPath(new URL('../../../../dist/devices/runtimes/litert/runner.js', import.meta.url));

/**
 * Flags of the JavaScript engine under the runner. Without them WebAssembly starts as unoptimised code that is
 * replaced piece by piece as it gets hot, so the first kernels to use a routine would look slower than the last.
 */
const ENGINE_FLAGS = ['--no-liftoff', '--wasm-lazy-compilation'];

/** The command that starts LiteRT with XNNPACK, as WebAssembly with SIMD, on one thread of this machine. */
export function liteRtCommand(): readonly [string, ...string[]] {
  if (!existsSync(RUNNER)) {
    throw new NasError('the LiteRT runner', {
      found: 'not compiled',
      expected: 'dist/devices/runtimes/litert/runner.js',
      next: 'npm run build',
    });
  }
  return [process.execPath, ...ENGINE_FLAGS, RUNNER];
}
