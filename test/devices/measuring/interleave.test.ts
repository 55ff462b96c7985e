import { expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import {
  type Interleaving,
  type Measured,
  measureInterleaved,
  type Resting,
} from '../../../src/devices/measuring/interleave.ts';
import { createPace } from '../../../src/devices/measuring/pace.ts';
import type { Sampler, Subject } from '../../../src/devices/measuring/sampler.ts';
import { RunnerLost } from '../../../src/devices/runner-client.ts';
import type { Reading } from '../../../src/devices/runner-protocol.ts';

const subject = (key: string): Subject => ({
  key,
  dtype: 'float32',
  isolate: true,
  nodes: [{ name: 'input', op: { kind: 'input', shape: [1, 1, 1] }, inputs: [] }],
  outputs: [0],
});
const sentinel = subject('sentinel');
const effort = { samples: 5, perRound: 1, warmSamples: 0, window: 3, reloadEvery: 100, patienceMs: 200 };

const awake: Resting = { isHot: async () => false, sleep: async () => {} };

const calm: Reading = { wallUs: 10_000, cpuUs: 10_000, switches: 0 };
const preempted: Reading = { ...calm, switches: 1 };

/** A sampler that logs what it is asked, and readings as the test wants them. */
function bench(count: number, reading: (key: string, taken: number) => Reading = () => calm) {
  const log: string[] = [];
  let taken = 0;
  const sampler: Sampler = {
    async load({ key }) {
      log.push(`load ${key}`);
      return { kind: 'loaded', id: 0, weightBytes: 4, copies: 4, overheadUs: 2_000 };
    },
    async sample(keys) {
      return keys.map((key) => {
        log.push(`sample ${key}`);
        return key === 'sentinel' ? calm : reading(key, taken++);
      });
    },
    async unload(keys) {
      for (const key of keys) log.push(`unload ${key}`);
    },
  };
  const subjects = Array.from({ length: count }, (_, i) => subject(String(i)));
  const measure = (changes: Partial<Interleaving> = {}) =>
    measureInterleaved(subjects, sampler, {
      ...{ effort, sentinel, pace: createPace(), cold: true, rng: createRng('rounds'), resting: awake },
      ...changes,
    });
  return { log, sampler, measure };
}

async function all(measuring: AsyncIterable<Measured>): Promise<readonly Measured[]> {
  const results: Measured[] = [];
  for await (const measured of measuring) results.push(measured);
  return results;
}

test('every subject gets its samples, less the overhead, by copy, and is unloaded', async () => {
  const { log, measure } = bench(7);
  const results = await all(measure());
  expect(results.map(({ key }) => key).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  for (const { key: _, taken, ...numbers } of results) {
    expect(numbers).toEqual({
      ...{ medianMs: 2, madMs: 0, p10Ms: 2, p90Ms: 2, warmMs: null, samples: 5, rejected: 0 },
    });
    expect(taken).toEqual(Array(5).fill({ elapsedMs: 10, sentinelMs: 10, disturbance: 'none' }));
  }
  const unloaded = log.filter((entry) => entry.startsWith('unload'));
  expect(unloaded.sort()).toEqual([...Array.from({ length: 7 }, (_, i) => `unload ${i}`), 'unload sentinel']);
});

test('no more subjects are open at a time than the window holds', async () => {
  const { log, measure } = bench(7);
  await all(measure());
  let open = 0;
  for (const entry of log.filter((line) => !line.endsWith('sentinel'))) {
    if (entry.startsWith('load')) open += 1;
    if (entry.startsWith('unload')) open -= 1;
    expect(open).toBeLessThanOrEqual(effort.window);
  }
});

test('the sentinel stands before and after every sample', async () => {
  const { log, measure } = bench(3);
  await all(measure({ effort: { ...effort, perRound: 2 } }));
  const samples = log.filter((entry) => entry.startsWith('sample'));
  samples.forEach((entry, i) => {
    if (entry === 'sample sentinel') return;
    expect([samples[i - 1], samples[i + 1]]).toEqual(['sample sentinel', 'sample sentinel']);
  });
});

test('a subject is loaded anew from time to time, since it may lie badly in memory', async () => {
  const { log, measure } = bench(2);
  expect(await all(measure({ effort: { ...effort, reloadEvery: 2 } }))).toMatchObject([
    { samples: 5 },
    { samples: 5 },
  ]);
  for (const key of ['0', '1']) {
    expect(log.filter((entry) => entry === `load ${key}`)).toHaveLength(3);
    expect(log.filter((entry) => entry === `unload ${key}`)).toHaveLength(3);
  }
});

test('disturbed samples are taken again and counted', async () => {
  const { measure } = bench(1, (_, taken) => (taken % 2 === 0 ? preempted : calm));
  expect(await all(measure())).toMatchObject([{ samples: 5, rejected: 5 }]);
});

test('samples beside a slow sentinel do not count', async () => {
  const { sampler } = bench(0);
  const slow: Reading = { ...calm, wallUs: 20_000, cpuUs: 20_000 };
  let round = 0;
  // In every second round the core is slow, and so is all that runs on it.
  const uneven: Sampler = {
    ...sampler,
    sample: async (keys) => Array(keys.length).fill(round++ % 2 === 0 ? calm : slow),
  };
  const measuring = measureInterleaved([subject('a')], uneven, {
    ...{ effort, sentinel, pace: createPace(), cold: true, rng: createRng('rounds'), resting: awake },
  });
  expect(await all(measuring)).toMatchObject([{ medianMs: 2, samples: 5, rejected: 4 }]);
});

test('a slow spell is rested through, between two rounds', async () => {
  const { sampler } = bench(0);
  const spell = (round: number): boolean => round > 10 && round < 40;
  const slow: Reading = { ...calm, wallUs: 100_000, cpuUs: 100_000 };
  let round = 0;
  const rests: number[] = [];
  const measuring = measureInterleaved(
    [subject('a')],
    { ...sampler, sample: async (keys) => Array(keys.length).fill(spell(round++) ? slow : calm) },
    {
      ...{ sentinel, pace: createPace(), cold: true, rng: createRng('rounds') },
      effort: { ...effort, samples: 20, patienceMs: 60_000 },
      resting: { isHot: async () => false, sleep: async (ms) => void rests.push(ms) },
    },
  );
  expect(await all(measuring)).toMatchObject([{ medianMs: 2 }]);
  expect(rests.slice(0, 3)).toEqual([2_000, 4_000, 8_000]);
});

test('where everything is disturbed there is an error and no number', async () => {
  const { measure } = bench(2, () => preempted);
  await expect(all(measure())).rejects.toThrow(/other programs disturbed nearly all of \d+ samples/);
});

test('after a lost runner the open subjects are loaded again and nothing measured is lost', async () => {
  const { log, sampler } = bench(5);
  let rounds = 0;
  const unplugged: Sampler = {
    ...sampler,
    async sample(keys, cold) {
      rounds += 1;
      if (rounds === 4 || rounds === 9) throw new RunnerLost('phone', { found: 'unplugged' });
      return sampler.sample(keys, cold);
    },
  };
  const results = await all(
    measureInterleaved(
      Array.from({ length: 5 }, (_, i) => subject(String(i))),
      unplugged,
      { effort, sentinel, pace: createPace(), cold: true, rng: createRng('rounds'), resting: awake },
    ),
  );
  expect(results.map(({ key, samples }) => [key, samples]).sort()).toEqual(
    ['0', '1', '2', '3', '4'].map((key) => [key, 5]),
  );
  expect(log.filter((entry) => entry === 'load sentinel')).toHaveLength(3);
});

test('a runner that is lost again and again is given up', async () => {
  const { sampler } = bench(1);
  const dead: Sampler = {
    ...sampler,
    sample: () => Promise.reject(new RunnerLost('phone', { found: 'gone' })),
  };
  const measuring = measureInterleaved([subject('a')], dead, {
    ...{ effort, sentinel, pace: createPace(), cold: true, rng: createRng('rounds'), resting: awake },
  });
  await expect(all(measuring)).rejects.toThrow('phone: gone');
});
