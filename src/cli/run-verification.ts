import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { messageOf, NasError } from '../base/errors.ts';
import { formatDuration, parseDurationMs } from '../base/units.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Device } from '../devices/device.ts';
import { openTableFile, tablePath } from '../devices/table-file.ts';
import { EXPORT_FORMATS } from '../export/index.ts';
import { holdsInt8 } from '../export/tflite/holds-int8.ts';
import { int8File } from '../export/tflite/int8/int8.ts';
import { type TrainedNetwork, trainedNetwork } from '../export/trained-network.ts';
import { accuracyOfModel, type ModelAccuracy } from '../flows/model-accuracy.ts';
import { measureFile, meetsTarget } from '../flows/verify-file.ts';
import { graphCost } from '../graph/cost.ts';
import type { Graph } from '../graph/graph.ts';
import { estimateKnownKernels } from '../latency/estimate.ts';
import type { Provenance } from '../latency/table.ts';
import { bar, secondsLeft } from '../report/progress.ts';
import {
  type VerificationReport,
  type VerifiedAccuracy,
  verificationSummary,
} from '../report/verification-report.ts';
import { type Architecture, buildGraph } from '../space/network.ts';
import { openVerificationLog } from '../store/verifications.ts';
import { readSafetensors } from '../trainers/weight-files.ts';
import type { VerifyOptions } from './commands/verify.ts';
import { withDevice } from './device-options.ts';
import { EXIT } from './exit.ts';
import { writeWhole } from './exported-files.ts';
import { imageValues, readImages } from './exported-images.ts';
import { type ExportedWeights, findWeights } from './exported-weights.ts';
import { DATABASE, LATENCY_TABLES } from './folders.ts';
import { resolveNetwork } from './networks.ts';
import { print, printJson } from './output.ts';
import { subjectOf } from './verified-subject.ts';
import { doWork, type Work } from './work.ts';

/** Where files are kept that are exported to be verified. */
const EXPORTS = join('runs', 'exports');

/** LiteRT in a process of its own, which tells what it computes. */
const HERE = { device: 'local', runtime: 'litert', dtype: 'float32', threads: 1 } as const;

/** As many as nas export takes. */
const CALIBRATION_IMAGES = 256;

/** Verifies a network and prints what it came to. */
export async function runVerification(reference: string, options: VerifyOptions): Promise<void> {
  await doWork(async (work) => {
    const report = await verifyNetwork(reference, options, work);
    work.progress.clear();
    if (options.json) printJson(report);
    else print(verificationSummary(report));
    if (report.met === false) process.exitCode = EXIT.targetMissed;
  });
}

/** Runs an exported network on a device, and stores what it came to. */
export async function verifyNetwork(
  reference: string,
  options: VerifyOptions,
  work: Work,
): Promise<VerificationReport> {
  const startMs = work.nowMs();
  const asked = options.target === undefined ? undefined : parseDurationMs(options.target, '--target');
  const architecture = resolveNetwork(reference);
  const weights = findWeights(reference, architecture, {
    format: 'tflite',
    ...(options.weights === undefined ? {} : { weights: options.weights }),
    ...(options.width === undefined ? {} : { width: options.width }),
  });
  const subject = subjectOf(reference, weights);
  const targetMs = asked ?? subject.targetMs ?? null;
  const graph = buildGraph(architecture, weights.build);
  const deployed = options.deployAsTrained ? graph : buildGraph(architecture, subject.deployedBuild);
  const dataset = await readImages(weights.trained, options, graph, work);
  const file = await modelFile(architecture, graph, weights, dataset, options, work);
  const found = await withDevice(options, work, async (device) => {
    work.progress.line(`verify   ${file.path} on ${device.provenance.processor}`);
    const latencies = await measureFile({ ...file, graph, deployed }, device, work.signal);
    const { provenance } = device;
    const tried = async (): Promise<Tried | undefined> =>
      device.runModel === undefined
        ? undefined
        : { ...(await tryModel(file.content, graph, device, dataset, options, work)), provenance };
    return { latencies, provenance, tried: await tried() };
  });
  const { latencies, provenance, tried = await tryHere(file.content, graph, dataset, options, work) } = found;
  const report: Omit<VerificationReport, 'verification'> = {
    ...{ network: reference, origin: weights.origin ?? null },
    file: {
      ...{ path: file.path, bytes: file.content.byteLength, sha256: digestOf(file.content) },
      int8: file.int8,
    },
    device: provenance,
    ...{ targetMs, met: targetMs === null ? null : meetsTarget(latencies, targetMs) },
    deployed: {
      ...{ ...sizeOf(deployed), latency: latencies.deployed },
      ...(latencies.deployed.ran === 'file' && file.int8 !== (provenance.dtype === 'int8')
        ? NO_ESTIMATE
        : estimateOf(deployed, provenance)),
    },
    asFile: latencies.file === undefined ? null : { ...sizeOf(graph), latency: latencies.file },
    accuracy: accuracyOf(tried, found.tried === undefined ? 'here' : 'device', dataset, weights),
    seconds: (work.nowMs() - startMs) / 1000,
  };
  return { verification: save(reference, report), ...report };
}

/** What a model came to on images, and where. */
interface Tried extends ModelAccuracy {
  readonly provenance: Provenance;
}

interface ModelFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** Whether it computes with integers of 8 bits. */
  readonly int8: boolean;
}

/** The file that is named, or one that is written from the weights, of integers where the device is to run such. */
async function modelFile(
  architecture: Architecture,
  graph: Graph,
  { file }: ExportedWeights,
  dataset: Dataset,
  { model: path, output, dtype }: VerifyOptions,
  work: Work,
): Promise<ModelFile> {
  if (path !== undefined) {
    try {
      const content = readFileSync(path);
      return { path, content, int8: holdsInt8(content) };
    } catch (cause) {
      const found = `cannot be read (${messageOf(cause)})`;
      throw new NasError(path, { found, expected: 'a .tflite file', cause });
    }
  }
  if (file === undefined) throw new RangeError('an untrained network');
  const format = EXPORT_FORMATS.tflite;
  const stem = format.stemOf(architecture.name);
  const network = trainedNetwork(architecture.name, graph, readSafetensors(file), file);
  const [exported] = format.write(network, stem);
  if (exported === undefined) throw new RangeError('a format writes a file');
  const content = dtype === 'int8' ? await quantized(network, dataset, work) : Buffer.from(exported.content);
  const written = output ?? join(EXPORTS, `${stem}-${digestOf(content).slice(0, 12)}${format.suffix}`);
  writeWhole(written, content);
  return { path: written, content, int8: dtype === 'int8' };
}

/** As nas export --int8 writes it. */
async function quantized(network: TrainedNetwork, dataset: Dataset, work: Work): Promise<Uint8Array> {
  return withDevice(HERE, work, ({ runModel }) => {
    if (runModel === undefined) throw new RangeError('LiteRT tells outputs');
    const { name, graph } = network;
    return int8File(
      network,
      imageValues(dataset, CALIBRATION_IMAGES, () => {}),
      (model, images) => runModel({ name, graph, model }, images, { signal: work.signal }),
    );
  });
}

async function tryModel(
  content: Uint8Array,
  graph: Graph,
  { runModel }: Device,
  dataset: Dataset,
  options: VerifyOptions,
  { progress, signal, nowMs }: Work,
): Promise<ModelAccuracy> {
  if (runModel === undefined) throw new RangeError('a runtime that tells no outputs');
  const most = Math.min(options.images ?? Number.POSITIVE_INFINITY, dataset.validation.count);
  const startMs = nowMs();
  const onImage = (done: number): void => {
    const left = secondsLeft(done / most, (nowMs() - startMs) / 1000) ?? 0;
    progress.live(`${bar(done / most)} ${done}/${most} images, ${formatDuration(left)} left`);
  };
  const model = { name: 'file', graph, model: content };
  const accuracy = await accuracyOfModel(
    (images) => runModel(model, images, { signal }),
    dataset,
    most,
    onImage,
  );
  progress.clear();
  return accuracy;
}

/** On this machine, whose LiteRT tells outputs. */
async function tryHere(
  content: Uint8Array,
  graph: Graph,
  dataset: Dataset,
  options: VerifyOptions,
  work: Work,
): Promise<Tried> {
  return withDevice(HERE, work, async (device) => ({
    ...(await tryModel(content, graph, device, dataset, options, work)),
    provenance: device.provenance,
  }));
}

function accuracyOf(
  { accuracy, images, provenance }: Tried,
  ranOn: VerifiedAccuracy['ranOn'],
  { name }: Dataset,
  { validationAccuracy }: ExportedWeights,
): VerifiedAccuracy {
  const runtime = `${provenance.runtime} ${provenance.runtimeVersion}`;
  return { accuracy, images, dataset: name, ranOn, runtime, trained: validationAccuracy ?? null };
}

function sizeOf(graph: Graph) {
  return {
    ...graphCost(graph),
    resolution: graph.nodes[0]?.shape[0] ?? 0,
    classes: graph.nodes[graph.output]?.shape[2] ?? 0,
  };
}

const NO_ESTIMATE = { estimateMs: null, estimateIntervalMs: null };

/** By the table of the device, where that has all kernels. */
function estimateOf(graph: Graph, provenance: Provenance) {
  const table = openTableFile(tablePath(LATENCY_TABLES, provenance), provenance).table();
  const { latencyMs, intervalMs, missing } = estimateKnownKernels(graph, table);
  return missing.length > 0 ? NO_ESTIMATE : { estimateMs: latencyMs, estimateIntervalMs: intervalMs ?? null };
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function save(network: string, report: unknown): string {
  const log = openVerificationLog(DATABASE);
  try {
    return log.save({ network, report, madeAt: systemClock.timestamp() });
  } finally {
    log.close();
  }
}
