import type { Command } from 'commander';
import { addDeviceOptions, type DeviceOptions } from '../device-options.ts';
import { positiveInteger, positiveNumber } from '../option-values.ts';
import { runVerification } from '../run-verification.ts';

export interface VerifyOptions extends DeviceOptions {
  readonly target?: string;
  readonly model?: string;
  readonly output?: string;
  readonly weights?: string;
  readonly width?: number;
  readonly dataset?: string;
  readonly images?: number;
  readonly deployAsTrained?: true;
  readonly json?: true;
}

export function addVerify(program: Command): void {
  const verify = program
    .command('verify')
    .description('Run an exported network on a device: is it as fast and as accurate as was said?')
    .argument('<network>', 'name of a network, file, RUN/TRIAL, or an adaptation such as a1')
    .option(
      '--target <latency>',
      'such as 12ms, that it must meet (default: that of its adaptation or its run, if any)',
    );
  addDeviceOptions(verify)
    .option('--model <file>', 'this .tflite file of it (default: one is written)')
    .option('-o, --output <file>', 'where that is written (default: in runs/exports)')
    .option('--weights <file>', 'of this safetensors file (default: as nas export)')
    .option(
      '--width <multiplier>',
      'of the trained network (default: of its newest training)',
      positiveNumber,
    )
    .option('--dataset <name>', 'whose validation images it is tried on (default: that of its training)')
    .option('--images <count>', 'try so many of them at most', positiveInteger)
    .option('--deploy-as-trained', 'the target is for the file itself, in the size that was trained')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action((network: string, options: VerifyOptions) => runVerification(network, options));
}

const EXAMPLES = `
The file runs as a whole on the device, where its runtime takes .tflite files (litert, a browser, tflite); XNNPACK's runner
takes the graph that the file was written from. Where the file has the size of the training and not that in which the
network is deployed, both are measured, and the target is for both. The accuracy is of the file: the device's runtime runs it on
the validation images, or LiteRT here does where that one tells no outputs.

Examples:
  $ nas verify a1
  $ nas verify r1/17 --target 15ms --device adb
  $ nas verify mobilenet-v3-small --device browser --images 500`;
