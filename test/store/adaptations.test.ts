import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { openAdaptationLog } from '../../src/store/adaptations.ts';
import { thisProcess } from '../../src/store/owner.ts';

const freshFile = (): string => join(mkdtempSync(join(tmpdir(), 'nas-adaptations-')), 'nas.db');
const origin = { identity: 'e'.repeat(64), network: "it's", config: { targetMs: 1 / 3, layers: ['a'] } };
const owner = thisProcess();
const [before, after] = ['2026-01-02T03:04:05.000Z', '2026-01-02T04:04:05.000Z'];

test('gives back what it was given, in another session too', () => {
  const file = freshFile();
  const log = openAdaptationLog(file);
  const { id } = log.create(origin, before, owner);
  expect(id).toBe('a1');
  expect(log.step(id, 0)).toBeUndefined();
  log.saveWeights(id, 'w.safetensors');
  log.savePlan(id, 0, { cutMs: 0.1 + 0.2 });
  log.saveResult(id, 0, 1, { accuracy: 2 / 3 });
  log.saveResult(id, 0, 0, { error: 'lost' });
  log.close();

  const again = openAdaptationLog(file);
  expect(again.unfinished(origin.identity)).toEqual({
    ...origin,
    ...{ id, weights: 'w.safetensors', createdAt: before },
  });
  const results = new Map([
    [0, { error: 'lost' }],
    [1, { accuracy: 2 / 3 }],
  ]);
  expect(again.step(id, 0)).toEqual({ step: 0, plan: { cutMs: 0.1 + 0.2 }, results });
  // A plan stands once it is made.
  again.savePlan(id, 0, { cutMs: 1 });
  again.saveChoice(id, 0, 1);
  expect(again.step(id, 0)).toEqual({ step: 0, plan: { cutMs: 0.1 + 0.2 }, chosen: 1, results });
  again.close();
});

test('goes on with the newest of an identity that is not finished', () => {
  const log = openAdaptationLog(freshFile());
  expect(log.unfinished(origin.identity)).toBeUndefined();
  const [first, second] = [log.create(origin, before, owner), log.create(origin, before, owner)];
  log.create({ ...origin, identity: 'another' }, before, owner);
  expect(log.unfinished(origin.identity)).toEqual(second);
  log.finish(second.id, { met: true }, after);
  expect(log.unfinished(origin.identity)).toEqual(first);
  expect(log.all().map(({ id }) => id)).toEqual(['a3', 'a2', 'a1']);
  expect(log.all()[1]).toEqual({ ...second, outcome: { met: true }, finishedAt: after });
  log.close();
});

test('a result is of a step that was planned, and is there once', () => {
  const log = openAdaptationLog(freshFile());
  const { id } = log.create(origin, before, owner);
  expect(() => log.saveResult(id, 0, 0, {})).toThrow(NasError);
  log.savePlan(id, 0, {});
  log.saveResult(id, 0, 0, {});
  expect(() => log.saveResult(id, 0, 0, {})).toThrow(NasError);
  log.close();
});

test('is one process at work at a time: a living one keeps it, a dead one or --take-over does not', () => {
  const file = freshFile();
  const log = openAdaptationLog(file);
  const { id } = log.create(origin, before, owner);
  // The process that started this one lives, and so long as it does nobody else may go on.
  const living = { ...owner, processId: process.ppid, started: '' };
  log.claim(id, { owner: living, takeOver: true });
  const refusal = `adaptation ${id}: process ${process.ppid} is working on it; expected one process at a time`;
  expect(() => log.claim(id, { owner })).toThrow(refusal);
  expect(() => log.create(origin, before, owner)).toThrow(refusal);
  expect(log.create({ ...origin, identity: 'another' }, before, owner).id).toBe('a2');
  log.claim(id, { owner, takeOver: true });
  log.claim(id, { owner });
  log.release(id);
  log.claim(id, { owner: { ...owner, processId: 2 ** 22 + 1 } });
  log.claim(id, { owner });
  log.claim(id, { owner: { ...owner, host: 'elsewhere' }, takeOver: true });
  expect(() => log.claim(id, { owner })).toThrow(NasError);
  log.finish(id, {}, after);
  log.claim(id, { owner });
  log.close();
});

test('finds what an identity came to, its steps, and nothing under an id that is not there', () => {
  const log = openAdaptationLog(freshFile());
  const { id } = log.create(origin, before, owner);
  expect(log.finished(origin.identity)).toBeUndefined();
  for (const step of [0, 1]) log.savePlan(id, step, { step });
  log.saveResult(id, 1, 0, { accuracy: 1 });
  log.finish(id, { met: false }, after);
  expect(log.finished(origin.identity)).toEqual(log.adaptation(id));
  expect(log.steps(id)).toEqual([log.step(id, 0), log.step(id, 1)]);
  expect(() => log.adaptation('a7')).toThrow("no adaptation 'a7'; expected one such as a1");
  log.close();
});
