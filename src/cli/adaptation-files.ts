import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { FineTuning } from '../flows/adapt-proposals.ts';
import type { Criterion } from '../trainers/slice-criteria.ts';
import { narrowNetwork } from '../trainers/slice-network.ts';
import { readSafetensors, writeSafetensors } from '../trainers/weight-files.ts';

/** The weights of an adaptation on disk: those that each step has taken stay, all others go once they are read. */
export interface AdaptationFiles extends Pick<FineTuning, 'inherit' | 'discard'> {
  readonly folder: string;
  /** The state of the training before. */
  readonly checkpoint: string;
  readonly gradientsFile: (step: number) => string;
  readonly checkpointFile: (step: number, place: number) => string;
}

export function adaptationFiles(id: string, criterion: Criterion): AdaptationFiles {
  const folder = join('runs', 'adaptations', id);
  const inheritedFolder = join(folder, 'inherited');
  // What a session that was killed has left.
  rmSync(inheritedFolder, { recursive: true, force: true });
  mkdirSync(inheritedFolder, { recursive: true });
  let inherited = 0;
  return {
    folder,
    checkpoint: join(folder, 'training.safetensors'),
    gradientsFile: (step) => join(folder, `gradients-${step}.safetensors`),
    checkpointFile: (step, place) => join(folder, `step-${step}-proposal-${place}.safetensors`),
    inherit({ space, kept, weights, gradients, widths }) {
      const { tensors } = readSafetensors(weights);
      const rankedBy = gradients === undefined ? tensors : readSafetensors(gradients).tensors;
      const narrow = narrowNetwork({ space, kept, tensors, rankedBy }, widths, criterion);
      const path = join(inheritedFolder, `${inherited++}.safetensors`);
      writeSafetensors(path, { tensors: narrow.tensors, metadata: {} });
      return { kept: narrow.kept, graph: narrow.graph, weights: path };
    },
    discard(paths) {
      // Trainers name what they keep by relative or absolute paths; what was given to start from is elsewhere.
      const own = `${resolve(folder)}${sep}`;
      for (const path of paths) if (resolve(path).startsWith(own)) rmSync(path, { force: true });
    },
  };
}
