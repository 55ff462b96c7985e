import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { channelStatistics } from './channel-statistics.ts';
import type { DatasetRequest, ImageList, ListedDataset } from './dataset.ts';
import { splitOf } from './hold-out.ts';
import type { LocatedPool, Watch } from './image-pool.ts';

/** Of its first training images, these many, a list has its mean and deviation: within a level or two of all. */
const STATISTICS_IMAGES = 512;
/** Enough files to look at for a few milliseconds of work. */
const FILES_BETWEEN_PAUSES = 1024;

/** The same split as `holdOut` makes of the same request, as a list of where its images lie. */
export async function listHeldOut(
  name: string,
  pool: LocatedPool,
  request: DatasetRequest,
): Promise<ListedDataset> {
  const { resolution, onProgress, signal } = request;
  const { classes, channels, folder } = pool;
  const chosen = splitOf(name, pool, request);
  const files = new Map<string, number>();

  const list = async (indices: Uint32Array): Promise<ImageList> => {
    const count = indices.length;
    const [file, offset, bytes] = [new Int32Array(count), new Float64Array(count), new Int32Array(count)];
    for (const [place, index] of indices.entries()) {
      const found = pool.locate(index);
      const number = files.get(found.file) ?? files.size;
      files.set(found.file, number);
      file[place] = number;
      offset[place] = found.offset;
      bytes[place] = found.bytes;
      if (place % FILES_BETWEEN_PAUSES === 0) await setImmediate();
      signal?.throwIfAborted();
    }
    const labels = Uint16Array.from(indices, (index) => pool.labels[index] ?? 0);
    return { count, height: resolution, width: resolution, channels, file, offset, bytes, labels };
  };
  const validation = await list(chosen.validation);
  const train = await list(chosen.train);

  const watch: Watch = { report: (step, fraction) => onProgress?.(step, fraction), signal };
  const pixels = await pool.read(chosen.train.subarray(0, STATISTICS_IMAGES), resolution, watch);
  const statistics = channelStatistics({ pixels, channels });

  const paths = [...files.keys()];
  const hash = createHash('sha256').update(JSON.stringify([classes, resolution, paths, statistics]));
  for (const { count, file, offset, bytes, labels } of [train, validation]) {
    hash.update(`${count}`).update(file).update(offset).update(bytes).update(labels);
  }
  return {
    name,
    digest: hash.digest('hex'),
    classes,
    files: paths.map((file) => join(folder, file)),
    train,
    validation,
    ...statistics,
  };
}
