import { array, assert, constantFrom, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/base/digest.ts';
import { paretoFront } from '../../src/objective/pareto.ts';
import type {
  CompletedTrial,
  FailedTrial,
  InfeasibleTrial,
  StoppedTrial,
} from '../../src/objective/trial.ts';
import { isAlive, thisProcess } from '../../src/store/owner.ts';
import type { Circumstances, Owner, RunOrigin, Store, StoredRung } from '../../src/store/store.ts';

export const origin: RunOrigin = {
  config: { targetMs: 15, nested: { list: [1, 2] } },
  seed: '7',
  space: { name: 'tiny', stages: [] },
  spaceDigest: 'a'.repeat(64),
  table: '{"kernels": {}}',
  datasetDigest: 'b'.repeat(64),
  trainerDigest: 'c'.repeat(64),
  codeVersion: '0.1.0',
};
const AT = '2026-01-02T03:04:05.000Z';
const MADE: Circumstances = { trainer: 'toy', device: 'a phone', startedAt: AT, finishedAt: AT };

export const completed = (number: number): CompletedTrial => ({
  state: 'completed',
  number,
  genotype: [1, -1, number],
  latencyMs: 12.25,
  accuracy: 0.1 + 0.2,
  params: 3_504_872,
  macs: 300_774_272,
  epochs: [{ epoch: 1, trainLoss: 1 / 3, validationAccuracy: 0.1 + 0.2 }],
  cpuSeconds: 8.5,
});
const failed: FailedTrial = {
  state: 'failed',
  number: 1,
  genotype: [0],
  latencyMs: 3,
  error: 'it\'s NaN; "why"\n?',
};
const infeasible: InfeasibleTrial = {
  state: 'infeasible',
  number: 2,
  genotype: [0],
  latencyMs: 99,
  reason: 'slow',
};

const rung = (place: number, accuracy: number): Omit<StoredRung, 'trial' | 'weights'> => ({
  rung: place,
  accuracy,
  epochs: [{ epoch: 1, trainLoss: 2, validationAccuracy: accuracy }],
  cpuSeconds: 1.25,
});
const stopped: StoppedTrial = {
  state: 'stopped',
  number: 4,
  genotype: [1],
  latencyMs: 4,
  params: 5,
  macs: 6,
  attempts: 2,
  rungs: [rung(0, 0.4), rung(1, 0.5)],
  reason: 'the worst of 3',
};

/** What every store has to hold to. `open` opens the same, at first empty, store each time within a test. */
export function storeContract(name: string, freshOpener: () => () => Store): void {
  describe(`store ${name}`, () => {
    test('gives back what it was given, in another session too', () => {
      const open = freshOpener();
      const store = open();
      const run = store.createRun(origin, AT);
      const noted: CompletedTrial = { ...completed(3), note: 'in halves' };
      for (const trial of [infeasible, completed(0), noted, failed]) store.append(run.id, trial, MADE);
      store.saveMeasurement(run.id, { trial: 0, medianMs: 12.5, madMs: 0.1, samples: 31 });
      store.addSeconds(run.id, 1.5);
      store.addSeconds(run.id, 2);
      store.setState(run.id, 'finished');
      store.close();

      const again = open();
      expect(again.run(run.id)).toEqual({
        ...origin,
        id: 'r1',
        state: 'finished',
        createdAt: AT,
        tableDigest: digestOf([origin.table]),
        seconds: 3.5,
      });
      expect(again.trials(run.id)).toEqual([completed(0), failed, infeasible, noted]);
      expect(again.measurements(run.id)).toEqual([{ trial: 0, medianMs: 12.5, madMs: 0.1, samples: 31 }]);
      again.close();
    });

    test('tells what trials chose, and what became of those without an accuracy', () => {
      const store = freshOpener()();
      const run = store.createRun(origin, AT);
      const other = store.createRun(origin, AT);
      for (const trial of [infeasible, failed, completed(5), completed(3)]) store.append(run.id, trial, MADE);
      for (const part of stopped.rungs) store.appendRung(run.id, { trial: stopped.number, ...part }, AT);
      store.append(run.id, stopped, MADE);
      store.append(other.id, completed(0), MADE);
      const chosen = ({ number, accuracy, latencyMs, genotype }: CompletedTrial) => ({
        ...{ number, accuracy, latencyMs, genotype },
      });
      expect(store.choices(run.id)).toEqual([completed(3), completed(5)].map(chosen));
      expect(store.trouble(run.id)).toEqual([
        { number: 1, state: 'failed', reason: failed.error },
        { number: 2, state: 'infeasible', reason: 'slow' },
        { number: 4, state: 'stopped', reason: 'the worst of 3' },
      ]);
      expect(store.trouble(other.id)).toEqual([]);
      store.close();
    });

    test('the front and the points it reads are those of all figures, on each device', () => {
      const store = freshOpener()();
      // Few values, so that many are equal in some or in all.
      const trial = record({
        latencyMs: constantFrom(1, 2.5, 3, 1 / 3),
        onOther: constantFrom(1, 2, 4),
        accuracy: constantFrom(0, 0.25, 0.1 + 0.2, 1),
        params: constantFrom(5, 6),
        macs: constantFrom(7, 8),
      });
      assert(
        property(array(trial, { maxLength: 24 }), (trials) => {
          const { id } = store.createRun(origin, AT);
          for (const [number, { onOther, ...figures }] of trials.entries()) {
            const latenciesMs = [figures.latencyMs, onOther];
            store.append(id, { ...completed(number), ...figures, latenciesMs }, MADE);
          }
          store.append(id, { ...infeasible, number: trials.length, latencyMs: 0 }, MADE);
          for (const device of [0, 1]) {
            const figures = store.figures(id, device);
            expect(figures).toHaveLength(trials.length);
            expect(store.front(id, device)).toEqual(paretoFront(figures));
            expect(store.points(id, device)).toMatchObject(
              figures.map(({ latencyMs, accuracy }) => ({ latencyMs, accuracy })),
            );
          }
        }),
        { numRuns: 50 },
      );
      store.close();
    });

    test('lists runs newest first, with their trials counted', () => {
      const store = freshOpener()();
      expect(store.runs()).toEqual([]);
      const [first, second] = [store.createRun(origin, AT), store.createRun(origin, AT)];
      store.append(first.id, completed(0), MADE);
      store.append(first.id, failed, MADE);
      expect(store.runs().map(({ id, trials, completed }) => [id, trials, completed])).toEqual([
        [second.id, 0, 0],
        [first.id, 2, 1],
      ]);
      store.close();
    });

    test('stores a trial once: the same again changes nothing, another is refused', () => {
      const store = freshOpener()();
      const { id } = store.createRun(origin, AT);
      store.append(id, completed(0), MADE);
      store.append(id, completed(0), { ...MADE, finishedAt: 'later' });
      expect(() => store.append(id, { ...completed(0), accuracy: 0.9 }, MADE)).toThrow(
        'another result under this number',
      );
      expect(store.trials(id)).toEqual([completed(0)]);
      store.close();
    });

    test('names the run that does not exist, and what to do', () => {
      const store = freshOpener()();
      expect(() => store.run('r1')).toThrow("no run 'r1'; expected a stored run; there is none yet");
      store.createRun(origin, AT);
      expect(() => store.trials('r2')).toThrow("no run 'r2'; expected a run such as r1");
      expect(() => store.run("r1'; DROP TABLE runs; --")).toThrow('no run');
      expect(() => store.append('7', completed(0), MADE)).toThrow('no run');
      store.close();
    });

    test('a run is held by one living process; a dead one leaves it interrupted', () => {
      const store = freshOpener()();
      const { id } = store.createRun(origin, AT);
      const me = thisProcess();
      expect(isAlive(me)).toBe(true);
      expect(store.run(id).state).toBe('interrupted');
      store.claim(id, me);
      store.claim(id, me);
      expect(store.run(id).state).toBe('running');
      expect(() => store.claim(id, { ...me, processId: me.processId + 1_000_000 })).toThrow(
        `process ${process.pid} is working on it`,
      );
      store.release(id);
      const dead: readonly Owner[] = [
        { ...me, processId: 999_999_999 },
        // Another process that had this one's number before.
        { ...me, started: 'long ago' },
      ];
      for (const owner of dead) {
        store.claim(id, owner);
        expect(store.run(id).state).toBe('interrupted');
      }
      store.claim(id, me);
      store.release(id);
      store.claim(id, { ...me, host: 'elsewhere' });
      expect(store.run(id).state).toBe('running');
      expect(() => store.claim(id, me)).toThrow(`process ${process.pid} of elsewhere is working on it`);
      store.claim(id, me, true);
      expect(store.run(id).state).toBe('running');
      store.close();
    });

    test('keeps rungs by themselves and with their trial, and refuses another result of one', () => {
      const open = freshOpener();
      const store = open();
      const { id } = store.createRun(origin, AT);
      const [low, high] = [rung(0, 0.4), { ...rung(1, 0.5), weights: 'runs/weights/a.safetensors' }];
      for (const stored of [high, low, low]) store.appendRung(id, { trial: 4, ...stored }, AT);
      expect(() => store.appendRung(id, { trial: 4, ...rung(0, 0.9) }, AT)).toThrow('another result');
      expect(store.trials(id)).toEqual([]);
      store.append(id, stopped, MADE);
      store.append(id, stopped, MADE);
      expect(() => store.append(id, { ...completed(5), rungs: [rung(0, 0.4)] }, MADE)).toThrow('other rungs');
      store.close();

      const again = open();
      expect(again.rungs(id)).toEqual([
        { trial: 4, ...low },
        { trial: 4, ...high },
      ]);
      expect(again.trials(id)).toEqual([stopped]);
      expect(again.circumstances(id)).toEqual(new Map([[4, MADE]]));
      expect(again.runs()[0]).toMatchObject({ trials: 1, completed: 0 });
      again.close();
    });

    test('keeps failures, the order of tells, updates and events', () => {
      const open = freshOpener();
      const store = open();
      const { id } = store.createRun(origin, AT);
      const other = store.createRun(origin, AT).id;
      const failure = { trial: 3, attempt: 1, error: 'a worker died' };
      store.appendFailure(id, failure, AT);
      store.appendFailure(id, failure, 'later');
      const tells = [{ trial: 1, rung: 0 }, { trial: 0 }, { trial: 1 }];
      store.appendTells(id, tells.slice(0, 2));
      store.appendTells(id, tells.slice(2));
      store.appendTells(other, [{ trial: 0 }]);
      expect(() => store.appendTells(id, [{ trial: 2 }, { trial: 0 }])).toThrow();
      const update = { position: 1, diagnostics: { entropy: 0.1 + 0.2, approx_kl: 0 } };
      store.saveUpdate(id, { ...update, diagnostics: {} });
      store.saveUpdate(id, update);
      expect(() => store.saveUpdate(id, { position: 9, diagnostics: {} })).toThrow();
      const events = [
        { at: AT, kind: 'begun', message: 'with nas 0.2.0' },
        { at: AT, kind: 'failed attempt', trial: 3, message: 'a worker died' },
      ];
      for (const event of events) store.addEvent(id, event);
      store.addEvent(other, { at: AT, kind: 'begun', message: '' });
      store.close();

      const again = open();
      expect(again.failures(id)).toEqual([failure]);
      expect(again.tells(id)).toEqual(tells);
      expect(again.updates(id)).toEqual([update]);
      expect(again.events(id)).toEqual(events);
      again.close();
    });

    test('keeps what a run of several devices has more of', () => {
      const store = freshOpener()();
      const several = { ...origin, otherTables: ['{"kernels": {"a": 1}}'] };
      const { id } = store.createRun(several, AT);
      expect(store.run(id)).toMatchObject(several);
      expect(store.run(id).tableDigest).not.toBe(digestOf([origin.table]));
      const trial = { ...completed(0), architecture: 'd'.repeat(64), latenciesMs: [12.25, 3], goal: 1 };
      store.append(id, trial, MADE);
      expect(store.trials(id)).toEqual([trial]);
      const measured = { trial: 0, medianMs: 12.5, madMs: 0.1, samples: 31 };
      for (const device of [{}, { device: 1 }]) store.saveMeasurement(id, { ...measured, ...device });
      expect(store.measurements(id)).toEqual([measured, { ...measured, device: 1 }]);
      store.close();
    });

    test('keeps the last proxy check under a key', () => {
      const store = freshOpener()();
      expect(store.proxyCheck('k')).toBeUndefined();
      store.saveProxyCheck('k', { rankCorrelation: 0.7 }, AT);
      store.saveProxyCheck('k', { rankCorrelation: 0.8 }, AT);
      expect(store.proxyCheck('k')).toEqual({ rankCorrelation: 0.8 });
      store.close();
    });

    test('a reader sees what a writer has stored, while it goes on writing', () => {
      const open = freshOpener();
      const [writer, reader] = [open(), open()];
      const { id } = writer.createRun(origin, AT);
      for (let number = 0; number < 20; number++) {
        writer.append(id, completed(number), MADE);
        expect(reader.trials(id)).toHaveLength(number + 1);
      }
      writer.close();
      reader.close();
    });
  });
}
