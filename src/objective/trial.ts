import type { Genotype } from '../space/genotype.ts';

/** What one epoch of training reported. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Mean training loss of the epoch. */
  readonly trainLoss: number;
  readonly validationAccuracy: number;
}

interface TrialBase {
  /** From 0, in the order in which the strategy asked. */
  readonly number: number;
  readonly genotype: Genotype;
  /** Of the deployed network, as estimated from the latency table. */
  readonly latencyMs: number;
}

/** A candidate that was trained. Its reward follows from the trial and the objective, so it is not kept here. */
export interface CompletedTrial extends TrialBase {
  readonly state: 'completed';
  /** Of the proxy, on the validation images, in [0, 1]. */
  readonly accuracy: number;
  /** Parameters of the deployed network. */
  readonly params: number;
  /** Multiply-accumulates of the deployed network, one image. */
  readonly macs: number;
  readonly epochs: readonly EpochReport[];
  /** Processor time of training and validation. */
  readonly cpuSeconds: number;
}

/** A candidate that was refused before anything was trained, such as one far beyond the latency target. */
export interface InfeasibleTrial extends TrialBase {
  readonly state: 'infeasible';
  readonly reason: string;
}

/** A candidate whose training did not end in an accuracy: it diverged, or its worker died. */
export interface FailedTrial extends TrialBase {
  readonly state: 'failed';
  readonly error: string;
}

/** One candidate of a run and what became of it. */
export type Trial = CompletedTrial | InfeasibleTrial | FailedTrial;
