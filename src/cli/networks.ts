import { NasError } from '../base/errors.ts';
import { formatPowerOfTen } from '../base/units.ts';
import type { Architecture } from '../space/network.ts';
import { adaptedNetwork, isAdaptationReference } from './adapted-networks.ts';
import { readRuns } from './read-runs.ts';
import { readSpace } from './space-files.ts';
import { findTrial, isTrialReference, spaceOf } from './stored-runs.ts';

/** A network by its name, its file, as RUN/TRIAL, or by the adaptation that it came of. */
export function resolveNetwork(reference: string): Architecture {
  if (isAdaptationReference(reference)) return adaptedNetwork(reference);
  if (isTrialReference(reference)) {
    return readRuns((store) => {
      const { run, trial } = findTrial(store, reference);
      return { ...spaceOf(run).decode(trial.genotype), name: reference };
    });
  }
  if (/\.(tflite|onnx)$/.test(reference)) {
    throw new NasError(reference, {
      found: 'an exported file',
      expected: 'the network that it was written of: a name, a file, RUN/TRIAL or an adaptation',
      next: `nas verify NETWORK --model ${reference} measures a .tflite file on a device, int8 ones too`,
    });
  }
  const { space } = readSpace(reference);
  if (space.decisions.length > 0) {
    throw new NasError(reference, {
      found: `a space of ${formatPowerOfTen(space.size)} networks`,
      expected: 'one network',
      next: 'nas networks lists some; nas search finds one',
    });
  }
  return space.decode([]);
}
