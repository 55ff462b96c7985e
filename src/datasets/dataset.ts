import type { Rng } from '../base/rng.ts';

/** Labelled images of one size, as bytes in memory that every worker shares. */
export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** count × height × width × channels, row by row, channels last. */
  readonly pixels: Uint8Array<SharedArrayBuffer>;
  /** count class indices. */
  readonly labels: Uint16Array<SharedArrayBuffer>;
}

/**
 * A dataset ready for a proxy: training images, and validation images held out from them by a seed.
 * Test images are not here: a search must never see them.
 */
export interface Dataset {
  readonly name: string;
  /** SHA-256 over pixels, labels and split; part of a run's identity. */
  readonly digest: string;
  readonly classes: readonly string[];
  readonly train: ImageSet;
  readonly validation: ImageSet;
  /** Per channel, over the training images, in units of a byte. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/** What a search asks of a dataset. */
export interface DatasetRequest {
  /** Images are averaged down (or resized) to resolution × resolution. */
  readonly resolution: number;
  readonly trainImages: number;
  readonly validationImages: number;
  /** Draws the validation split. */
  readonly rng: Rng;
  /** Called while bytes arrive or images are decoded; fraction in [0, 1]. */
  readonly onProgress?: (step: string, fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** A place datasets come from: `cifar10`, a folder of class folders, idx files. */
export interface DatasetSource {
  readonly name: string;
  load(request: DatasetRequest): Promise<Dataset>;
}
