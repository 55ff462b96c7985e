import { expect, test } from 'vitest';
import { openDataset } from '../../src/datasets/open-dataset.ts';

test.each(['cifar10', 'folder:some where/photos: mine', 'idx:/data/mnist', 'shards:tars'])(
  '%s names a source',
  (text) => {
    expect(openDataset(text).name).toBe(text);
  },
);

test.each(['', 'cifar100', 'folder:', 'zip:a.zip', 'toString:x', 'Folder:x'])(
  '%j is refused with a list of what there is',
  (text) => {
    expect(() => openDataset(text)).toThrow(`dataset: '${text}'; expected cifar10, folder:PATH`);
  },
);
