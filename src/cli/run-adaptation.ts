import { rmSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import type { Device } from '../devices/device.ts';
import { readTable } from '../devices/table-file.ts';
import type { AdaptParts } from '../flows/adapt.ts';
import { type AdaptationReport, adaptationSummary } from '../report/adaptation-report.ts';
import { layerFractions } from '../space/widths/layer-fractions.ts';
import { openAdaptationLog } from '../store/adaptations.ts';
import { type AdaptLatencies, latenciesOfDevice, latenciesOfTable } from './adapt-latency.ts';
import { beginOrResume, trainFirst } from './adaptation-begin.ts';
import { describeEnds, type End, type Ended, followAndMeasure, journalOf } from './adaptation-course.ts';
import { adaptationFiles } from './adaptation-files.ts';
import { type Manner, type Setup, setupOf } from './adaptation-setup.ts';
import type { AdaptOptions } from './commands/adapt.ts';
import { withDevice } from './device-options.ts';
import { EXIT, Interrupted } from './exit.ts';
import { DATABASE } from './folders.ts';
import { print, printJson } from './output.ts';
import { openTrainer } from './trainer-options.ts';
import { doWork, type Work } from './work.ts';

/** Narrows a network until it meets its target, and prints what it came to. */
export async function runAdaptation(reference: string, options: AdaptOptions): Promise<void> {
  await doWork(async (work) => {
    const manner = options.resume === true ? 'resume' : 'begin';
    const report = await adaptNetwork(reference, options, manner, work);
    work.progress.clear();
    if (options.json) printJson(report);
    else print(adaptationSummary(report));
    if (!report.met) process.exitCode = EXIT.targetMissed;
  });
}

/** Narrows a network until it meets its target. */
export async function adaptNetwork(
  reference: string,
  options: AdaptOptions,
  manner: Manner,
  work: Work,
): Promise<AdaptationReport> {
  // Before anything is read: a table that is none is refused at once.
  const table = options.table === undefined ? undefined : readTable(options.table);
  const setup = await setupOf(reference, options, manner, work);
  if (table !== undefined) return adaptWith(setup, latenciesOfTable(table), undefined, work);
  return withDevice(options, work, async (device) => {
    const { graph } = setup.deployed;
    const pixels = graph.nodes[0]?.shape[0];
    const name = `${reference}, width ${options.width}, ${pixels}x${pixels}`;
    const latencies = await latenciesOfDevice(device, { name, graph }, work);
    return adaptWith(setup, latencies, device, work);
  });
}

async function adaptWith(
  setup: Setup,
  latencies: AdaptLatencies,
  device: Device | undefined,
  work: Work,
): Promise<AdaptationReport> {
  const { options, dataset, tuningDataset, trainerConfig, reference, targetMs } = setup;
  const { signal, nowMs, queue } = work;
  const startMs = nowMs();
  const log = openAdaptationLog(DATABASE);
  let claimed: string | undefined;
  try {
    const adaptation = beginOrResume(setup, latencies, log, work);
    // Our own document, as it was stored.
    if (adaptation.outcome !== undefined) return adaptation.outcome as AdaptationReport;
    const { id } = adaptation;
    claimed = id;
    const files = adaptationFiles(id, options.criterion);
    const weights = adaptation.weights ?? (await trainFirst(setup, files, work));
    log.saveWeights(id, weights);
    const parts: AdaptParts = {
      ...{ deployed: setup.deployed, trained: setup.trained, recipe: setup.tuningRecipe, seed: options.seed },
      ...{ estimate: latencies.estimate, journal: journalOf(log, id) },
      inherit: files.inherit,
      discard: files.discard,
      ...(options.criterion === 'taylor' ? { gradientsFile: files.gradientsFile } : {}),
      // A fine-tuning of one epoch would have nothing to go on from.
      ...(options.tuneEpochs > 1 ? { checkpointFile: files.checkpointFile } : {}),
      trainer: await openTrainer(trainerConfig, {
        dataset: tuningDataset,
        workers: options.workers,
        weightsFolder: files.folder,
        ...{ signal, queue },
      }),
    };
    let ended: Ended;
    let measured: ReadonlyMap<End, number>;
    try {
      ({ ended, measured } = await followAndMeasure(weights, setup, parts, device, work));
    } finally {
      await parts.trainer.close();
    }
    await latencies.end();
    const ends = await describeEnds(ended, measured, parts, setup, work);
    const { network, cpuSeconds } = ended.adaptation;
    const met = (ends.after.measuredMs ?? ends.after.latencyMs) <= targetMs;
    const report: AdaptationReport = {
      ...{ adaptation: id, network: reference, targetMs, met, ...ends, steps: ended.steps },
      layers: layerFractions(setup.deployed, network.widths),
      weights: network.weights,
      validationImages: dataset.validation.count,
      cpuSeconds,
      seconds: (nowMs() - startMs) / 1000,
    };
    log.finish(id, report, systemClock.timestamp());
    // Not before what it led to is stored.
    rmSync(files.checkpoint, { force: true });
    return report;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted('stopped; the same command with --resume goes on');
  } finally {
    if (claimed !== undefined) log.release(claimed);
    log.close();
  }
}
