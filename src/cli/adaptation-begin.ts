import { existsSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import { createTrainingProgress } from '../report/training-report.ts';
import type { AdaptationLog, StoredAdaptation } from '../store/adaptations.ts';
import { thisProcess } from '../store/owner.ts';
import type { AdaptLatencies } from './adapt-latency.ts';
import type { AdaptationFiles } from './adaptation-files.ts';
import type { Setup } from './adaptation-setup.ts';
import { fileDigest, storedImages } from './run-training.ts';
import { openTrainer } from './trainer-options.ts';
import { VERSION } from './version.ts';
import type { Work } from './work.ts';

/** The adaptation of these options: a new one, or the one that was stopped; this process is at work on it then. */
export function beginOrResume(
  { reference, options, manner, targetMs, dataset, tuningDataset, trainerConfig, ...setup }: Setup,
  { table }: AdaptLatencies,
  log: AdaptationLog,
  { progress }: Work,
): StoredAdaptation {
  const { device, runtime, dtype, threads } = table.provenance;
  const { step, decay, rule, criterion, seed, weights } = options;
  const { architecture, deployedBuild, trainedBuild, recipe, tuningRecipe } = setup;
  const asked = {
    ...{ architecture, deployedBuild, trainedBuild, targetMs, step, decay, rule, criterion, seed },
    device: {
      device,
      runtime,
      dtype,
      threads,
      ...(options.table === undefined ? {} : { table: options.table }),
    },
    ...(weights === undefined ? { recipe } : { weights: fileDigest(weights) }),
    ...{ tuningRecipe, dataset: dataset.name, trainer: trainerConfig },
  };
  const digests = [dataset.digest, tuningDataset.digest];
  const identity = digestOf({ asked, digests });
  const config = {
    ...asked,
    datasetDigest: dataset.digest,
    images: storedImages(dataset),
    codeVersion: VERSION,
  };
  const found = log.unfinished(identity);
  if (found === undefined && manner === 'either') {
    const finished = log.finished(identity);
    if (finished !== undefined) return finished;
  }
  if (found === undefined && manner === 'resume') {
    throw new NasError('--resume', {
      found: 'no such adaptation that was stopped',
      expected: 'one of the same network, target, device, settings, seed and dataset',
      next: 'leave --resume away to start it',
    });
  }
  const owner = thisProcess();
  if (found !== undefined) log.claim(found.id, { owner, takeOver: options.takeOver === true });
  if (found !== undefined && manner === 'begin') {
    log.release(found.id);
    throw new NasError(found.id, {
      found: 'the same adaptation, which was stopped',
      expected: 'none',
      next: 'add --resume to go on, or choose another --seed to start anew',
    });
  }
  if (found !== undefined) progress.line(`resuming ${found.id}`);
  const adaptation =
    found ?? log.create({ identity, network: reference, config }, systemClock.timestamp(), owner);
  return weights === undefined ? adaptation : { ...adaptation, weights };
}

/** Weights to start from, where none were given. */
export async function trainFirst(
  { trained, recipe, options, dataset, trainerConfig }: Setup,
  { checkpoint }: AdaptationFiles,
  { progress, signal, nowMs, queue }: Work,
): Promise<string> {
  const resumed = existsSync(checkpoint) ? ', from where it was stopped' : '';
  progress.line(`training ${recipe.epochs} epochs first${resumed}: no --weights were given`);
  const trainer = await openTrainer(trainerConfig, { dataset, workers: 1, signal, queue });
  try {
    const request = { graph: trained.graph, genotype: [], recipe, seed: options.seed, checkpoint };
    const onEpoch = createTrainingProgress(progress, recipe.epochs, nowMs);
    const keep = { saveWeights: true, saveBestWeights: true };
    const { weights, bestWeights = weights } = await trainer.train({ ...request, ...keep, onEpoch }, signal);
    progress.clear();
    if (bestWeights === undefined) throw new RangeError('the trainer kept no weights');
    return bestWeights;
  } finally {
    await trainer.close();
  }
}
