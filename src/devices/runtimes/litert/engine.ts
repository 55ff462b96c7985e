import type * as LiteRtModule from '@litertjs/core';

export type LiteRt = typeof LiteRtModule;

/** LiteRT as loaded into a process or a page, and what it is to run models on. */
export interface Engine {
  readonly liteRt: LiteRt;
  readonly accelerator: 'wasm' | 'webgpu';
  /** Resolves when all that was asked of the accelerator is done; absent where a run ends with its work done. */
  finish?(): Promise<unknown>;
}
