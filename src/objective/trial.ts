import type { Genotype } from '../space/genotype.ts';

/** What one epoch of training reported. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Mean training loss of the epoch. */
  readonly trainLoss: number;
  readonly validationAccuracy: number;
}

/** What a cheaper training than the full one came to. Accuracies of different rungs are not to be compared. */
export interface RungResult {
  /** Its place in the proxy's ladder, from 0, the cheapest. */
  readonly rung: number;
  readonly accuracy: number;
  readonly epochs: readonly EpochReport[];
  /** Processor time of training and validation. */
  readonly cpuSeconds: number;
}

interface TrialBase {
  /** From 0, in the order in which the strategy asked. */
  readonly number: number;
  readonly genotype: Genotype;
  /** Digest of the decoded network: equal for genotypes that spell the same one. Runs of before nas 0.2 lack it. */
  readonly architecture?: string;
  /** Of the deployed network on the run's first device, as estimated from its latency table. */
  readonly latencyMs: number;
  /** On every device of the run in its order, where it has several. */
  readonly latenciesMs?: readonly number[];
  /** Which of the run's goals it was proposed for, where it has several. */
  readonly goal?: number;
}

interface TrainedTrial extends TrialBase {
  /** Parameters of the deployed network. */
  readonly params: number;
  /** Multiply-accumulates of the deployed network, one image. */
  readonly macs: number;
  /** Trainings that it took, where one failed. */
  readonly attempts?: number;
}

/** A candidate that was trained to the end. Its reward follows from the trial and the objective, so it is not kept. */
export interface CompletedTrial extends TrainedTrial {
  readonly state: 'completed';
  /** Of the proxy, on the validation images, after the full training, in [0, 1]. */
  readonly accuracy: number;
  /** Of the full training; those of the rungs before it are with them. */
  readonly epochs: readonly EpochReport[];
  /** Processor time of the full training with its validation. */
  readonly cpuSeconds: number;
  /** What came before the full training, where the search has a ladder of rungs. */
  readonly rungs?: readonly RungResult[];
  /** What the trainer had to do otherwise than asked, such as to halve batches that did not fit in memory. */
  readonly note?: string;
}

/** A candidate whose training was ended early, since others did better at the same rung. It has no accuracy. */
export interface StoppedTrial extends TrainedTrial {
  readonly state: 'stopped';
  /** At least one; the last is the rung it reached. */
  readonly rungs: readonly RungResult[];
  readonly reason: string;
}

/** A candidate that was refused before anything was trained, such as one far beyond the latency target. */
export interface InfeasibleTrial extends TrialBase {
  readonly state: 'infeasible';
  readonly reason: string;
}

/** A candidate whose training did not end in an accuracy: it diverged, or its worker died. */
export interface FailedTrial extends TrialBase {
  readonly state: 'failed';
  /** Of the last attempt. */
  readonly error: string;
  readonly attempts?: number;
  readonly rungs?: readonly RungResult[];
}

/** One candidate of a run and what became of it. */
export type Trial = CompletedTrial | StoppedTrial | InfeasibleTrial | FailedTrial;
