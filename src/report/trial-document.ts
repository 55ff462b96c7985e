import type { KernelKind } from '../latency/breakdown.ts';
import type { Trial } from '../objective/trial.ts';
import type { Circumstances, Failure, Measurement } from '../store/store.ts';

/** An option that a network took. */
export interface Choice {
  readonly decision: string;
  readonly choice: string;
}

/** A trial as `nas show RUN/TRIAL --json` and the pages have it. */
export type TrialDocument = Trial & {
  readonly run: string;
  /** On the first device. */
  readonly measured: Measurement | null;
  readonly measurements: readonly Measurement[];
  readonly circumstances: Circumstances | null;
  readonly failures: readonly Failure[];
  readonly choices: readonly Choice[];
  readonly kernels: readonly KernelKind[];
};

export interface TrialDocumentParts
  extends Pick<TrialDocument, 'run' | 'measurements' | 'failures' | 'choices' | 'kernels'> {
  readonly trial: Trial;
  readonly circumstances: Circumstances | undefined;
}

export function trialDocument({
  run,
  trial,
  measurements,
  circumstances,
  failures,
  choices,
  kernels,
}: TrialDocumentParts): TrialDocument {
  return {
    run,
    ...trial,
    measured: measurements.find((found) => found.device === undefined) ?? null,
    measurements,
    circumstances: circumstances ?? null,
    failures,
    choices,
    kernels,
  };
}
