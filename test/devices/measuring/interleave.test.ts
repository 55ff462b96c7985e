import { expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import {
  type Measured,
  measureInterleaved,
  type Subject,
} from '../../../src/devices/measuring/interleave.ts';
import type { Disturbance, Stopwatch } from '../../../src/devices/measuring/stopwatch.ts';

const effort = { samples: 5, sampleMs: 1, window: 3, patienceMs: 200 };

/** Subjects that log what happens to them, and a stopwatch that says what it is told. */
function bench(count: number, disturb: (sample: number) => Disturbance = () => 'none') {
  const log: string[] = [];
  let taken = 0;
  const stopwatch: Stopwatch = {
    async time(work) {
      await work();
      return { elapsedMs: 10, disturbance: disturb(taken++) };
    },
  };
  const subjects = Array.from({ length: count }, (_, i): Subject => {
    const key = String(i);
    return {
      key,
      async open() {
        log.push(`open ${key}`);
        return {
          run: async () => void log.push(`run ${key}`),
          latencyMs: (elapsedMs) => elapsedMs / 4,
          close: () => void log.push(`close ${key}`),
        };
      },
    };
  });
  return { log, measure: () => measureInterleaved(subjects, effort, stopwatch, createRng('rounds')) };
}

async function all(measuring: AsyncIterable<Measured>): Promise<readonly Measured[]> {
  const results: Measured[] = [];
  for await (const measured of measuring) results.push(measured);
  return results;
}

test('every subject gets its samples, its own conversion, and is closed', async () => {
  const { log, measure } = bench(7);
  const results = await all(measure());
  expect(results.map(({ key }) => key).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  for (const { medianMs, madMs, samples, rejected } of results) {
    expect({ medianMs, madMs, samples, rejected }).toEqual({
      medianMs: 2.5,
      madMs: 0,
      samples: 5,
      rejected: 0,
    });
  }
  expect(log.filter((entry) => entry.startsWith('close'))).toHaveLength(7);
});

test('no more subjects are open at a time than the window holds', async () => {
  const { log, measure } = bench(7);
  await all(measure());
  let open = 0;
  for (const entry of log) {
    if (entry.startsWith('open')) open += 1;
    if (entry.startsWith('close')) open -= 1;
    expect(open).toBeLessThanOrEqual(effort.window);
  }
});

test('subjects take turns: none is sampled twice in a row for long', async () => {
  const { log, measure } = bench(3);
  await all(measure());
  const runs = log.filter((entry) => entry.startsWith('run')).join(' ');
  expect(runs).not.toMatch(/(run 1 ?){4}/);
});

test('disturbed samples are taken again and counted', async () => {
  const { measure } = bench(1, (sample) => (sample % 2 === 0 ? 'preempted' : 'none'));
  expect(await all(measure())).toMatchObject([{ samples: 5, rejected: 5 }]);
});

test('where everything is disturbed there is an error and no number', async () => {
  const { log, measure } = bench(2, () => 'preempted');
  await expect(all(measure())).rejects.toThrow(/other programs disturbed nearly all of 160 samples/);
  expect(log.filter((entry) => entry.startsWith('close'))).toHaveLength(2);
});
