import type { BuildOptions } from '../space/network.ts';
import { openAdaptationLog } from '../store/adaptations.ts';
import { isAdaptationReference } from './adapted-networks.ts';
import type { ExportedWeights } from './exported-weights.ts';
import { DATABASE } from './folders.ts';
import { readRuns } from './read-runs.ts';
import { outlineOf } from './run-outline.ts';
import { isTrialReference } from './stored-runs.ts';

/** What is known of a network that is to be verified, by where it comes from. */
export interface VerifiedSubject {
  /** Size in which it is deployed. */
  readonly deployedBuild: BuildOptions;
  /** That its adaptation or its run was to meet. */
  readonly targetMs?: number | undefined;
}

export function subjectOf(reference: string, { build }: Pick<ExportedWeights, 'build'>): VerifiedSubject {
  if (isAdaptationReference(reference)) return ofAdaptation(reference);
  return {
    deployedBuild: { width: build.width },
    targetMs: isTrialReference(reference) ? targetOfRun(reference) : undefined,
  };
}

function ofAdaptation(id: string): VerifiedSubject {
  const log = openAdaptationLog(DATABASE, { readOnly: true });
  try {
    // Our own document, as it was stored.
    const { deployedBuild, targetMs } = log.adaptation(id).config as Required<VerifiedSubject>;
    return { deployedBuild, targetMs };
  } finally {
    log.close();
  }
}

function targetOfRun(reference: string): number | undefined {
  const [run = ''] = reference.split('/');
  return readRuns((store) => outlineOf(store.run(run).config).targetsMs[0]);
}
