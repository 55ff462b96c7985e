import { expect, test } from 'vitest';
import { adaptationStart } from '../../src/flows/adaptation-start.ts';
import type { CompletedTrial } from '../../src/objective/trial.ts';

const trial = (number: number, accuracy: number, latencyMs: number): CompletedTrial => ({
  ...{ state: 'completed', number, genotype: [0], accuracy, latencyMs },
  ...{ params: 1, macs: 1, epochs: [], cpuSeconds: 1 },
});

test('an adaptation starts from the most accurate network within the limit, the fastest of equals', () => {
  const trials = [trial(0, 0.5, 8), trial(1, 0.7, 12.5), trial(2, 0.7, 12), trial(3, 0.8, 12.6)];
  expect(adaptationStart(trials, 10, 1.25)?.number).toBe(2);
  expect(adaptationStart(trials, 10, 1)?.number).toBe(0);
  expect(adaptationStart(trials, 10, 2)?.number).toBe(3);
  expect(adaptationStart(trials, 5, 1.25)).toBeUndefined();
  expect(adaptationStart([], 10, 1.25)).toBeUndefined();
});
