import type { Loaded, LoadRequest, Reading } from '../runner-protocol.ts';

/** What is measured: a program by name. */
export type Subject = Omit<LoadRequest, 'kind' | 'id'>;

/** Takes samples of programs; the part of a `RunnerClient` that measuring needs. */
export interface Sampler {
  load(subject: Subject): Promise<Loaded>;
  /** One reading a key, in order. */
  sample(keys: readonly string[], cold: boolean): Promise<readonly Reading[]>;
  unload(keys: readonly string[]): Promise<void>;
}
