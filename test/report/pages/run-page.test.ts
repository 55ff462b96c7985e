import { expect, test } from 'vitest';
import { paretoFront } from '../../../src/objective/pareto.ts';
import { decisionsPage } from '../../../src/report/pages/decisions-page.ts';
import { runPage, troubleKinds } from '../../../src/report/pages/run-page.ts';
import { runListing } from '../../../src/report/run-listing.ts';
import type { RunSummary } from '../../../src/store/store.ts';

const summary: RunSummary = {
  ...{
    id: 'r1',
    state: 'running',
    config: {},
    seed: '1',
    createdAt: '2026-01-02T03:04:05.000Z',
    seconds: 120,
  },
  ...{ space: 'mobile', devices: ['some-phone'], trials: 10, completed: 8 },
};
const config = {
  ...{ targetsMs: [5, 10], strategy: 'ppo', dataset: 'cifar10', trainer: 'embedded' },
  ...{ budget: 40, timeMs: undefined },
};
const best = { number: 3, accuracy: 0.5, latencyMs: 4.5, measuredMs: null };

test('a run tells its pace, what is left and whether every target is met', () => {
  expect(runListing(summary, config, [best, undefined])).toMatchObject({
    ...{ run: 'r1', targetMs: 5, trialsPerMinute: 5, secondsLeft: 360, targetMet: false },
    best: { trial: 3, accuracy: 0.5, latencyMs: 4.5, measuredMs: null },
  });
  expect(runListing(summary, config, [best, best]).targetMet).toBe(true);
  // Two minutes of five are gone: the time ends it before the trials.
  expect(runListing(summary, { ...config, timeMs: 300_000 }, []).secondsLeft).toBe(180);
  const unbegun = runListing({ ...summary, trials: 0, seconds: 0 }, { ...config, targetsMs: [] }, []);
  expect(unbegun).toMatchObject({ trialsPerMinute: null, secondsLeft: null, targetMet: null, best: null });
  expect(runListing({ ...summary, state: 'finished' }, config, []).secondsLeft).toBeNull();
});

test('trials without an accuracy are counted by what went wrong, whatever its numbers', () => {
  const kinds = troubleKinds([
    { number: 0, state: 'failed', reason: 'diverged at step 12' },
    { number: 1, state: 'stopped', reason: 'the worst of 3' },
    { number: 4, state: 'failed', reason: 'diverged at step 7.5' },
    { number: 5, state: 'infeasible', reason: 'the worst of 3' },
  ]);
  expect(kinds).toEqual([
    { state: 'failed', reason: 'diverged at step 12', count: 2, trials: [0, 4] },
    { state: 'stopped', reason: 'the worst of 3', count: 1, trials: [1] },
    { state: 'infeasible', reason: 'the worst of 3', count: 1, trials: [5] },
  ]);
});

test('of a hundred thousand trials the page has the whole front, and few enough of the others to be drawn', () => {
  const figures = Array.from({ length: 100_000 }, (_, number) => {
    const latencyMs = 5 + 15 * ((number * 0.618034) % 1);
    return {
      number,
      latencyMs,
      accuracy: 0.6 - 1 / latencyMs + 0.1 * ((number * 0.414214) % 1),
      params: 1,
      macs: 2,
    };
  });
  const page = runPage({
    run: runListing(summary, config, []),
    ...{ device: 0, facts: [], deviceNotes: [], notes: [], validationImages: null, next: [], events: [] },
    ...{ retrained: [], figures, best: [undefined, undefined], rewards: [], updates: [], trouble: [] },
    measurements: [{ trial: 1, device: 1, medianMs: 1, madMs: 1, samples: 1 }],
  });
  expect(page.front.map(({ trial }) => trial)).toEqual(paretoFront(figures).map(({ number }) => number));
  expect(page.cloud.trial.length).toBeLessThan(30_000);
  expect(page.cloud.trial.length).toBeGreaterThan(1_000);
  // Of another device.
  expect(page.measured).toEqual([]);
});

test('decisions tell how often an option was taken and what came of it', () => {
  const place = { name: 'x', stage: 0, conditions: [] };
  const inner = { ...place, conditions: [{ decision: 0, option: 1 }] };
  const decisions = [
    { name: 'kernel', options: [3, 5], ordinal: true, places: [place] },
    { name: 'inner', options: ['a', 'b'], ordinal: false, places: [inner] },
  ];
  const page = decisionsPage('r1', decisions, [
    { number: 0, accuracy: 0.5, latencyMs: 4, genotype: [0, -1] },
    { number: 1, accuracy: 0.7, latencyMs: 6, genotype: [1, 0] },
    { number: 2, accuracy: 0.4, latencyMs: 8, genotype: [1, 1] },
  ]);
  expect(page.decisions[0]?.options).toEqual([
    { label: '3', trials: 1, onFront: 1, accuracy: 0.5, latencyMs: 4 },
    { label: '5', trials: 2, onFront: 1, accuracy: 0.55, latencyMs: 7 },
  ]);
  expect(page.decisions[1]?.options.map(({ trials }) => trials)).toEqual([1, 1]);
  expect(page.lines.map(({ trial, choices, isOnFront }) => [trial, choices, isOnFront])).toEqual([
    [1, [1, 0], true],
    [0, [0, -1], true],
    [2, [1, 1], false],
  ]);
});
