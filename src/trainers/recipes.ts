import type { Recipe } from './recipe.ts';

/** A recipe with where it comes from. */
export interface NamedRecipe {
  /** One line: what it is for, its source, and how it differs from it. */
  readonly about: string;
  readonly recipe: Recipe;
}

/**
 * Images as the papers on ImageNet vary them are flipped and cropped; a shift of up to an eighth of 224 pixels stands for
 * the crop. What the papers do besides (dropout, colours, aspect ratios) no trainer here does.
 */
const IMAGENET_IMAGES = { flip: true, shiftPixels: 28 } as const;

/**
 * Recipes by name. Rates are of the batch that stands beside them: where a paper gives one for a batch that no single
 * machine holds, it is scaled down with the batch (Goyal et al. 2017, section 2.1).
 */
export const RECIPES = {
  cifar10: {
    about:
      'small images on a budget of tens of epochs: SGD, cosine, cutout (arXiv:1708.04552), averaged weights',
    recipe: {
      epochs: 30,
      batchSize: 64,
      peakLearningRate: 0.05,
      warmupFraction: 0.05,
      schedule: 'cosine',
      optimizer: 'sgd',
      momentum: 0.9,
      weightDecay: 5e-4,
      emaDecay: 0.998,
      labelSmoothing: 0.1,
      gradientClip: 5,
      flip: true,
      shiftPixels: 4,
      cutoutPixels: 8,
    },
  },
  'mobilenet-v1': {
    about:
      'RMSProp as of Inception v3 (arXiv:1512.00567, section 8), which arXiv:1704.04861 names; its number of epochs is of no paper',
    recipe: {
      epochs: 100,
      batchSize: 32,
      peakLearningRate: 0.045,
      warmupFraction: 0,
      schedule: 'exponential',
      decayEpochs: 2,
      decayFactor: 0.94,
      optimizer: 'rmsprop',
      momentum: 0.9,
      squareDecay: 0.9,
      epsilon: 1,
      weightDecay: 4e-5,
      labelSmoothing: 0.1,
      gradientClip: 2,
      ...IMAGENET_IMAGES,
    },
  },
  'mobilenet-v2': {
    about:
      'RMSProp, 0.98 an epoch (arXiv:1801.04381, section 6.1), one worker for its 16; its number of epochs is of no paper',
    recipe: {
      epochs: 300,
      batchSize: 96,
      peakLearningRate: 0.045,
      warmupFraction: 0,
      schedule: 'exponential',
      decayEpochs: 1,
      decayFactor: 0.98,
      optimizer: 'rmsprop',
      momentum: 0.9,
      squareDecay: 0.9,
      epsilon: 1,
      weightDecay: 4e-5,
      labelSmoothing: 0.1,
      ...IMAGENET_IMAGES,
    },
  },
  'mobilenet-v3': {
    about:
      'RMSProp, 0.99 every 3 epochs, averages of 0.9999 (arXiv:1905.02244, section 6.1.1); rate 0.1 at 4096 scaled to a batch of 128',
    recipe: {
      epochs: 600,
      batchSize: 128,
      peakLearningRate: 0.1 / 32,
      warmupFraction: 0.01,
      schedule: 'exponential',
      decayEpochs: 3,
      decayFactor: 0.99,
      optimizer: 'rmsprop',
      momentum: 0.9,
      squareDecay: 0.9,
      epsilon: 1e-3,
      weightDecay: 1e-5,
      emaDecay: 0.9999,
      labelSmoothing: 0.1,
      ...IMAGENET_IMAGES,
    },
  },
  mnasnet: {
    about:
      'RMSProp, 0.97 every 2.4 epochs (arXiv:1807.11626, section 5); rate 0.256 at 4096 scaled to a batch of 128',
    recipe: {
      epochs: 350,
      batchSize: 128,
      peakLearningRate: 0.256 / 32,
      warmupFraction: 5 / 350,
      schedule: 'exponential',
      decayEpochs: 2.4,
      decayFactor: 0.97,
      optimizer: 'rmsprop',
      momentum: 0.9,
      squareDecay: 0.9,
      epsilon: 1e-3,
      weightDecay: 1e-5,
      emaDecay: 0.9999,
      labelSmoothing: 0.1,
      ...IMAGENET_IMAGES,
    },
  },
} as const satisfies Readonly<Record<string, NamedRecipe>>;
