import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { messageOf, NasError } from '../../base/errors.ts';
import type { Kernels } from './kernels.ts';
import { Instance, Memory, Module, validate, type WasmModule } from './web-assembly.ts';

/** A byte address in the memory of a `Runtime`; 0 is null. */
export type Pointer = number;

/** The compiled kernels: the same files whether this module runs from src (in tests) or from dist. */
const KERNELS_FOLDER = new URL('../../../dist/trainers/embedded/', import.meta.url);

const PAGE_BYTES = 65536;
const MAXIMUM_PAGES = 65536;
/** A cache line. */
const ALIGNMENT = 64;
/** Kernels may read, never write, this far past a buffer. */
const SLACK_BYTES = 256;

/** The kernels on one WebAssembly memory, handed out from front to back and taken back all at once. */
export class Runtime {
  readonly kernels: Kernels;
  readonly #memory = new Memory({ initial: 16, maximum: MAXIMUM_PAGES });
  readonly #start: Pointer;
  #end: Pointer;

  constructor(module: WasmModule) {
    const { exports } = new Instance(module, { env: { memory: this.#memory } });
    // The exports of kernels/*.c, which kernels.ts declares.
    this.kernels = exports as unknown as Kernels;
    this.#start = align((exports.__heap_base as { readonly value: number }).value);
    this.#end = this.#start;
  }

  /** A buffer of zeros on a cache line of its own. Views handed out before become stale. */
  allocate(floats: number): Pointer {
    const pointer = this.#end;
    this.#end = align(pointer + 4 * floats);
    const pages = Math.ceil((this.#end + SLACK_BYTES) / PAGE_BYTES);
    const missing = pages - this.#memory.buffer.byteLength / PAGE_BYTES;
    if (pages > MAXIMUM_PAGES) throw outOfMemory(this.#end);
    if (missing > 0) {
      try {
        this.#memory.grow(missing);
      } catch (cause) {
        throw outOfMemory(this.#end, cause);
      }
    }
    new Uint8Array(this.#memory.buffer, pointer, this.#end - pointer).fill(0);
    return pointer;
  }

  /** Takes every buffer back; the memory itself is kept for the next network. */
  releaseAll(): void {
    this.#end = this.#start;
  }

  get allocatedBytes(): number {
    return this.#end - this.#start;
  }

  floats(pointer: Pointer, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, length);
  }

  integers(pointer: Pointer, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, pointer, length);
  }

  bytes(pointer: Pointer, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, pointer, length);
  }
}

function align(pointer: Pointer): Pointer {
  return Math.ceil(pointer / ALIGNMENT) * ALIGNMENT;
}

function outOfMemory(bytes: number, cause?: unknown): NasError {
  return new NasError('embedded trainer', {
    found: `the network needs ${(bytes / 2 ** 20).toFixed(0)} MiB and the machine does not give them`,
    expected: 'at most 4096 MiB a network',
    next: 'train at a smaller batch size, resolution or width',
    cause,
  });
}

export type Rounding = 'fused' | 'plain';

/**
 * The compiled kernels: unless asked otherwise, those with fused multiply-adds where this machine has them. The two round
 * differently, so accuracies of one are not those of the other. Throws a NasError where the build has not made them.
 */
export function readKernels(rounding: Rounding = machineRounding()): Uint8Array {
  const file = fileURLToPath(
    new URL(rounding === 'fused' ? 'kernels-fused.wasm' : 'kernels.wasm', KERNELS_FOLDER),
  );
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new NasError(file, {
      found: `the kernels do not load: ${messageOf(cause)}`,
      expected: 'the WebAssembly module that the build makes',
      next: 'npm run build',
      cause,
    });
  }
}

let found: Rounding | undefined;

/**
 * Relaxed SIMD has a multiply-add that a machine may round once or twice. `fused` where it is there and rounds once: on
 * ARM64, and on x86-64 since 2013.
 */
export function machineRounding(): Rounding {
  found ??= fuses(readKernels('fused')) ? 'fused' : 'plain';
  return found;
}

function fuses(kernels: Uint8Array): boolean {
  // Node 20 has relaxed SIMD behind this flag; later ones have it, and no such flag.
  if (!validate(kernels)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (!validate(kernels)) return false;
  const { kernels: candidate } = new Runtime(new Module(kernels));
  return candidate.square_and_add(1 + 2 ** -12, -(1 + 2 ** -11)) !== 0;
}

export function createRuntime(rounding?: Rounding): Runtime {
  return new Runtime(new Module(readKernels(rounding)));
}
