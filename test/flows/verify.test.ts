import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import type { Device } from '../../src/devices/device.ts';
import { verifyFront } from '../../src/flows/verify.ts';
import type { CompletedTrial } from '../../src/objective/trial.ts';
import { type SearchOutcome, searchDocument } from '../../src/report/search-summary.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import type { Measurement } from '../../src/store/store.ts';
import { tinySpace } from '../cli/nas.ts';

const space = parseSpace(tinySpace, 'tiny.json');
const trial = (number: number, accuracy: number, latencyMs: number): CompletedTrial => ({
  ...{ state: 'completed', number, genotype: [0, 0, 0], accuracy, latencyMs },
  ...{ params: 1, macs: 1, epochs: [], cpuSeconds: 1 },
});
/** The front is 0, 1, 2, 3; number 4 is dominated. */
const trials = [trial(0, 0.5, 5), trial(1, 0.6, 8), trial(2, 0.7, 9), trial(3, 0.8, 12), trial(4, 0.4, 7)];
const never = new AbortController().signal;

/** A device whose measurements are given beforehand: a latency, or why there is none. */
function deviceOf(answers: readonly (number | NasError)[]): Pick<Device, 'measureNetwork'> {
  const left = [...answers];
  return {
    async measureNetwork() {
      const answer = left.shift();
      if (typeof answer !== 'number') throw answer;
      return { medianMs: answer, madMs: 0.1, p10Ms: answer, p90Ms: answer, samples: 9, rejected: 0 };
    },
  };
}

const verify = (answers: readonly (number | NasError)[], known: readonly Measurement[] = []) => {
  const saved: number[] = [];
  const device = deviceOf(answers) as Device;
  return verifyFront(trials, 10, space, known, device, ({ trial }) => saved.push(trial), never).then(
    (result) => ({
      ...result,
      saved,
    }),
  );
};

const bestOf = (verification: SearchOutcome['verification']) =>
  searchDocument({
    trials,
    verification,
    targetMs: 10,
    reward: (accuracy: number) => accuracy,
  } as unknown as SearchOutcome).best;

test('the most accurate network is measured first, and the first under the target is the answer', async () => {
  const verification = await verify([11, 9.5]);
  expect(verification.saved).toEqual([2, 1]);
  expect(bestOf(verification)).toMatchObject({ trial: 1, measuredMs: 9.5, meetsTarget: true });
});

test('what was measured before is not measured again', async () => {
  const verification = await verify([], [{ trial: 2, medianMs: 9, madMs: 0.1, samples: 9 }]);
  expect(verification.saved).toEqual([]);
  expect(bestOf(verification)).toMatchObject({ trial: 2, meetsTarget: true });
});

test('where none is measured under the target the closest is named, and it does not meet it', async () => {
  expect(bestOf(await verify([13, 11, 10.5]))).toMatchObject({
    trial: 0,
    measuredMs: 10.5,
    meetsTarget: false,
  });
});

test('a machine too busy to measure on leaves the estimates to decide, and says so', async () => {
  const busy = new NasError('network', { found: 'other programs disturbed nearly all samples' });
  const verification = await verify([busy]);
  expect(verification.trouble).toBe(busy);
  expect(bestOf(verification)).toMatchObject({ trial: 2, measuredMs: null, meetsTarget: true });
});
