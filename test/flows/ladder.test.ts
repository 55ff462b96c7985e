import { describe, expect, test } from 'vitest';
import { fullTraining, ladderOf } from '../../src/flows/ladder.ts';
import type { ProxyTask } from '../../src/space/proxy.ts';
import { TOY_RECIPE } from '../trainers/toy-recipe.ts';

const recipe = { ...TOY_RECIPE, epochs: 9, batchSize: 16 };
const proxy: ProxyTask = {
  ...{ resolution: 32, width: 1, divisor: 8, dropEarlyStrides: 0, trainImages: 1000, validationImages: 100 },
  recipe,
};
const shapeOf = (rungs: NonNullable<ProxyTask['rungs']>) =>
  ladderOf({ ...proxy, rungs }, 'x').map(({ recipe, untilEpoch, resolution, trainImages, continues }) => [
    ...[recipe.epochs, untilEpoch, resolution, trainImages, continues],
  ]);

describe('a ladder', () => {
  test('of a proxy without rungs pauses after a ninth and a third of its epochs', () => {
    expect(ladderOf(proxy, 'x').map(({ untilEpoch, continues }) => [untilEpoch, continues])).toEqual([
      [1, 'nothing'],
      [3, 'training'],
      [undefined, 'training'],
    ]);
    expect(ladderOf({ ...proxy, recipe: { ...recipe, epochs: 2 } }, 'x')).toHaveLength(2);
  });

  test('pauses the full training where the images are the same', () => {
    expect(shapeOf([{ epochs: 2 }, { epochs: 5 }])).toEqual([
      [9, 2, 32, 1000, 'nothing'],
      [9, 5, 32, 1000, 'training'],
      [9, undefined, 32, 1000, 'training'],
    ]);
  });

  test('begins with trainings of their own where they are others, each with the weights of the one before', () => {
    expect(
      shapeOf([
        { epochs: 4, resolution: 16, trainImages: 500 },
        { epochs: 3, resolution: 24 },
        { epochs: 3 },
      ]),
    ).toEqual([
      [4, undefined, 16, 500, 'nothing'],
      [3, undefined, 24, 1000, 'weights'],
      [9, 3, 32, 1000, 'weights'],
      [9, undefined, 32, 1000, 'training'],
    ]);
    expect(shapeOf([{ epochs: 9, trainImages: 500 }]).at(-1)).toEqual([9, undefined, 32, 1000, 'weights']);
  });

  test('is the full training alone where nothing is stopped early', () => {
    expect(fullTraining({ ...proxy, rungs: [{ epochs: 2 }] })).toEqual([
      { resolution: 32, trainImages: 1000, recipe, continues: 'nothing' },
    ]);
  });

  test.each([
    [[{ epochs: 9 }], 'x: proxy.rungs[0]: 9 epochs; expected fewer than the 9 of the recipe'],
    [[{ epochs: 3 }, { epochs: 3 }], 'proxy.rungs[1]: a rung that is no dearer'],
    [[{ epochs: 3 }, { epochs: 4, trainImages: 500 }], 'proxy.rungs[1]: a rung that is no dearer'],
    [
      [{ epochs: 3, resolution: 64 }],
      "proxy.rungs[0]: 1000 images of 64 pixels; expected at most the proxy's",
    ],
    [
      [{ epochs: 3, trainImages: 8 }],
      'proxy.rungs[0]: 8 images; expected at least a batch of the recipe, 16',
    ],
  ])('%j is refused', (rungs, message) => {
    expect(() => shapeOf(rungs)).toThrow(message);
  });

  test('of one epoch without rungs is refused with what to do', () => {
    expect(() => ladderOf({ ...proxy, recipe: { ...recipe, epochs: 1 } }, 'x')).toThrow(
      'a proxy of one epoch',
    );
  });
});
