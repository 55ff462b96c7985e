import type * as LiteRtModule from '@litertjs/core';

export type LiteRt = typeof LiteRtModule;

/** LiteRT as loaded into a process or a page, and what it is to run models on. */
export interface Engine {
  readonly liteRt: LiteRt;
  readonly accelerator: 'wasm' | 'webgpu';
  /**
   * How long to run a new model before anything is timed. A browser starts WebAssembly as unoptimised code and
   * replaces what gets hot, so the first models to use a routine would look slower than the last.
   */
  readonly warmUpMs?: number;
  /** Resolves when all that was asked of the accelerator is done; absent where a run ends with its work done. */
  finish?(): Promise<unknown>;
}
