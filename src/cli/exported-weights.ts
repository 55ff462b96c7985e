import { statSync } from 'node:fs';
import { canonicalJson } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import { createRng } from '../base/rng.ts';
import type { Graph } from '../graph/graph.ts';
import type { AdaptationReport } from '../report/adaptation-report.ts';
import type { Architecture, BuildOptions } from '../space/network.ts';
import { openAdaptationLog } from '../store/adaptations.ts';
import type { StoredTraining } from '../store/trainings.ts';
import { initialValues } from '../trainers/embedded/initialisation.ts';
import { parameterSpecs } from '../trainers/embedded/parameters.ts';
import type { Safetensors } from '../trainers/safetensors.ts';
import { digestOfFile } from '../trainers/weight-files.ts';
import { isAdaptationReference } from './adapted-networks.ts';
import type { ExportOptions } from './commands/export.ts';
import type { TrainedImages } from './exported-images.ts';
import { DATABASE } from './folders.ts';
import { stridesBut } from './kept-strides.ts';
import { storedTrainings } from './stored-trainings.ts';

/** Where weights are, and how large the network is that they are of. */
export interface ExportedWeights {
  readonly build: BuildOptions;
  /** A safetensors file; left out for those of an untrained network. */
  readonly file?: string;
  /** The training or adaptation that they come of, if it is stored. */
  readonly origin?: string;
  /** What they were trained with, as far as that is stored. */
  readonly trained?: TrainedImages;
  /** Of them, on the validation images of their training. */
  readonly validationAccuracy?: number;
}

/** What a network is to be exported with: the best weights of its newest training, unless told otherwise. */
export function findWeights(
  reference: string,
  architecture: Architecture,
  options: ExportOptions,
): ExportedWeights {
  const asked = askedBuild(architecture, options);
  if (options.untrained) {
    if (options.weights === undefined) return { build: asked };
    throw new NasError('--untrained', {
      found: `with --weights ${options.weights}`,
      expected: 'one of the two',
    });
  }
  const trainings = storedTrainings();
  if (options.weights !== undefined) {
    const file = options.weights;
    const digest = statSync(file, { throwIfNoEntry: false })?.isFile() ? digestOfFile(file) : undefined;
    const origin = digest === undefined ? undefined : trainingOf(trainings, digest);
    return {
      file,
      build: { ...buildOf(origin?.training), ...asked },
      ...(origin === undefined ? {} : toldBy(origin.training, origin.kept)),
    };
  }
  const adapted = isAdaptationReference(reference) ? adaptedWeights(reference) : undefined;
  const training = trainings.find(
    (candidate) => isOf(candidate, architecture) && agrees(buildOf(candidate), asked),
  );
  if (training !== undefined) {
    const { best } = training;
    const build = { ...buildOf(training), ...asked };
    return { build, file: best.weights, ...toldBy(training, best) };
  }
  if (adapted !== undefined && agrees(adapted.build, asked)) {
    return { ...adapted, build: { ...adapted.build, ...asked } };
  }
  const width = options.width === undefined ? '' : ` of width ${options.width}`;
  throw new NasError(reference, {
    found: `no stored training of it${width}`,
    expected: 'trained weights',
    next: `nas train ${reference}${options.width === undefined ? '' : ` --width ${options.width}`} trains it; --weights FILE takes others, --untrained random ones`,
  });
}

/** The weights that a training of the network would begin with. */
export function untrainedWeights(graph: Graph): Safetensors {
  const rng = createRng('export');
  const tensors = parameterSpecs(graph).map((spec) => {
    const stream = rng.fork(`${graph.nodes[spec.node]?.name}.${spec.role}`);
    const data = initialValues(graph, spec, stream);
    return [`${spec.node}.${spec.role}`, { shape: spec.dimensions, data }] as const;
  });
  return { tensors: new Map(tensors), metadata: {} };
}

/** What the user says about the network's size, and nothing else. */
function askedBuild(architecture: Architecture, options: ExportOptions): BuildOptions {
  const { width, resolution, classes, inputChannels, strides } = options;
  return {
    ...(width === undefined ? {} : { width }),
    ...(resolution === undefined ? {} : { resolution }),
    ...(classes === undefined ? {} : { classes }),
    ...(inputChannels === undefined ? {} : { inputChannels }),
    ...(strides === undefined ? {} : { dropEarlyStrides: stridesBut(architecture, strides) }),
  };
}

/** The training that left a file of this SHA-256, and which of its two it is. */
function trainingOf(
  trainings: readonly StoredTraining[],
  digest: string,
): { readonly training: StoredTraining; readonly kept: StoredTraining['best'] } | undefined {
  for (const training of trainings) {
    const kept = [training.best, training.last].find(({ weights }) => weights.includes(digest));
    if (kept !== undefined) return { training, kept };
  }
  return undefined;
}

/** What a training tells of weights that it kept. */
function toldBy(
  training: StoredTraining,
  { validationAccuracy }: StoredTraining['best'],
): Pick<ExportedWeights, 'origin' | 'trained' | 'validationAccuracy'> {
  const { id, dataset, seed, datasetDigest: digest, images } = training;
  const { resolution = 0 } = buildOf(training);
  return {
    ...{ origin: id, validationAccuracy },
    trained: { ...{ dataset, seed, digest, resolution }, ...(images === undefined ? {} : { images }) },
  };
}

/** Our own document, as it was stored. */
function buildOf(training: StoredTraining | undefined): BuildOptions {
  return (training?.build ?? {}) as BuildOptions;
}

/** Whether a training is of this network, under whatever name it was. */
function isOf(training: StoredTraining, architecture: Architecture): boolean {
  const nameless = (document: unknown): string => canonicalJson({ ...(document as object), name: '' });
  return nameless(training.architecture) === nameless(architecture);
}

/** Whether weights of one size are those of another. The resolution is free: no weight depends on it. */
function agrees(trained: BuildOptions, asked: BuildOptions): boolean {
  const { resolution: _, ...rest } = asked;
  return Object.entries(rest).every(([field, value]) => trained[field as keyof BuildOptions] === value);
}

/** What is read here of what an adaptation was asked. */
interface AdaptationConfig extends Partial<Pick<StoredTraining, 'images' | 'datasetDigest'>> {
  readonly trainedBuild: BuildOptions;
  readonly dataset: string;
  readonly seed: string;
}

/** What an adaptation that has ended left. */
function adaptedWeights(reference: string): ExportedWeights | undefined {
  const log = openAdaptationLog(DATABASE, { readOnly: true });
  try {
    const found = log.all().find(({ id }) => id === reference);
    if (found?.outcome === undefined) return undefined;
    // Our own documents, as they were stored.
    const config = found.config as AdaptationConfig;
    const { weights, after } = found.outcome as AdaptationReport;
    const { dataset, seed, images, datasetDigest, trainedBuild: build } = config;
    return {
      ...{ build, file: weights, origin: reference, validationAccuracy: after.accuracy },
      trained: {
        ...{ dataset, seed, resolution: build.resolution ?? 0 },
        ...(images === undefined ? {} : { images }),
        ...(datasetDigest === undefined ? {} : { digest: datasetDigest }),
      },
    };
  } finally {
    log.close();
  }
}
