import { describe, expect, test } from 'vitest';
import { completedTrials, type SearchPlan, search } from '../../src/flows/search.ts';
import { STRATEGIES, type StrategyName } from '../../src/strategies/index.ts';
import {
  Crash,
  collect,
  type LogContent,
  memoryLog,
  never,
  sorted,
  type ToyOptions,
  toyAccuracy,
  toyParts,
  toyTrainer,
} from './toy-search.ts';

const plan: SearchPlan = { trials: 12, batch: 4, seed: '1' };
const PAUSES = [1, 3];
const MODES = [
  { mode: 'batches', plan, options: {} },
  {
    mode: 'batches, stopped early by halving',
    plan: { ...plan, stopEarly: 'halving' },
    options: { pauses: PAUSES },
  },
  { mode: 'no barrier', plan: { ...plan, inFlight: 5 }, options: {} },
  {
    mode: 'no barrier, stopped early by the median',
    plan: { ...plan, inFlight: 5, stopEarly: 'median' },
    options: { pauses: PAUSES },
  },
  { mode: 'no barrier, two targets', plan: { ...plan, inFlight: 5 }, options: { targetsMs: [6, 8] } },
] as const satisfies readonly { mode: string; plan: SearchPlan; options: ToyOptions }[];
const names = Object.keys(STRATEGIES) as StrategyName[];

/** Searches until a crash, if there is one. */
async function run(
  log: ReturnType<typeof memoryLog>,
  plan: SearchPlan,
  options: ToyOptions,
  parallelism = 3,
): Promise<number> {
  const trainer = toyTrainer(parallelism);
  try {
    await collect(search(plan, toyParts(log, trainer, options), never));
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
  return trainer.requests.length;
}

describe.each(MODES)('a search in $mode', ({ mode, plan, options }) => {
  // All strategies where nothing else is about, two in each other mode.
  const tried = mode === 'batches' || mode === 'no barrier' ? names : (['evolution', 'guided'] as const);
  test.each(tried)(
    'with %s: crashed after anything is stored and resumed, ends as the unbroken one',
    async (strategy) => {
      const unbroken = memoryLog();
      const trainings = await run(unbroken, plan, { ...options, strategy });
      const { content } = unbroken;
      expect(content.trials).toHaveLength(plan.trials ?? 0);
      for (let crashAfter = 1; crashAfter < unbroken.writes(); crashAfter++) {
        const crashed = memoryLog(crashAfter);
        const before = await run(crashed, plan, { ...options, strategy });
        expect(crashed.writes()).toBe(crashAfter);
        const resumed = memoryLog(undefined, structuredClone(crashed.content));
        const after = await run(resumed, plan, { ...options, strategy });
        expect(sorted(resumed.content)).toEqual(sorted(content));
        // No more is trained again than was under way.
        expect(before + after).toBeLessThanOrEqual(trainings + 3);
      }
    },
  );

  test('with its log complete trains nothing and writes nothing, and asks and tells as before', async () => {
    const log = memoryLog();
    await run(log, plan, options);
    const content: LogContent = structuredClone(log.content);
    const replayed = memoryLog(undefined, log.content);
    expect(await run(replayed, plan, options)).toBe(0);
    expect(log.content).toEqual(content);
    expect(replayed.writes()).toBe(0);
  });

  test('tells of each trial once, with an update', async () => {
    const { content } = await (async () => {
      const log = memoryLog();
      await run(log, plan, options);
      return log;
    })();
    const ends = content.tells.filter(({ rung }) => rung === undefined).map(({ trial }) => trial);
    expect([...ends].sort((a, b) => a - b)).toEqual([...Array(plan.trials).keys()]);
    expect(content.updates.at(-1)?.position).toBe(content.tells.length - 1);
  });
});

describe.each(names)('batches with %s', (strategy) => {
  test('are the same however many trainings run at once', async () => {
    const [one, four] = [memoryLog(), memoryLog()];
    await run(one, plan, { strategy }, 1);
    await run(four, plan, { strategy }, 4);
    expect(sorted(four.content)).toEqual(sorted(one.content));
    expect(one.content.tells.map(({ trial }) => trial)).toEqual([...Array(plan.trials).keys()]);
  });
});

test('without a barrier no worker waits for a slow network', async () => {
  const log = memoryLog();
  const slow = toyTrainer(2);
  let release = (): void => {};
  const trainer = {
    ...slow,
    async train(request: Parameters<typeof slow.train>[0], signal?: AbortSignal) {
      if (request.seed === '1/trial 0') {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return slow.train(request, signal);
    },
  };
  const parts = toyParts(log, trainer, { strategy: 'random' });
  const ended = collect(search({ ...plan, trials: 20, inFlight: 2 }, parts, never));
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
  expect(log.content.trials).toHaveLength(19);
  expect(log.content.tells).toHaveLength(19);
  release();
  await ended;
  expect(log.content.tells.at(-1)).toEqual({ trial: 0 });
});

test('without a barrier the next network is asked for before others have ended', async () => {
  const log = memoryLog();
  const kinds: string[] = [];
  for await (const event of search(
    { ...plan, trials: 6, inFlight: 2 },
    toyParts(log, toyTrainer(2)),
    never,
  )) {
    kinds.push(event.kind);
  }
  expect(kinds.slice(0, 6)).toEqual(['started', 'started', 'finished', 'updated', 'started', 'finished']);
});

test('what is told is stored before anyone hears of it', async () => {
  for (const { plan, options } of MODES) {
    const log = memoryLog();
    for await (const event of search(plan, toyParts(log, toyTrainer(2), options), never)) {
      if (event.kind === 'finished') expect(log.content.trials).toContain(event.trial);
      if (event.kind === 'updated') expect(log.content.tells.length).toBeGreaterThan(0);
    }
  }
});

describe('a training that fails', () => {
  test('is tried once more with another seed, and the run goes on', async () => {
    const log = memoryLog();
    const trainer = toyTrainer(2);
    const parts = toyParts(log, trainer, { strategy: 'random' });
    const events = await collect(search({ ...plan, trials: 40 }, parts, never));
    const { trials, failures } = log.content;
    expect(trials).toHaveLength(40);
    const failed = trials.filter(({ state }) => state === 'failed');
    const mended = completedTrials(trials).filter(({ attempts }) => attempts !== undefined);
    expect(failed.length).toBeGreaterThan(0);
    expect(mended.length).toBeGreaterThan(0);
    for (const trial of failed)
      expect(trial).toMatchObject({ error: 'training: the loss is NaN', attempts: 2 });
    for (const { attempts } of mended) expect(attempts).toBe(2);
    expect(failures).toHaveLength(2 * failed.length + mended.length);
    expect(events.filter(({ kind }) => kind === 'attempt failed')).toHaveLength(failures.length);
    const seeds = trainer.requests.map(({ seed }) => seed);
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  test('for another reason than the network ends the run', async () => {
    const trainer = toyTrainer(2, () => {
      throw new TypeError('a defect');
    });
    await expect(collect(search(plan, toyParts(memoryLog(), trainer), never))).rejects.toThrow('a defect');
  });

  test('by its time is told the limit', async () => {
    const trainer = toyTrainer(2);
    await collect(search({ ...plan, timeoutMs: 500 }, toyParts(memoryLog(), trainer), never));
    expect(trainer.requests.every(({ timeoutMs }) => timeoutMs === 500)).toBe(true);
  });
});

test.each(MODES)(
  'in $mode an abort keeps what is finished and stores nothing more',
  async ({ plan, options }) => {
    const log = memoryLog();
    const controller = new AbortController();
    for await (const event of search(plan, toyParts(log, toyTrainer(2), options), controller.signal)) {
      if (event.kind === 'finished' && event.trial.number >= 5) controller.abort();
    }
    expect(log.content.trials.length).toBeLessThan(12);
    await run(log, plan, options, 2);
    expect(log.content.trials).toHaveLength(12);
    const unbroken = memoryLog();
    await run(unbroken, plan, options, 2);
    if (!('inFlight' in plan)) expect(sorted(log.content)).toEqual(sorted(unbroken.content));
  },
);

test.each(MODES)(
  'in $mode, once its time is up nothing is begun and what is under way is finished',
  async ({ plan, options }) => {
    const log = memoryLog();
    const trainer = toyTrainer(3);
    const isTimeUp = (): boolean => log.content.trials.length >= 6;
    const unlimited = { ...plan, trials: undefined };
    await collect(search(unlimited, toyParts(log, trainer, { ...options, isTimeUp }), never));
    const { length } = log.content.trials;
    expect(length).toBeGreaterThanOrEqual(6);
    expect(length).toBeLessThanOrEqual(6 + 2);
    const before = structuredClone(log.content);
    expect(await run(log, unlimited, { ...options, isTimeUp })).toBe(0);
    expect(log.content).toEqual(before);
  },
);

describe('rungs', () => {
  const pausing = { ...plan, trials: 40 };
  const log = memoryLog();
  const trainer = toyTrainer(4);
  const searched = collect(
    search(
      { ...pausing, stopEarly: 'halving' },
      toyParts(log, trainer, { pauses: PAUSES, strategy: 'random' }),
      never,
    ),
  );

  test('a stopped trial has no accuracy, and says at which rung and why', async () => {
    await searched;
    const stopped = log.content.trials.filter((trial) => trial.state === 'stopped');
    expect(stopped.length).toBeGreaterThan(10);
    for (const trial of stopped) {
      expect(trial).not.toHaveProperty('accuracy');
      expect(trial.reason).toMatch(/^\d+\.\d % so far, behind \d+ of \d+ by reward$/);
      expect(trial.rungs.map(({ rung }) => rung)).toEqual([0, 1].slice(0, trial.rungs.length));
    }
    expect(completedTrials(log.content.trials).every(({ rungs }) => rungs?.length === 2)).toBe(true);
  });

  test('a network goes on in the same training: one seed, from pause to pause', async () => {
    await searched;
    const [trial] = completedTrials(log.content.trials).filter(({ attempts }) => attempts === undefined);
    const seed = `1/trial ${trial?.number}`;
    const requests = trainer.requests.filter((request) => request.seed === seed);
    expect(requests.map(({ untilEpoch }) => untilEpoch)).toEqual([1, 3, undefined]);
  });

  test('less is trained, and the best network is found all the same', async () => {
    await searched;
    const full = memoryLog();
    const everything = toyTrainer(4);
    await collect(search(pausing, toyParts(full, everything, { strategy: 'random' }), never));
    const epochs = (requests: typeof trainer.requests): number =>
      requests.reduce((sum, { untilEpoch = 9 }) => sum + { 1: 1, 3: 2, 9: 6 }[untilEpoch as 1], 0);
    expect(epochs(trainer.requests)).toBeLessThan(0.6 * 9 * everything.requests.length);
    const best = (content: LogContent): number =>
      Math.max(...completedTrials(content.trials).map(({ accuracy }) => accuracy));
    expect(best(log.content)).toBe(best(full.content));
  });

  test('the weights of a rung with other images go to the next training, and stay those it began with', async () => {
    const trainer = toyTrainer(1, (request) => toyAccuracy({ ...request, genotype: [1, 2, 3] }));
    const parts = toyParts(memoryLog(), trainer, { pauses: [1, 2, 3] });
    const { candidate } = parts;
    const continues = ['nothing', 'weights', 'training', 'training'] as const;
    const weighty = {
      ...parts,
      checkpoint: (trial: number, attempt: number, rung: number) => `${trial}-${attempt}-${rung}`,
      candidate: (genotype: readonly number[]) => {
        const described = candidate(genotype);
        const rungs = described.rungs.map((rung, i) => ({ ...rung, continues: continues[i] ?? 'nothing' }));
        return { ...described, rungs };
      },
    };
    await collect(search({ trials: 1, batch: 1, seed: '1' }, weighty, never));
    const asked = trainer.requests.map(({ saveWeights, initialWeights, checkpoint }) => [
      saveWeights,
      initialWeights,
      checkpoint,
    ]);
    expect(asked).toEqual([
      [true, undefined, '0-1-0'],
      [undefined, 'w', '0-1-1'],
      [undefined, 'w', '0-1-1'],
      [undefined, 'w', '0-1-1'],
    ]);
  });
});

describe('several targets', () => {
  test('take turns, and no network is trained twice', async () => {
    const log = memoryLog();
    await run(log, { ...plan, trials: 30 }, { targetsMs: [6, 8, 10], strategy: 'evolution' });
    const { trials } = log.content;
    expect(trials.map(({ goal = 0 }) => goal).slice(0, 8)).toHaveLength(8);
    for (const goal of [0, 1, 2])
      expect(trials.filter((trial) => (trial.goal ?? 0) === goal)).toHaveLength(10);
    for (const { latencyMs } of trials.filter(({ goal = 0 }) => goal === 0)) {
      expect(latencyMs).toBeLessThanOrEqual(1.25 * 6);
    }
    expect(new Set(trials.map(({ genotype }) => genotype.join())).size).toBe(30);
  });
});

test('a stored trial of another network is not taken for ours', async () => {
  const log = memoryLog();
  log.append({ state: 'failed', number: 0, genotype: [9, 9, 9], latencyMs: 1, error: 'x' }, 'now');
  await expect(run(log, plan, {})).rejects.toThrow('the stored network [9,9,9] is not the one proposed now');
});

test('another order of tells than the stored one is not taken for ours', async () => {
  const log = memoryLog();
  await run(log, { ...plan, inFlight: 1 }, {}, 1);
  const swapped = structuredClone(log.content);
  const [first, second, ...others] = swapped.tells;
  swapped.tells.splice(0, swapped.tells.length, second as never, first as never, ...others);
  await expect(run(memoryLog(undefined, swapped), { ...plan, inFlight: 1 }, {}, 1)).rejects.toThrow();
});
