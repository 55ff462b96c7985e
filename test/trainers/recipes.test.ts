import { expect, test } from 'vitest';
import { proxySchema } from '../../src/space/proxy.ts';
import { RECIPES } from '../../src/trainers/recipes.ts';
import { learningRateAt } from '../../src/trainers/schedule.ts';

test.each(Object.entries(RECIPES))('%s could stand in a file', (_, { recipe }) => {
  expect(proxySchema.shape.recipe.parse(recipe)).toEqual(recipe);
});

test('mobilenet-v3 ends its 600 epochs at 0.99 to the 198th of its rate, as the paper decays it', () => {
  const { recipe } = RECIPES['mobilenet-v3'];
  const stepsPerEpoch = 390;
  const length = { steps: 600 * stepsPerEpoch, stepsPerEpoch };
  // 594 epochs follow the warm-up, and a stair is 3 epochs long; the last is the 197th after the first.
  expect(learningRateAt(length.steps - 1, length, recipe)).toBeCloseTo((0.1 / 32) * 0.99 ** 197, 12);
});
