import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import type { TrainingJournal } from '../flows/train-all.ts';

const headSchema = z.strictObject({ digest: z.string() });
const trainingSchema = z.strictObject({
  key: z.string(),
  accuracy: z.number(),
  cpuSeconds: z.number(),
});

export interface TrainingJournalFile extends TrainingJournal {
  remove(): void;
}

/**
 * Opens the log at a path, a line of JSON for each training, or begins it. `digest` says what the trainings have in
 * common; a log with another one is refused.
 */
export function openTrainingJournal(path: string, digest: string): TrainingJournalFile {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  // A line that was being written when the program was killed has no end, and is written over.
  const whole = lines.slice(0, -1);
  const [head, ...trainings] = whole;
  if (head === undefined) {
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${JSON.stringify({ digest })}\n`, { flag: 'w' });
  } else if (parseWith(headSchema, parseJson(head, path), path).digest !== digest) {
    throw new NasError(path, {
      found: 'trainings of another space, dataset, trainer or seed',
      expected: 'those of this command',
      next: `remove ${path}, or name another file with --out`,
    });
  } else if (lines.at(-1) !== '') appendFileSync(path, `${whole.join('\n')}\n`, { flag: 'w' });
  return {
    trainings: new Map(
      trainings.map((line, i) => {
        const training = parseWith(trainingSchema, parseJson(line, path), `${path}: line ${i + 2}`);
        return [training.key, training];
      }),
    ),
    append: (training) => appendFileSync(path, `${JSON.stringify(training)}\n`),
    remove: () => rmSync(path),
  };
}
