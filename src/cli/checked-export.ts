import { formatPercent } from '../base/units.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { ExportedFile, ExportFormat } from '../export/format.ts';
import type { RunModel } from '../export/tflite/int8/calibrate.ts';
import { int8File } from '../export/tflite/int8/int8.ts';
import type { TrainedNetwork } from '../export/trained-network.ts';
import { accuracyOfModel } from '../flows/model-accuracy.ts';
import { bar } from '../report/progress.ts';
import type { ExportOptions } from './commands/export.ts';
import { withDevice } from './device-options.ts';
import { imageValues } from './exported-images.ts';
import type { ExportedWeights } from './exported-weights.ts';
import type { Work } from './work.ts';

/** How good an exported file is, on validation images. */
interface CheckedAccuracy {
  readonly images: number;
  /** Of the file that was written, run by LiteRT. */
  readonly accuracy: number;
  /** Of the same network in float32, run by LiteRT. */
  readonly float32Accuracy: number;
  /** As the training told it; `null` where none did, or of images of another size. */
  readonly trainedAccuracy: number | null;
}

/** Here, in a process of its own. */
const LITERT = { device: 'local', runtime: 'litert', dtype: 'float32', threads: 1 } as const;

/** Writes the file in the way that is asked for, runs it on the validation images, and the float32 one beside it. */
export async function checkedFiles(
  network: TrainedNetwork,
  format: ExportFormat,
  dataset: Dataset,
  { trained, validationAccuracy }: ExportedWeights,
  options: ExportOptions,
  work: Work,
): Promise<{ readonly files: readonly ExportedFile[]; readonly accuracy: CheckedAccuracy }> {
  const { validation } = dataset;
  const images = validation.count;
  const given = asGiven(dataset, network);
  return withDevice(LITERT, work, async ({ runModel }) => {
    if (runModel === undefined) throw new RangeError('LiteRT tells what it computes');
    const run: RunModel = (model, values) =>
      runModel({ name: network.name, graph: network.graph, model }, values, { signal: work.signal });
    const accuracyOf = async (content: Uint8Array, dtype: string): Promise<number> => {
      const show = counter(images, `validation images, ${dtype}`, work);
      return (await accuracyOfModel((values) => run(content, values), given, images, show)).accuracy;
    };
    const files = format.write(network, '');
    const [float32] = files;
    if (!(float32?.content instanceof Uint8Array)) throw new RangeError('a .tflite file is bytes');
    const float32Accuracy = await accuracyOf(float32.content, 'float32');
    const isSameSize = trained?.resolution === validation.width && options.dataset === undefined;
    const known = {
      ...{ images, float32Accuracy },
      trainedAccuracy: isSameSize ? (validationAccuracy ?? null) : null,
    };
    if (!options.int8) return { files, accuracy: { ...known, accuracy: float32Accuracy } };
    const count = calibrationCount(options, dataset);
    const show = counter(count, 'training images to calibrate by', work);
    const content = await int8File(network, imageValues(given, count, show), run);
    const accuracy = await accuracyOf(content, 'int8');
    return { files: [{ suffix: float32.suffix, content }], accuracy: { ...known, accuracy } };
  });
}

/** The images with that normalisation which is left to whoever gives them to the network. */
function asGiven(dataset: Dataset, { images }: TrainedNetwork): Dataset {
  if (images.values === 'normalised') return { ...dataset, ...images.normalisation };
  const { mean, standardDeviation } = dataset;
  return { ...dataset, mean: mean.map(() => 0), standardDeviation: standardDeviation.map(() => 1) };
}

/** Shows how many of some images are done. */
function counter(count: number, what: string, { progress }: Work): (done: number) => void {
  return (done) => progress.live(`${bar(done / count)} ${done}/${count} ${what}`);
}

/** The first of the training images, which are a sample of all classes. */
export function calibrationCount(
  { calibrationImages = 256 }: ExportOptions,
  dataset: Dataset | undefined,
): number {
  return Math.min(calibrationImages, dataset?.train.count ?? 0);
}

/** For people. */
export function accuracyLine(
  { images, accuracy, float32Accuracy, trainedAccuracy }: CheckedAccuracy,
  { int8 }: ExportOptions,
): string {
  const others = [
    ...(int8 ? [`${formatPercent(float32Accuracy)} in float32`] : []),
    ...(trainedAccuracy === null ? [] : [`${formatPercent(trainedAccuracy)} in training`]),
  ];
  const beside = others.length === 0 ? '' : `; ${others.join(', ')}`;
  return `accuracy ${formatPercent(accuracy)} of ${images} validation images, run by LiteRT${beside}`;
}
