/** How reading tells its progress and learns that nobody wants the result any more. */
export interface Watch {
  /** Fraction in [0, 1]. */
  readonly report: (step: string, fraction: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** All labelled training images of a source, before any of them is chosen. Labels are cheap, pixels are not. */
export interface ImagePool {
  readonly classes: readonly string[];
  readonly channels: number;
  /** One class index an image. */
  readonly labels: Uint16Array;
  /** The images at `indices`, in that order, as resolution × resolution × channels bytes each. */
  read(indices: Uint32Array, resolution: number, watch: Watch): Promise<Uint8Array<SharedArrayBuffer>>;
}

/** A pool whose images lie encoded in files, one by one or many in an archive. */
export interface LocatedPool extends ImagePool {
  /** Absolute; names in digests are relative to it. */
  readonly folder: string;
  locate(index: number): ImagePlace;
}

export interface ImagePlace {
  /** Relative to the pool's folder. */
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}
