import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import type { BenchTraining } from '../flows/bench-make.ts';

const headSchema = z.strictObject({ digest: z.string() });
const trainingSchema = z.strictObject({
  index: z.int().min(0),
  repetition: z.int().min(0),
  accuracy: z.number(),
  cpuSeconds: z.number(),
});

/** The trainings of a table that is being made, a line of JSON each, so that none is lost. */
export interface BenchLog {
  readonly trainings: readonly BenchTraining[];
  append(training: BenchTraining): void;
  remove(): void;
}

/** Opens the log at a path, or begins it. One of other trainings, by their digest, is refused. */
export function openBenchLog(path: string, digest: string): BenchLog {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  // A line that was being written when the program was killed has no end, and is written over.
  const whole = lines.slice(0, -1);
  const [head, ...trainings] = whole;
  if (head === undefined) appendFileSync(path, `${JSON.stringify({ digest })}\n`, { flag: 'w' });
  else if (parseWith(headSchema, parseJson(head, path), path).digest !== digest) {
    throw new NasError(path, {
      found: 'trainings of another space, dataset, trainer or seed',
      expected: 'those of this command',
      next: `remove ${path}, or name another file with --out`,
    });
  } else if (lines.at(-1) !== '') appendFileSync(path, `${whole.join('\n')}\n`, { flag: 'w' });
  return {
    trainings: trainings.map((line, i) =>
      parseWith(trainingSchema, parseJson(line, path), `${path}: line ${i + 2}`),
    ),
    append: (training) => appendFileSync(path, `${JSON.stringify(training)}\n`),
    remove: () => rmSync(path),
  };
}
