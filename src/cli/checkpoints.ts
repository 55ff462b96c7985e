import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where a run's trainings under way keep their state, so that a search that was killed goes on within them. */
export interface Checkpoints {
  readonly pathOf: (trial: number, attempt: number, rung: number) => string;
  /** Once the trial is stored. */
  remove(trial: number): void;
  /** Once all are, with what a kill may have left of a file being written. */
  removeAll(): void;
}

export function checkpointsOf(run: string): Checkpoints {
  const folder = join('runs', `${run}-checkpoints`);
  const ofTrial = (trial: number): string => join(folder, `${trial}`);
  return {
    pathOf: (trial, attempt, rung) => join(ofTrial(trial), `attempt-${attempt}-rung-${rung}.safetensors`),
    remove: (trial) => rmSync(ofTrial(trial), { recursive: true, force: true }),
    removeAll: () => rmSync(folder, { recursive: true, force: true }),
  };
}
