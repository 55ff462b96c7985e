import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { checkProxy, type ProxyCandidate } from '../../src/flows/proxy-check.ts';
import { type Trained, type TrainingJournal, trainAll } from '../../src/flows/train-all.ts';
import type { Trainer, TrainRequest } from '../../src/trainers/trainer.ts';

const signal = new AbortController().signal;

const trainerOf = (train: (request: TrainRequest) => number, parallelism = 2): Trainer => ({
  name: 'toy',
  implementation: 'toy',
  digest: 'toy',
  parallelism,
  train: async (request) => ({ accuracy: train(request), epochs: [], cpuSeconds: 1 }),
  close: async () => {},
});

function logOf(...logged: readonly Trained[]): TrainingJournal & { readonly appended: Trained[] } {
  const appended: Trained[] = [];
  return {
    trainings: new Map(logged.map((training) => [training.key, training])),
    append: (training) => void appended.push(training),
    appended,
  };
}

describe('all trainings of a plan', () => {
  const planned = ['a', 'b', 'c', 'd'].map((key) => ({ key, request: { seed: key } as TrainRequest }));

  async function collect(trainer: Trainer, log: TrainingJournal): Promise<Record<string, unknown>> {
    const ended: Record<string, unknown> = {};
    for await (const training of trainAll(planned, trainer, log, signal)) {
      ended[training.key] = 'error' in training ? training.error.message : training.accuracy;
    }
    return ended;
  }

  test('each is trained once and logged', async () => {
    const log = logOf();
    const seeds: string[] = [];
    const trainer = trainerOf(({ seed }) => seeds.push(seed) / 10);
    expect(Object.keys(await collect(trainer, log)).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(seeds.sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(log.appended.map(({ key }) => key).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('what is logged is yielded and not trained again', async () => {
    const log = logOf({ key: 'b', accuracy: 0.9, cpuSeconds: 1 });
    const ended = await collect(
      trainerOf(() => 0.5),
      log,
    );
    expect(ended).toEqual({ b: 0.9, a: 0.5, c: 0.5, d: 0.5 });
    expect(log.appended.map(({ key }) => key)).not.toContain('b');
  });

  test('one that fails stops no other and is not logged', async () => {
    const log = logOf();
    const trainer = trainerOf(({ seed }) => {
      if (seed === 'b') throw new NasError('toy', { found: 'NaN' });
      return 0.5;
    });
    expect(await collect(trainer, log)).toEqual({ a: 0.5, b: 'toy: NaN', c: 0.5, d: 0.5 });
    expect(log.appended.map(({ key }) => key).sort()).toEqual(['a', 'c', 'd']);
  });

  test('a defect ends all', async () => {
    const trainer = trainerOf(() => {
      throw new TypeError('a defect');
    });
    await expect(collect(trainer, logOf())).rejects.toThrow('a defect');
  });
});

describe('the check of a proxy', () => {
  const candidates: readonly ProxyCandidate[] = Array.from({ length: 6 }, (_, i) => ({
    genotype: [i],
    macs: 100 + i,
    training: { recipe: { epochs: 2 } } as unknown as ProxyCandidate['training'],
  }));
  /** Networks of more MACs are better; the longer training turns the first two round. */
  const trainer = trainerOf(({ seed, recipe }) => {
    const network = Number(seed.split(' ').at(-1));
    const place = recipe.epochs > 2 && network < 2 ? 1 - network : network;
    return (16 * place + recipe.epochs) / 128;
  }, 1);

  async function check(log: TrainingJournal) {
    const events = checkProxy(candidates, 4, 's', trainer, log, signal);
    const keys: (boolean | undefined)[] = [];
    for (;;) {
      const { done, value } = await events.next();
      if (done) return { check: value, keys };
      keys.push(value.isLogged);
    }
  }

  test('trains each network short and long', async () => {
    const { check: unbroken } = await check(logOf());
    expect(unbroken.points).toHaveLength(6);
    expect(unbroken.points[1]).toEqual({
      genotype: [1],
      macs: 101,
      shortAccuracy: 18 / 128,
      longAccuracy: 8 / 128,
    });
    expect(unbroken.rankCorrelation).toBeCloseTo(1 - (6 * 2) / (6 * 35), 12);
  });

  test('leaves out a network of which one training failed, and tells why', async () => {
    const failing = trainerOf(({ seed }) => {
      if (seed === 's/long 2') throw new NasError('toy', { found: 'NaN' });
      return Number(seed.split(' ').at(-1)) / 8;
    }, 1);
    const failures: (string | undefined)[] = [];
    const events = checkProxy(candidates, 4, 's', failing, logOf(), signal);
    let next = await events.next();
    for (; !next.done; next = await events.next()) failures.push(next.value.failure);
    expect(failures.filter(Boolean)).toEqual(['long 2: toy: NaN']);
    expect(next.value.points.map(({ genotype }) => genotype[0])).toEqual([0, 1, 3, 4, 5]);
  });

  test('goes on from its log to the same result', async () => {
    const whole = logOf();
    const { check: unbroken } = await check(whole);
    const rest = logOf(...whole.appended.slice(0, 5));
    const { check: resumed, keys } = await check(rest);
    expect(resumed).toEqual(unbroken);
    expect(keys.filter(Boolean)).toHaveLength(5);
    expect(rest.appended).toHaveLength(7);
  });
});
