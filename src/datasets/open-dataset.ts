import { NasError } from '../base/errors.ts';
import { cifar10 } from './cifar10.ts';
import type { DatasetSource } from './dataset.ts';
import { imageFolder } from './folder.ts';
import { idxFolder } from './idx.ts';
import { shardFolder } from './shards.ts';

const SOURCES_BY_KIND: Readonly<Record<string, (path: string) => DatasetSource>> = {
  folder: imageFolder,
  idx: idxFolder,
  shards: shardFolder,
};

/** The source that a text such as `cifar10`, `folder:photos`, `shards:tars` or `idx:mnist` names. Nothing is read yet. */
export function openDataset(text: string): DatasetSource {
  if (text === 'cifar10') return cifar10();
  const [, kind = '', path = ''] = /^([a-z]+):(.+)$/.exec(text) ?? [];
  const source = SOURCES_BY_KIND[kind];
  if (source === undefined) {
    throw new NasError('dataset', {
      found: `'${text}'`,
      expected:
        'cifar10, folder:PATH (sub-folders of images, one a class), shards:PATH (.tar files as of WebDataset) ' +
        'or idx:PATH (training files as of MNIST)',
    });
  }
  return source(path);
}
