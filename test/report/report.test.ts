import { expect, test } from 'vitest';
import { summarizeProxy } from '../../src/flows/proxy-check.ts';
import { frontPlot } from '../../src/report/front-plot.ts';
import { bar, secondsLeft } from '../../src/report/progress.ts';
import { proxyCheckLine } from '../../src/report/proxy-note.ts';
import { accuracyStandardError } from '../../src/report/standard-error.ts';
import { textTable } from '../../src/report/text-table.ts';

test('the plot marks front, dominated points and target', () => {
  const points = [
    { accuracy: 0.5, latencyMs: 10 },
    { accuracy: 0.4, latencyMs: 12 },
    { accuracy: 0.6, latencyMs: 20 },
  ];
  const [title, ...rows] = frontPlot(points, [15], { width: 40, height: 8 }).trim().split('\n');
  expect(title).toContain('│ target');
  const drawn = rows.join('');
  expect(drawn.match(/●/g)).toHaveLength(2);
  expect(drawn.match(/·/g)).toHaveLength(1);
  expect(frontPlot([], [15], { width: 40, height: 8 })).toBe('');
  expect(frontPlot(points.slice(0, 1), [], { width: 40, height: 8 })).toContain('●');
});

test('a table lines up its columns and has nothing to the right', () => {
  const rows = [
    { name: 'a', size: 5 },
    { name: 'long', size: 1000 },
  ];
  const columns = [
    { title: 'name', cell: (row: (typeof rows)[number]) => row.name },
    { title: 'size', align: 'right' as const, cell: (row: (typeof rows)[number]) => String(row.size) },
  ];
  expect(textTable(rows, columns)).toBe('name  size\na        5\nlong  1000');
});

test('progress', () => {
  expect(bar(0.5, 4)).toBe('[==  ]');
  expect(bar(7, 4)).toBe('[====]');
  expect(secondsLeft(0.25, 10)).toBe(30);
  expect(secondsLeft(0, 10)).toBeUndefined();
});

test('the standard error of 50 % on 5,000 images is 0.7 %', () => {
  expect(accuracyStandardError(0.5, 5000)).toBeCloseTo(0.00707, 5);
});

test('a proxy that keeps the order has rank correlation 1, and says over how many networks', () => {
  const points = [0.3, 0.5, 0.4, 0.6, 0.35].map((accuracy, i) => ({
    genotype: [i],
    macs: [3, 1, 5, 2, 4][i]!,
    shortAccuracy: accuracy,
    longAccuracy: accuracy + 0.2,
  }));
  const check = summarizeProxy(points, 6, 'seed');
  expect(check.rankCorrelation).toBeCloseTo(1, 12);
  expect(check.interval95).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
  expect(proxyCheckLine(check)).toBe(
    'rank correlation with 6 times longer training: 1.00 (95 % interval 1.00 to 1.00), 1.00 at equal MACs, over 5 random networks',
  );
});
