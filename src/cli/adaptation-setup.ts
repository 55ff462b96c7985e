import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import { parseDurationMs } from '../base/units.ts';
import type { Dataset, ImageSet } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { type Architecture, type BuildOptions, buildGraph } from '../space/network.ts';
import { deriveWidths, type WidthSpace } from '../space/widths/width-space.ts';
import type { Recipe } from '../trainers/trainer.ts';
import type { AdaptOptions } from './commands/adapt.ts';
import { resolveNetwork } from './networks.ts';
import { recipeOf } from './recipes.ts';
import { buildOptions, prepareFullDataset } from './run-training.ts';
import { requireTrainer, type TrainerConfig, trainerConfigOf } from './trainer-options.ts';
import type { Work } from './work.ts';

/** An adaptation is begun, or gone on with where it was stopped; for `either` what it came to before will do as well. */
export type Manner = 'begin' | 'resume' | 'either';

/** What an adaptation is made of, once its options are read. */
export interface Setup {
  readonly reference: string;
  readonly options: AdaptOptions;
  readonly manner: Manner;
  readonly targetMs: number;
  readonly architecture: Architecture;
  readonly deployedBuild: BuildOptions;
  readonly trainedBuild: BuildOptions;
  readonly deployed: WidthSpace;
  readonly trained: WidthSpace;
  readonly dataset: Dataset;
  /** Its first images, which fine-tunings train. */
  readonly tuningDataset: Dataset;
  readonly trainerConfig: TrainerConfig;
  /** Of the training before, where there are no weights. */
  readonly recipe: Recipe;
  readonly tuningRecipe: Recipe;
}

/** Reads what an adaptation needs, and refuses what cannot come to anything. */
export async function setupOf(
  reference: string,
  options: AdaptOptions,
  manner: Manner,
  work: Work,
): Promise<Setup> {
  const targetMs = parseDurationMs(options.target, '--target');
  if (options.step >= 1 || options.decay > 1) {
    const [name, value] = options.step >= 1 ? ['--step', options.step] : ['--decay', options.decay];
    throw new NasError(String(name), { found: String(value), expected: 'a part of 1' });
  }
  const architecture = resolveNetwork(reference);
  const recipe = recipeOf(options);
  const trainerConfig = trainerConfigOf(options);
  const resolution = options.resolution ?? openDataset(options.dataset).resolution ?? architecture.resolution;
  await requireTrainer(trainerConfig, work);
  const dataset = await prepareFullDataset(options, resolution, work);
  const trainedBuild = buildOptions(architecture, dataset, options, resolution);
  const deployedBuild = options.deployAsTrained
    ? trainedBuild
    : { width: options.width, resolution: options.deployedResolution };
  return {
    ...{ reference, options, manner, targetMs, architecture, deployedBuild, trainedBuild },
    ...{ dataset, tuningDataset: firstImages(dataset, options.tuneImages), trainerConfig, recipe },
    deployed: deriveWidths(buildGraph(architecture, deployedBuild)),
    trained: deriveWidths(buildGraph(architecture, trainedBuild)),
    tuningRecipe: tuningRecipeOf(recipe, options),
  };
}

/** A tenth of the rate: the weights are trained, and only have to make up for the channels that are gone. */
function tuningRecipeOf(recipe: Recipe, { tuneEpochs, tuneRate }: AdaptOptions): Recipe {
  // Moving averages would lag behind a training of some hundred steps.
  const { emaDecay: _, ...rest } = recipe;
  const peakLearningRate = tuneRate ?? recipe.peakLearningRate / 10;
  return { ...rest, epochs: tuneEpochs, peakLearningRate, warmupFraction: 0.1, schedule: 'cosine' };
}

/** The dataset with so many of its training images, which are a sample of all, at most; normalised as before. */
function firstImages(dataset: Dataset, count: number): Dataset {
  const { train, digest } = dataset;
  if (count >= train.count) return dataset;
  const bytes = train.height * train.width * train.channels;
  const some: ImageSet = {
    ...train,
    count,
    pixels: train.pixels.subarray(0, count * bytes),
    labels: train.labels.subarray(0, count),
  };
  return { ...dataset, digest: digestOf({ of: digest, first: count }), train: some };
}
