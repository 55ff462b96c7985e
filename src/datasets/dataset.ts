import type { Rng } from '../base/rng.ts';

/** How many images there are, and of which size a trainer gets them. */
export interface ImageCounts {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Labelled images of one size, as bytes in memory that every worker shares. */
export interface ImageSet extends ImageCounts {
  /** count × height × width × channels, row by row, channels last. */
  readonly pixels: Uint8Array<SharedArrayBuffer>;
  /** count class indices. */
  readonly labels: Uint16Array<SharedArrayBuffer>;
}

/** Labelled images where they lie, none of them decoded: RGB at `height` × `width` is what a trainer makes of them. */
export interface ImageList extends ImageCounts {
  /** Of each image: which of the dataset's files holds it, from which byte on, and in how many. */
  readonly file: Int32Array;
  readonly offset: Float64Array;
  readonly bytes: Int32Array;
  /** count class indices. */
  readonly labels: Uint16Array;
}

/** What every dataset tells, wherever its images are. */
export interface DatasetFacts<Images extends ImageCounts = ImageCounts> {
  readonly name: string;
  /** SHA-256 over images, labels and split; part of a run's identity. */
  readonly digest: string;
  readonly classes: readonly string[];
  readonly train: Images;
  readonly validation: Images;
  /** Per channel, over training images, in units of a byte. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/**
 * A dataset ready for training: training images, and validation images held out from them by a seed.
 * Test images are not here: a search must never see them. Only `testedOn` puts them in the place of the others.
 */
export interface Dataset extends DatasetFacts<ImageSet> {}

/**
 * The same for a trainer that decodes images while it trains, so that they need not fit in memory. Of the images the
 * digest covers names, places and sizes; they are not read for it.
 */
export interface ListedDataset extends DatasetFacts<ImageList> {
  /** Absolute paths. */
  readonly files: readonly string[];
}

/** What trainers are given: those that decode images themselves take both, the others only what is in memory. */
export type TrainingData = Dataset | ListedDataset;

/** What a search or a training asks of a dataset. */
export interface DatasetRequest {
  /** Images are averaged down (or resized) to resolution × resolution. */
  readonly resolution: number;
  /** `rest`: all but those for validation. */
  readonly trainImages: number | 'rest';
  /** `tenth`: a tenth of those there are. */
  readonly validationImages: number | 'tenth';
  /** Draws the validation split. */
  readonly rng: Rng;
  /** Called while bytes arrive or images are decoded; fraction in [0, 1]. */
  readonly onProgress?: (step: string, fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** A place datasets come from: `cifar10`, a folder of class folders, shards, idx files. */
export interface DatasetSource {
  readonly name: string;
  /** Rows and columns of its images, where that is known and the same for all. */
  readonly resolution?: number;
  load(request: DatasetRequest): Promise<Dataset>;
  /** The same split without its pixels, where images lie encoded in files. */
  list?(request: DatasetRequest): Promise<ListedDataset>;
  /**
   * The images that its makers set aside for testing, where there are such; undefined where the place has none. For
   * the end of a full training alone: nothing may be chosen by them.
   */
  loadTest?(request: TestRequest): Promise<ImageSet | undefined>;
}

/** What is asked of test images; all there are come, in their order. */
export type TestRequest = Pick<DatasetRequest, 'resolution' | 'onProgress' | 'signal'>;
