import { basename, dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { messageOf, NasError } from '../base/errors.ts';
import { formatCount } from '../base/units.ts';
import type { ExportedFile, ExportFormat } from '../export/format.ts';
import { EXPORT_FORMATS } from '../export/index.ts';
import { trainedNetwork } from '../export/trained-network.ts';
import { graphCost } from '../graph/cost.ts';
import type { Shape } from '../graph/op.ts';
import { buildGraph } from '../space/network.ts';
import { readSafetensors } from '../trainers/weight-files.ts';
import type { ExportOptions } from './commands/export.ts';
import { findWeights, untrainedWeights } from './exported-weights.ts';
import { resolveNetwork } from './networks.ts';
import { print, printJson } from './output.ts';

/** Writes a network in a format and prints what was written. */
export function runExport(reference: string, options: ExportOptions): void {
  const format: ExportFormat = EXPORT_FORMATS[options.format];
  const architecture = resolveNetwork(reference);
  const { folder, stem } = placeOf(options.output, architecture.name, format);
  const { build, file, origin } = findWeights(reference, architecture, options);
  const graph = buildGraph(architecture, build);
  const stored = file === undefined ? untrainedWeights(graph) : readSafetensors(file);
  const network = trainedNetwork(architecture.name, graph, stored, file ?? reference);
  const files = format.write(network, stem).map((exported) => write(folder, stem, exported));
  const { params, macs } = graphCost(graph);
  const input = batchShape(graph.nodes[0]?.shape, format);
  const classes = graph.nodes[graph.output]?.shape[2] ?? 0;
  if (options.json) {
    printJson({
      ...{ network: reference, format: options.format, origin: origin ?? null, weights: file ?? null },
      ...{ params, macs, input, layout: format.layout, classes, files },
    });
    return;
  }
  print(`network  ${reference}: ${formatCount(params)} params, ${formatCount(macs)} MACs`);
  print(`weights  ${file === undefined ? 'random: the network is untrained' : weightsLine(file, origin)}`);
  print(
    `input    float32 [${input.join(', ')}] (${format.layout}), normalised as in training; ${classes} logits`,
  );
  print(files.map(({ path, bytes }) => `written  ${path}, ${formatCount(bytes)}B`).join('\n'));
}

function weightsLine(file: string, origin: string | undefined): string {
  return origin === undefined ? file : `${file} of ${origin}`;
}

/** The folder and the common part of the names of the files. */
function placeOf(
  output: string | undefined,
  name: string,
  format: ExportFormat,
): { readonly folder: string; readonly stem: string } {
  if (output === undefined) return { folder: '.', stem: format.stemOf(name) };
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
    writeFileAtomic.sync(path, bytes);
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
