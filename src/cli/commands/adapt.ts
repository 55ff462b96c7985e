import { type Command, Option } from 'commander';
import { RULES, type Rule } from '../../strategies/netadapt/rules.ts';
import type { Recipe } from '../../trainers/recipe.ts';
import { CRITERIA, type Criterion } from '../../trainers/slice-criteria.ts';
import { addDeviceOptions, type DeviceOptions } from '../device-options.ts';
import { positiveInteger, positiveNumber, wholeNumber } from '../option-values.ts';
import { runAdaptation } from '../run-adaptation.ts';
import {
  addParallelTrainingOptions,
  addTrainerOptions,
  type ParallelTrainingOptions,
} from '../trainer-options.ts';

export interface AdaptOptions extends DeviceOptions, ParallelTrainingOptions {
  readonly target: string;
  readonly table?: string;
  readonly weights?: string;
  readonly dataset: string;
  /** By its name or file, or as it is. */
  readonly recipe: string | Recipe;
  readonly epochs?: number;
  readonly width: number;
  readonly resolution?: number;
  readonly strides?: number;
  readonly deployedResolution?: number;
  readonly deployAsTrained?: true;
  readonly validationImages?: number;
  readonly tuneEpochs: number;
  readonly tuneImages: number;
  readonly tuneRate?: number;
  readonly step: number;
  readonly decay: number;
  readonly rule: Rule;
  readonly criterion: Criterion;
  readonly seed: string;
  readonly resume?: true;
  readonly takeOver?: true;
  readonly json?: true;
}

export function addAdapt(program: Command): void {
  const adapt = program
    .command('adapt')
    .description('Narrow a trained network, layer by layer, until it is fast enough (NetAdapt)')
    .argument('<network>', 'name of a network, file, RUN/TRIAL, or an adaptation such as a1')
    .requiredOption('--target <latency>', 'such as 12ms: of the deployed network')
    .option('--table <file>', 'only look into this latency table; widths it lacks are interpolated');
  addDeviceOptions(adapt)
    .option('--weights <file>', 'trained weights to start from, of nas train with the same options and seed')
    .option('--dataset <name>', 'cifar10, folder:PATH, shards:PATH or idx:PATH', 'cifar10')
    .option(
      '--recipe <name or file>',
      'how to train first where there are no weights; see nas train',
      'cifar10',
    )
    .option('--epochs <count>', 'of that training, instead of those of the recipe', positiveInteger)
    .option('--width <multiplier>', 'multiply every number of channels', positiveNumber, 1)
    .option(
      '--resolution <pixels>',
      'of the images that are trained (default: as nas train)',
      positiveInteger,
    )
    .option('--strides <count>', 'of 2, when trained (default: as nas train)', wholeNumber)
    .option('--deployed-resolution <pixels>', "when deployed (default: the network's)", positiveInteger)
    .option('--deploy-as-trained', 'the deployed network is the one that is trained, in size and classes')
    .option(
      '--validation-images <count>',
      'held out to compare proposals by (default: a tenth)',
      positiveInteger,
    )
    .option('--tune-epochs <count>', 'of the fine-tuning of each proposal', positiveInteger, 1)
    .option('--tune-images <count>', 'training images of an epoch of it, at most', positiveInteger, 10_000)
    .option('--tune-rate <rate>', "its peak learning rate (default: a tenth of the recipe's)", positiveNumber)
    .option('--step <part>', 'of the latency that the first step cuts at least', positiveNumber, 0.01)
    .option('--decay <factor>', 'of that from step to step, down to a quarter', positiveNumber, 0.96)
    .addOption(
      new Option(
        '--rule <name>',
        'which proposal is taken: the least accuracy lost a millisecond, or the most accurate',
      )
        .choices(RULES)
        .default('mobilenet-v3' satisfies Rule),
    )
    .addOption(
      new Option('--criterion <name>', 'which channels stay')
        .choices(CRITERIA)
        .default('l2' satisfies Criterion),
    )
    .option('--seed <text>', 'the same seed gives the same network', '1')
    .option('--resume', 'go on with the same adaptation, which was stopped or killed')
    .option('--take-over', 'with --resume: though a process of another machine may be working on it');
  addTrainerOptions(adapt);
  addParallelTrainingOptions(adapt)
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action((network: string, options: AdaptOptions) => runAdaptation(network, options));
}

const EXAMPLES = `
Latency is that of the network as it is deployed; accuracy that of the network as nas train trains it. Both are cut by the
same parts of the same layers. Every proposal is stored: --resume loses only those that were being fine-tuned. What comes of it is a network that other
commands take by its number: nas cost a1, nas train a1 --weights FILE.

Examples:
  $ nas adapt mobilenet-v3-small --target 4ms
  $ nas adapt r1/17 --target 12ms --device adb --weights runs/weights/0f5c.safetensors
  $ nas adapt mobilenet-v2 --target 3ms --deploy-as-trained --step 0.05 --tune-images 5000`;
