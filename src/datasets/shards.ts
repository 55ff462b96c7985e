import { open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { messageOf, NasError } from '../base/errors.ts';
import type { DatasetRequest, DatasetSource } from './dataset.ts';
import { CHANNELS, decodeImages } from './decode-images.ts';
import { holdOut } from './hold-out.ts';
import type { ImagePlace, LocatedPool, Watch } from './image-pool.ts';
import { listHeldOut } from './list-held-out.ts';
import { type TarMember, tarMembers } from './tar-members.ts';

const IMAGES = ['jpg', 'jpeg', 'png', 'webp'];
const LABEL = 'cls';
/** In a shard's name: its images are for a final measurement, and no search may see them. */
const TEST_SHARD = /(^|[^a-z])(val|validation|test)([^a-z]|$)/i;
/** Photographs have a twentieth of it. */
const LARGEST_IMAGE = 256 << 20;
/** Class indices are kept in 16 bits. */
const MOST_CLASSES = 65_536;

/**
 * A folder of tar archives as WebDataset writes them: `KEY.jpg` (or `.jpeg`, `.png`, `.webp`) beside `KEY.cls`, which
 * holds the number of its class. Where the folder has a `train` those in it count; of others, those that are not named
 * as validation or test. Headers of all are read, and only the images that a request chooses.
 */
export function shardFolder(path: string): DatasetSource {
  const name = `shards:${path}`;
  const opened = ({ onProgress, signal }: DatasetRequest): Promise<LocatedPool> =>
    openShards(path, { report: (step, fraction) => onProgress?.(step, fraction), signal });
  return {
    name,
    load: async (request) => holdOut(name, await opened(request), request),
    list: async (request) => listHeldOut(name, await opened(request), request),
  };
}

async function openShards(path: string, { report, signal }: Watch): Promise<LocatedPool> {
  const { folder, shards } = await trainingShards(path);
  const places: ImagePlace[] = [];
  const labels: number[] = [];
  for (const [done, shard] of shards.entries()) {
    signal?.throwIfAborted();
    report('reading shards', done / shards.length);
    for (const { image, label } of samplesOf(join(folder, shard))) {
      places.push({ file: shard, offset: image.offset, bytes: image.bytes });
      labels.push(label);
    }
    await setImmediate();
  }
  const root = resolve(folder);
  const placeOf = (index: number): ImagePlace => places[index] ?? { file: '', offset: 0, bytes: 0 };
  return {
    classes: classesOf(path, labels),
    channels: CHANNELS,
    labels: Uint16Array.from(labels),
    folder: root,
    locate: placeOf,
    read: (indices, resolution, watch) =>
      decodeImages(
        Array.from(indices, placeOf).map((place) => ({
          name: `${join(folder, place.file)} at byte ${place.offset}`,
          content: () => readPart(root, place),
        })),
        resolution,
        watch,
      ),
  };
}

/** The archives to learn from, sorted so that every machine numbers their images alike. */
async function trainingShards(
  path: string,
): Promise<{ readonly folder: string; readonly shards: readonly string[] }> {
  const tarsIn = async (folder: string): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => name.endsWith('.tar') && !name.startsWith('.')).sort();
  const train = join(path, 'train');
  const within = await tarsIn(train).catch(() => []);
  if (within.length > 0) return { folder: train, shards: within };
  const all = await tarsIn(path).catch((cause) => {
    throw new NasError(path, {
      found: `cannot be read as a folder (${messageOf(cause)})`,
      expected: 'a folder of .tar files',
      cause,
    });
  });
  const shards = all.filter((name) => !TEST_SHARD.test(name));
  if (shards.length > 0) return { folder: path, shards };
  throw new NasError(path, {
    found: all.length === 0 ? 'no .tar files' : `validation or test shards alone (${all[0]})`,
    expected: '.tar files of KEY.jpg beside KEY.cls',
  });
}

interface Sample {
  readonly image: Pick<TarMember, 'offset' | 'bytes'>;
  readonly label: number;
}

/** Members with one key that follow each other; a key ends at the first dot of the file's name. */
function* samplesOf(shard: string): Generator<Sample, void, undefined> {
  let key: string | undefined;
  let image: TarMember | undefined;
  let label: number | undefined;
  const finish = (): readonly Sample[] => {
    if (image !== undefined && label !== undefined) return [{ image, label }];
    if (image === undefined && label === undefined) return [];
    throw new NasError(shard, {
      found:
        image === undefined ? `${key}.${LABEL} without an image` : `${image.path} without a ${key}.${LABEL}`,
      expected: `an image (${IMAGES.join(', ')}) beside a .${LABEL}, with the same name`,
    });
  };
  for (const member of tarMembers(shard)) {
    const [, stem = '', extension = ''] = /^((?:.*\/)?[^./]*)\.(.*)$/s.exec(member.path) ?? [];
    if (stem !== key) {
      yield* finish();
      [key, image, label] = [stem, undefined, undefined];
    }
    const kind = extension.toLowerCase();
    if (kind === LABEL) label = labelOf(shard, member);
    if (!IMAGES.includes(kind)) continue;
    if (member.bytes > LARGEST_IMAGE) {
      throw new NasError(shard, {
        found: `${member.path} of ${member.bytes} bytes`,
        expected: `images of at most ${LARGEST_IMAGE}`,
      });
    }
    if (image !== undefined) {
      throw new NasError(shard, {
        found: `both ${image.path} and ${member.path}`,
        expected: 'one image a sample',
      });
    }
    image = member;
  }
  yield* finish();
}

function labelOf(shard: string, member: TarMember): number {
  // More than the digits of any class is no label.
  const text = member.bytes > 32 ? `${member.bytes} bytes` : member.read().toString().trim();
  if (/^\d+$/.test(text) && Number(text) < MOST_CLASSES) return Number(text);
  throw new NasError(`${shard}: ${member.path}`, {
    found: text === '' ? 'nothing' : text,
    expected: `the number of a class, from 0 to ${MOST_CLASSES - 1}`,
  });
}

/** Named by their numbers. Labels that begin at 1 or leave one out are a mistake more often than not. */
function classesOf(path: string, labels: readonly number[]): readonly string[] {
  const found = new Set(labels);
  const count = labels.reduce((largest, label) => Math.max(largest, label), -1) + 1;
  if (count < 2) {
    throw new NasError(path, {
      found: labels.length === 0 ? 'no images' : 'images of one class alone',
      expected: 'labels 0, 1, …',
    });
  }
  const names = Array.from({ length: count }, (_, label) => String(label));
  const missing = names.find((_, label) => !found.has(label));
  if (missing === undefined) return names;
  throw new NasError(path, {
    found: `no image of class ${missing}, but of ${count - 1}`,
    expected: 'classes numbered from 0 on, each with images',
    next: 'number them anew, or add the shards that are missing',
  });
}

async function readPart(folder: string, { file, offset, bytes }: ImagePlace): Promise<Buffer> {
  const archive = await open(join(folder, file));
  try {
    const { buffer, bytesRead } = await archive.read(Buffer.alloc(bytes), 0, bytes, offset);
    if (bytesRead < bytes) throw new Error(`the shard has been cut short to ${offset + bytesRead} bytes`);
    return buffer;
  } finally {
    await archive.close();
  }
}
