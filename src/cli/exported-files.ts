import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, NasError } from '../base/errors.ts';
import type { ExportFormat } from '../export/format.ts';
import { EXPORT_FORMATS } from '../export/index.ts';
import { type TrainedNetwork, trainedNetwork } from '../export/trained-network.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { buildGraph } from '../space/network.ts';
import { readSafetensors } from '../trainers/weight-files.ts';
import { findWeights } from './exported-weights.ts';
import { resolveNetwork } from './networks.ts';

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/** A network with the weights of a file, and what is known of the images that they were trained with. */
export function networkOfWeights(reference: string, weights: string): TrainedNetwork {
  const architecture = resolveNetwork(reference);
  const { build, trained } = findWeights(reference, architecture, { format: 'tflite', weights });
  const known = trained?.images;
  const images =
    known === undefined
      ? {}
      : { normalisation: { mean: known.mean, standardDeviation: known.standardDeviation } };
  return trainedNetwork(
    architecture.name,
    buildGraph(architecture, build),
    readSafetensors(weights),
    weights,
    {
      values: 'normalised',
      ...images,
    },
  );
}

/** Writes a network to a folder in some formats. */
export function exportTo(
  folder: string,
  network: TrainedNetwork,
  formats: readonly (keyof typeof EXPORT_FORMATS)[],
): readonly WrittenFile[] {
  return formats.flatMap((name) => {
    const format: ExportFormat = EXPORT_FORMATS[name];
    const stem = format.stemOf(network.name);
    return format
      .write(network, stem)
      .map(({ suffix, content }) => writeWhole(join(folder, `${stem}${suffix}`), content));
  });
}

/** Writes a file that is whole or as before, and its folder. */
export function writeWhole(path: string, content: string | Uint8Array): WrittenFile {
  const bytes = Buffer.from(content);
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    writeWholeFile(path, bytes);
  } catch (cause) {
    throw new NasError(path, { found: `cannot be written (${messageOf(cause)})`, cause });
  }
  return { path, bytes: bytes.length };
}
