import { type Command, Option } from 'commander';
import { EXPORT_FORMATS } from '../../export/index.ts';
import { positiveInteger, positiveNumber, wholeNumber } from '../option-values.ts';
import { runExport } from '../run-export.ts';

export interface ExportOptions {
  readonly format: keyof typeof EXPORT_FORMATS;
  readonly output?: string;
  readonly weights?: string;
  readonly untrained?: true;
  readonly width?: number;
  readonly resolution?: number;
  readonly classes?: number;
  readonly inputChannels?: number;
  readonly strides?: number;
  readonly normalise?: true;
  readonly int8?: true;
  readonly calibrationImages?: number;
  readonly check?: true;
  readonly dataset?: string;
  readonly json?: true;
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description('Write a trained network for other programs')
    .argument('<network>', 'name of a network, file, RUN/TRIAL, or an adaptation')
    .addOption(
      new Option('--format <name>', 'what to write; see below')
        .choices(Object.keys(EXPORT_FORMATS))
        .makeOptionMandatory(),
    )
    .option('-o, --output <file>', 'the file to write (default: named after the network, in this folder)')
    .option('--weights <file>', 'of this safetensors file (default: the best of its newest training)')
    .option('--untrained', 'of a network that has not been trained: random weights')
    .option('--width <multiplier>', 'multiply every number of channels', positiveNumber)
    .option('--resolution <pixels>', 'rows and columns of the images', positiveInteger)
    .option('--classes <count>', 'what the network tells apart', positiveInteger)
    .option('--input-channels <count>', 'of the images: 3 for colour', positiveInteger)
    .option('--strides <count>', 'strides of 2 that the network keeps, the latest', wholeNumber)
    .option('--normalise', 'normalise in the network, which then takes pixels from 0 to 255')
    .option('--int8', 'of tflite: int8 weights and activations, calibrated by training images')
    .option(
      '--calibration-images <count>',
      'of --int8: the first of the training images (default: 256)',
      positiveInteger,
    )
    .option('--check', 'of tflite: run the file on the validation images; --int8 always does')
    .option('--dataset <name>', 'the images of the training (default: as it is stored with the weights)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', `\n${formatsHelp()}\n${EXAMPLES}`)
    .action((network: string, options: ExportOptions) => runExport(network, options));
}

function formatsHelp(): string {
  return [
    'Formats:',
    ...Object.entries(EXPORT_FORMATS).map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`),
    '',
    'Sizes are those of the training that the weights are of, otherwise those of the network. Images have to be',
    'normalised as in training: each channel less its mean over the training images, by its standard deviation. Files',
    'hold both, unless --normalise makes them part of the network. --int8 is told beside float32: accuracy of both.',
    '',
  ].join('\n');
}

const EXAMPLES = `Examples:
  $ nas export mobilenet-v3-small --format tflite
  $ nas export mobilenet-v3-small --format tflite --int8
  $ nas export r1/17 --format pytorch -o winner.py
  $ nas export mobilenet-v2 --width 0.5 --untrained --format tflite`;
