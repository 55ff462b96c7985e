import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import { messageOf, NasError } from '../base/errors.ts';
import type { Watch } from './image-pool.ts';

/** Of decoded images. */
export const CHANNELS = 3;

const FORMATS = ['jpeg', 'png', 'webp'];
/** Beyond most cameras; a small file may say that it has more than any memory. */
const MOST_PIXELS = 100_000_000;

/** One image as it is stored. */
export interface EncodedImage {
  /** Where it is, for errors. */
  readonly name: string;
  /** A file's path, or what reads the bytes. */
  readonly content: string | (() => Promise<Buffer>);
}

/**
 * Images as resolution × resolution × 3 bytes each: turned upright, cropped to the middle square, scaled and read as
 * RGB on black.
 */
export async function decodeImages(
  images: readonly EncodedImage[],
  resolution: number,
  watch: Watch,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const size = resolution * resolution * CHANNELS;
  const pixels = new Uint8Array(new SharedArrayBuffer(images.length * size));
  const queue = inTurn(images);
  let decoded = 0;
  // Each decoder takes from the one queue; an error closes it, so that the others stop as well.
  const decoder = async () => {
    for (const [position, image] of queue) {
      watch.signal?.throwIfAborted();
      pixels.set(await decode(image, resolution), position * size);
      watch.report('decoding images', ++decoded / images.length);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, decoder));
  return pixels;
}

function* inTurn(images: readonly EncodedImage[]): Generator<[number, EncodedImage]> {
  yield* images.entries();
}

async function decode({ name, content }: EncodedImage, resolution: number): Promise<Uint8Array> {
  try {
    const image = sharp(typeof content === 'string' ? content : await content(), {
      limitInputPixels: MOST_PIXELS,
    });
    // Whatever its name says: other formats are programs for drawings, and may refer to other files.
    const { format } = await image.metadata();
    if (!FORMATS.includes(format)) throw new Error(`it is ${format}`);
    const { data, info } = await image
      .autoOrient()
      .resize(resolution, resolution, { fit: 'cover' })
      .flatten()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== CHANNELS) throw new Error(`it decodes to ${info.channels} channels`);
    return data;
  } catch (error) {
    throw new NasError(name, {
      found: `cannot be read as an image (${messageOf(error)})`,
      expected: 'a PNG, JPEG or WebP file',
      next: 'replace or remove the file',
      cause: error,
    });
  }
}
