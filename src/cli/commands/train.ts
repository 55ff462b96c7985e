import type { Command } from 'commander';
import type { Recipe } from '../../trainers/recipe.ts';
import { RECIPES } from '../../trainers/recipes.ts';
import { positiveInteger, positiveNumber, wholeNumber } from '../option-values.ts';
import { runTraining } from '../run-training.ts';
import { addTrainerOptions, type TrainerOptions } from '../trainer-options.ts';

export interface TrainOptions extends TrainerOptions {
  readonly dataset: string;
  /** By its name or file, or as it is. */
  readonly recipe: string | Recipe;
  readonly epochs?: number;
  readonly width: number;
  readonly resolution?: number;
  readonly strides?: number;
  readonly validationImages?: number;
  readonly seed: string;
  readonly weights?: string;
  readonly resume?: true;
  readonly csv?: string;
  readonly json?: true;
}

export function addTrain(program: Command): void {
  const train = program
    .command('train')
    .description('Train one network in full, test it, and keep its weights')
    .argument('<network>', 'name of a network, file, or RUN/TRIAL')
    .option('--dataset <name>', 'cifar10, folder:PATH, shards:PATH or idx:PATH', 'cifar10')
    .option('--recipe <name or file>', 'how to train; see below', 'cifar10')
    .option('--epochs <count>', 'as many instead of those of the recipe', positiveInteger)
    .option('--width <multiplier>', 'multiply every number of channels', positiveNumber, 1)
    .option(
      '--resolution <pixels>',
      "rows and columns of the images (default: the dataset's, or the network's)",
      positiveInteger,
    )
    .option(
      '--strides <count>',
      'strides of 2 that the network keeps, the latest (default: so many as leave 4x4 pixels)',
      wholeNumber,
    )
    .option(
      '--validation-images <count>',
      'held out from the training images to choose the best epoch by (default: a tenth)',
      positiveInteger,
    )
    .option('--seed <text>', 'the same seed gives the same weights', '1')
    .option('--weights <file>', 'start from this safetensors file instead of anew')
    .option('--resume', 'go on from the last epoch of the same training, which was stopped or killed')
    .option('--csv <file>', 'write loss and accuracy of each epoch');
  addTrainerOptions(train)
    .option('--json', 'print one JSON document')
    .addHelpText('after', `\n${recipesHelp()}\n${EXAMPLES}`)
    .action((network: string, options: TrainOptions) => runTraining(network, options));
}

function recipesHelp(): string {
  const names = Object.entries(RECIPES).map(
    ([name, { about, recipe }]) => `  ${name.padEnd(13)} ${about}; ${recipe.epochs} epochs`,
  );
  return [
    'Recipes:',
    ...names,
    '  FILE.json     an object such as:',
    `    ${JSON.stringify(RECIPES.cifar10.recipe)}`,
    '',
    'Each epoch ends with a checkpoint in runs/checkpoints, from which --resume goes on to the same weights. Test images',
    'are used once, after the last epoch.',
    '',
  ].join('\n');
}

const EXAMPLES = `Examples:
  $ nas train mobilenet-v3-small
  $ nas train mobilenet-v2 --width 0.5 --epochs 60 --csv epochs.csv
  $ nas train r1/17 --trainer pytorch --gpus 0`;
