import { describe, expect, test } from 'vitest';
import type { CompletedTrial, FailedTrial, InfeasibleTrial } from '../../src/objective/trial.ts';
import type { RunOrigin, Store } from '../../src/store/store.ts';

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

/** What every store has to hold to. `open` opens the same, at first empty, store each time within a test. */
export function storeContract(name: string, freshOpener: () => () => Store): void {
  describe(`store ${name}`, () => {
    test('gives back what it was given, in another session too', () => {
      const open = freshOpener();
      const store = open();
      const run = store.createRun(origin, AT);
      for (const trial of [infeasible, completed(0), failed]) store.append(run.id, trial, AT);
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
        seconds: 3.5,
      });
      expect(again.trials(run.id)).toEqual([completed(0), failed, infeasible]);
      expect(again.measurements(run.id)).toEqual([{ trial: 0, medianMs: 12.5, madMs: 0.1, samples: 31 }]);
      again.close();
    });

    test('lists runs newest first, with their trials counted', () => {
      const store = freshOpener()();
      expect(store.runs()).toEqual([]);
      const [first, second] = [store.createRun(origin, AT), store.createRun(origin, AT)];
      store.append(first.id, completed(0), AT);
      store.append(first.id, failed, AT);
      expect(store.runs().map(({ id, trials, completed }) => [id, trials, completed])).toEqual([
        [second.id, 0, 0],
        [first.id, 2, 1],
      ]);
      store.close();
    });

    test('stores a trial once: the same again changes nothing, another is refused', () => {
      const store = freshOpener()();
      const { id } = store.createRun(origin, AT);
      store.append(id, completed(0), AT);
      store.append(id, completed(0), 'later');
      expect(() => store.append(id, { ...completed(0), accuracy: 0.9 }, AT)).toThrow(
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
      expect(() => store.append('7', completed(0), AT)).toThrow('no run');
      store.close();
    });

    test('a run is held by one living process; a dead one leaves it interrupted', () => {
      const open = freshOpener();
      const store = open();
      const { id } = store.createRun(origin, AT);
      expect(store.run(id).state).toBe('interrupted');
      store.claim(id, process.pid);
      store.claim(id, process.pid);
      expect(store.run(id).state).toBe('running');
      expect(() => store.claim(id, process.pid + 1_000_000)).toThrow(
        `process ${process.pid} is working on it`,
      );
      store.release(id);
      const DEAD = 999_999_999;
      store.claim(id, DEAD);
      expect(store.run(id).state).toBe('interrupted');
      store.claim(id, process.pid);
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
        writer.append(id, completed(number), AT);
        expect(reader.trials(id)).toHaveLength(number + 1);
      }
      writer.close();
      reader.close();
    });
  });
}
