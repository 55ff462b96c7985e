import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import type { Device } from '../../src/devices/device.ts';
import { type Verification, verifyFront } from '../../src/flows/verify.ts';
import type { CompletedTrial } from '../../src/objective/trial.ts';
import { meetsAllTargets, type SearchOutcome, searchDocument } from '../../src/report/search-summary.ts';
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

const verify = (
  answers: readonly (number | NasError)[],
  known: readonly Measurement[] = [],
  candidates: readonly CompletedTrial[] = trials,
  index = 0,
) => {
  const saved: number[] = [];
  const device = deviceOf(answers) as Device;
  const save = ({ trial }: Measurement): void => void saved.push(trial);
  const parts = { targetMs: 10, device: index, measure: device, space, known, save };
  return verifyFront(candidates, parts, never).then((result) => ({ ...result, saved }));
};

const outcomeOf = (...verifications: readonly Verification[]): SearchOutcome =>
  ({
    trials,
    devices: [
      {
        provenance: { device: 'phone' },
        answers: verifications.map((verification, i) => ({
          verification,
          targetMs: 10 - i,
          reward: (accuracy: number) => accuracy,
        })),
      },
    ],
  }) as unknown as SearchOutcome;
const bestOf = (verification: Verification) => searchDocument(outcomeOf(verification)).best;

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

test('a network estimated a little beyond the target is measured too: it may meet it', async () => {
  const close = [...trials, trial(5, 0.75, 10.4), trial(6, 0.79, 10.6)];
  const verification = await verify([9.9], [], close);
  expect(verification.saved).toEqual([5]);
});

test('of several devices each is verified by its own latencies and measurements', async () => {
  const there = trials.map((trial) => ({ ...trial, latenciesMs: [trial.latencyMs, 2 * trial.latencyMs] }));
  const known = [{ trial: 0, medianMs: 5, madMs: 0.1, samples: 9 }];
  const { saved, measurements } = await verify([9.9], known, there, 1);
  // 0 takes 10 ms there, the others more than 10.5; what was measured of it was on the other device.
  expect(saved).toEqual([0]);
  expect(measurements).toEqual([{ trial: 0, device: 1, medianMs: 9.9, madMs: 0.1, samples: 9 }]);
});

test('each target has its own answer, and one that is missed counts', async () => {
  const [met, missed] = [await verify([9.5]), await verify([13, 11, 10.5])];
  const document = searchDocument(outcomeOf(met, missed));
  expect(document.answers?.map(({ targetMs, best }) => [targetMs, best?.trial, best?.meetsTarget])).toEqual([
    [10, 2, true],
    [9, 0, false],
  ]);
  expect(meetsAllTargets(outcomeOf(met, met))).toBe(false);
  expect(meetsAllTargets(outcomeOf(met))).toBe(true);
  expect(meetsAllTargets(outcomeOf(met, missed))).toBe(false);
  expect(searchDocument(outcomeOf(met))).not.toHaveProperty('answers');
});
