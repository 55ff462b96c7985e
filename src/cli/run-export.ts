import { basename, dirname, join } from 'node:path';
import { messageOf, NasError } from '../base/errors.ts';
import { formatCount } from '../base/units.ts';
import type { ExportedFile, ExportFormat } from '../export/format.ts';
import { EXPORT_FORMATS } from '../export/index.ts';
import { inputNote, type Normalisation } from '../export/normalisation.ts';
import { normalisingNetwork } from '../export/normalising-network.ts';
import { type TrainedNetwork, trainedNetwork } from '../export/trained-network.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { graphCost } from '../graph/cost.ts';
import type { Shape } from '../graph/op.ts';
import { buildGraph } from '../space/network.ts';
import { readSafetensors } from '../trainers/weight-files.ts';
import { accuracyLine, calibrationCount, checkedFiles } from './checked-export.ts';
import type { ExportOptions } from './commands/export.ts';
import { readImages } from './exported-images.ts';
import { findWeights, untrainedWeights } from './exported-weights.ts';
import { resolveNetwork } from './networks.ts';
import { print, printJson } from './output.ts';
import { doWork } from './work.ts';

/** Writes a network in a format and prints what was written. */
export async function runExport(reference: string, options: ExportOptions): Promise<void> {
  const format: ExportFormat = EXPORT_FORMATS[options.format];
  checkOptions(options);
  const architecture = resolveNetwork(reference);
  const { folder, stem } = placeOf(options, architecture.name, format);
  const found = findWeights(reference, architecture, options);
  const { build, file, origin, trained } = found;
  const graph = buildGraph(architecture, build);
  const stored = file === undefined ? untrainedWeights(graph) : readSafetensors(file);
  // Before images are read: weights of another network are refused at once.
  const plain = trainedNetwork(architecture.name, graph, stored, file ?? reference);
  await doWork(async (work) => {
    const isKnown = trained?.images !== undefined;
    const dataset =
      options.int8 || options.check || options.dataset !== undefined || (options.normalise && !isKnown)
        ? await readImages(trained, options, graph, work)
        : undefined;
    const network = toExport(plain, trained?.images ?? dataset, options);
    const { files, accuracy } =
      dataset !== undefined && (options.int8 || options.check)
        ? await checkedFiles(network, format, dataset, found, options, work)
        : { files: format.write(network, stem), accuracy: undefined };
    const written = files.map((exported) => write(folder, stem, exported));
    const { params, macs } = graphCost(graph);
    const input = batchShape(graph.nodes[0]?.shape, format);
    const classes = graph.nodes[graph.output]?.shape[2] ?? 0;
    work.progress.clear();
    if (options.json) {
      printJson({
        ...{ network: reference, format: options.format, origin: origin ?? null, weights: file ?? null },
        ...{ params, macs, input, layout: format.layout, classes, images: network.images },
        ...{ int8: options.int8 ?? false, validation: accuracy ?? null, files: written },
      });
      return;
    }
    print(`network  ${reference}: ${formatCount(params)} params, ${formatCount(macs)} MACs`);
    print(`weights  ${file === undefined ? 'random: the network is untrained' : weightsLine(file, origin)}`);
    print(`input    float32 [${input.join(', ')}] (${format.layout}); ${classes} logits`);
    const isOpen = file === undefined && network.images.normalisation === undefined;
    print(`images   ${isOpen ? 'whatever it will be trained with' : inputNote(network.images)}`);
    if (options.int8) {
      print(
        `int8     calibrated by ${calibrationCount(options, dataset)} training images, from the least to the greatest value of each tensor`,
      );
    }
    if (accuracy !== undefined) print(accuracyLine(accuracy, options));
    print(written.map(({ path, bytes }) => `written  ${path}, ${formatCount(bytes)}B`).join('\n'));
    if (options.format === 'tflite' && file !== undefined) {
      print(`next     nas verify ${reference} --model ${written[0]?.path} measures it on a device`);
    }
  });
}

/** The network with what is known of its images, and the normalisation within it where that is asked for. */
function toExport(
  network: TrainedNetwork,
  statistics: Normalisation | undefined,
  { normalise }: ExportOptions,
): TrainedNetwork {
  if (statistics === undefined) return network;
  const { mean, standardDeviation } = statistics;
  const normalisation = { mean, standardDeviation };
  return normalise
    ? normalisingNetwork(network, normalisation)
    : { ...network, images: { values: 'normalised', normalisation } };
}

/** What some formats have and others do not. */
function checkOptions({ format, int8, check, calibrationImages, untrained }: ExportOptions): void {
  const refuse = (option: string, found: string, expected: string): never => {
    throw new NasError(option, { found, expected });
  };
  if (format !== 'tflite') {
    const beside = `beside --format ${format}`;
    if (int8) refuse('--int8', beside, '--format tflite, which has integers');
    if (check) refuse('--check', beside, '--format tflite, whose files LiteRT runs here');
  }
  if (calibrationImages !== undefined && !int8)
    refuse('--calibration-images', 'no --int8', '--int8 beside it');
  if (untrained && (int8 || check)) {
    const option = int8 ? '--int8' : '--check';
    refuse(option, 'beside --untrained', 'trained weights, without which there is nothing to lose');
  }
}

function weightsLine(file: string, origin: string | undefined): string {
  return origin === undefined ? file : `${file} of ${origin}`;
}

/** The folder and the common part of the names of the files. */
function placeOf(
  { output, int8 }: Pick<ExportOptions, 'output' | 'int8'>,
  name: string,
  format: ExportFormat,
): { readonly folder: string; readonly stem: string } {
  if (output === undefined) return { folder: '.', stem: `${format.stemOf(name)}${int8 ? '-int8' : ''}` };
  const stem = basename(output, format.suffix);
  if (!output.endsWith(format.suffix) || stem === '' || stem === format.suffix) {
    throw new NasError('--output', { found: output, expected: `a file that ends in ${format.suffix}` });
  }
  return { folder: dirname(output), stem };
}

function write(
  folder: string,
  stem: string,
  { suffix, content }: ExportedFile,
): { readonly path: string; readonly bytes: number } {
  const path = join(folder, `${stem}${suffix}`);
  const bytes = Buffer.from(content);
  try {
    writeWholeFile(path, bytes);
  } catch (cause) {
    throw new NasError(path, { found: `cannot be written (${messageOf(cause)})`, cause });
  }
  return { path, bytes: bytes.length };
}

function batchShape(
  [height, width, channels]: Shape = [0, 0, 0],
  { layout }: ExportFormat,
): readonly number[] {
  return layout === 'NHWC' ? [1, height, width, channels] : [1, channels, height, width];
}
