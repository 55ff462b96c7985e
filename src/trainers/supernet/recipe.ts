import type { Recipe } from '../recipe.ts';

/** Epochs for each of the proxy's: a supernet shares them out to all its networks. */
const LONGER_BY = 8;

/** Of the proxy's rate: gradients are clipped one by one (see clipToValues), so that no layer is moved too far. */
const FASTER_BY = 2;

/** How a supernet is trained, by the recipe with which its networks are trained on their own. */
export function supernetRecipe(proxy: Recipe, epochs = LONGER_BY * proxy.epochs): Recipe {
  const { gradientClip: _, ...recipe } = proxy;
  return { ...recipe, epochs, peakLearningRate: FASTER_BY * proxy.peakLearningRate, warmupFraction: 0.1 };
}
