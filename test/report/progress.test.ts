import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { array, assert, double, integer, nat, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { SearchEvent } from '../../src/flows/search.ts';
import type { CompletedTrial } from '../../src/objective/trial.ts';
import { frontPlot, plotLines, plotSizeIn } from '../../src/report/front-plot.ts';
import { createProgress } from '../../src/report/progress.ts';
import { createSearchProgress } from '../../src/report/search-progress.ts';

/** A stream that says of itself what a terminal does, and keeps what is written to it. */
function terminal(columns: number, rows: number) {
  let written = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY: true, columns, rows }) as unknown as NodeJS.WriteStream,
    /** What was written since it was asked last, without what moves and erases. */
    lines: (): readonly string[] => {
      const lines = stripVTControlCharacters(written).split('\n');
      written = '';
      return lines;
    },
  };
}

test.each([
  [80, 24],
  [40, 24],
  [40, 15],
])('a search is shown within %i columns and %i rows', (columns, rows) => {
  const { stream, lines } = terminal(columns, rows);
  let now = 0;
  const shown = createSearchProgress({
    ...{ progress: createProgress(stream), trials: 100, secondsLeft: undefined },
    ...{ targetsMs: [15], parallelism: 2, nowMs: () => now },
  });
  for (let number = 0; number < 9; number++) {
    now += 61_000;
    const trial: CompletedTrial = {
      ...{ state: 'completed', number, genotype: [number], latencyMs: 10 + number, accuracy: 0.1 * number },
      ...{ params: 1, macs: 1, epochs: [], cpuSeconds: 1 },
    };
    shown.on({ kind: 'finished', trial, replayed: false } as SearchEvent);
  }
  lines();
  // All of it anew: the time is another.
  now += 61_000;
  stream.columns = columns - 1;
  shown.redraw();
  const frame = lines();
  expect(frame.length).toBeGreaterThan(8);
  expect(frame.length).toBeLessThanOrEqual(rows);
  expect(frame.filter((line) => line.length >= columns)).toEqual([]);
  expect(frame.join(' ')).toMatch(/9\/100 +trials/);
  expect(frame[0]).toContain('accuracy (%)');
});

test('lines that stay are broken between words on a terminal, and left as they are in a pipe', () => {
  const text = 'table    calibrated by 8 whole networks: 1.084 × sum of kernels, 2.17 us a kernel';
  const { stream, lines } = terminal(60, 24);
  createProgress(stream).line(text);
  expect(lines()).toEqual([
    'table    calibrated by 8 whole networks: 1.084 × sum of',
    '         kernels, 2.17 us a kernel',
    '',
  ]);
  const piped = terminal(60, 24);
  piped.stream.isTTY = false as true;
  createProgress(piped.stream).line(text);
  expect(piped.lines()).toEqual([text, '']);
});

test('a plot fits the room that there is', () => {
  const point = record({
    latencyMs: double({ min: 0.001, max: 1e4, noNaN: true }),
    accuracy: double({ min: 0, max: 1, noNaN: true }),
  });
  const room = record({ columns: integer({ min: 30, max: 120 }), rows: integer({ min: 10, max: 60 }) });
  assert(
    property(
      array(point, { minLength: 1, maxLength: 30 }),
      room,
      nat(20),
      (points, { columns, rows }, target) => {
        const size = plotSizeIn({ columns, rows }, { width: 66, height: 14 });
        const [, ...drawn] = frontPlot(points, [1 + target], size).split('\n');
        expect(drawn.filter((line) => line.length > columns)).toEqual([]);
        expect(1 + drawn.length).toBeLessThanOrEqual(Math.min(plotLines(size, columns), rows));
      },
    ),
    { numRuns: 200 },
  );
});
