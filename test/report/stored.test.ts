import { expect, test } from 'vitest';
import { frontPlot, frontsPlot } from '../../src/report/front-plot.ts';
import { optionLabels } from '../../src/report/option-labels.ts';
import type { RunListing } from '../../src/report/run-listing.ts';
import { runTable } from '../../src/report/run-table.ts';
import { thinned } from '../../src/report/thinned.ts';
import { wrap } from '../../src/report/wrap.ts';

const line: RunListing = {
  ...{ run: 'r1', state: 'interrupted', space: 'mobilenet-v3', strategy: 'guided', dataset: 'cifar10' },
  ...{ devices: ['some-phone-pro'], targetsMs: [15], trials: 12, completed: 12, budget: 100 },
  best: { trial: 3, accuracy: 0.5, latencyMs: 14, measuredMs: null },
  ...{ targetMs: 15, targetMet: true, trialsPerMinute: null, secondsLeft: null },
  ...{ createdAt: '2026-01-02T03:04:05.000Z', seconds: 3725, seed: '1', trainer: 'embedded' },
};

test('what runs have in common stands once, above them', () => {
  expect(runTable([line, { ...line, run: 'r2' }])).toBe(
    [
      'space mobilenet-v3, device some-phone-pro, strategy guided, dataset cifar10',
      '',
      'run  state         target  trials    best  begun (UTC)             took',
      'r1   interrupted  15.0 ms  12/100  50.0 %  2026-01-02 03:04  1 h 02 min',
      'r2   interrupted  15.0 ms  12/100  50.0 %  2026-01-02 03:04  1 h 02 min',
      '',
      'best: accuracy of the proxy of the most accurate network under the target; nas',
      'pareto RUN tells more',
    ].join('\n'),
  );
  expect(runTable([])).toBe('no runs yet');
});

test('of runs that have little in common what does not fit is named', () => {
  const other = { ...line, space: 'mobile', strategy: 'ppo', dataset: 'folder:pictures', devices: ['pixel'] };
  const text = runTable([line, other]);
  expect(text).toContain('not shown for lack of room: took');
  expect(Math.max(...text.split('\n').map((row) => row.length))).toBeLessThanOrEqual(80);
});

test('a run for several targets, ended by time, with nothing under them yet', () => {
  const text = runTable([
    { ...line, state: 'running', targetsMs: [5, 10], budget: null, best: null, seconds: 0 },
  ]);
  expect(text).toContain('r1   running  2 targets      12        2026-01-02 03:04');
});

test('options of one type are told apart by the fields that differ', () => {
  const block = { type: 'inverted-residual', kernel: 3, expansion: 6, activation: 'relu' };
  expect(optionLabels([block, { ...block, kernel: 5 }, { type: 'identity' }])).toEqual([
    'inverted-residual kernel 3',
    'inverted-residual kernel 5',
    'identity',
  ]);
  expect(optionLabels([8, 16, null])).toEqual(['8', '16', 'null']);
});

test('prose is broken at 80 columns, and a long word is left whole', () => {
  const text = `${'word '.repeat(30)}${'x'.repeat(90)} end`;
  const lines = wrap(text, '  ').split('\n');
  expect(lines.join(' ').replaceAll(/ +/g, ' ')).toBe(text);
  expect(lines.filter((row) => row.length > 80)).toEqual([`  ${'x'.repeat(90)}`]);
});

test('a hundred thousand points are drawn like a few, the front among them', () => {
  const points = Array.from({ length: 100_000 }, (_, i) => ({
    latencyMs: 1 + (i % 317) / 10,
    accuracy: 0.3 + ((i * 7919) % 1000) / 5000,
  }));
  const best = { latencyMs: 2, accuracy: 0.9 };
  expect(thinned([...points, best], 120, 30).length).toBeLessThan(3600);
  const size = { width: 60, height: 14 };
  const drawn = frontPlot([...points, best], [5], size).split('\n');
  // The fastest network and the best one.
  expect(drawn.slice(1).join('').match(/●/g)).toHaveLength(2);
});

test('each of several fronts has its own symbol, named above', () => {
  const fronts = [
    { name: 'r1', points: [{ latencyMs: 1, accuracy: 0.5 }] },
    { name: 'r2', points: [{ latencyMs: 2, accuracy: 0.6 }] },
  ];
  const [title, ...rows] = frontsPlot(fronts, [], { width: 40, height: 8 }).split('\n');
  expect(title).toBe('accuracy (%)   ● r1  ○ r2');
  expect(rows.join('').match(/[●○]/g)).toEqual(['○', '●']);
});
