import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../../src/base/errors.ts';
import {
  type BenchmarkReport,
  ignoredFlags,
  readBenchmarkReport,
  usesXnnpack,
} from '../../../src/devices/runtimes/tflite/benchmark-report.ts';
import { RECORDED } from './recorded.ts';

const read = (text: string): BenchmarkReport => readBenchmarkReport(text.split('\n'), 'it');

/** What there is to read in the recorded outputs: the second phase's line, by hand. */
const EXPECTED: Readonly<Record<keyof typeof RECORDED, BenchmarkReport>> = {
  'TensorFlow 1.12': { runs: 10, minUs: 137204, maxUs: 141870, meanUs: 137985 },
  'TensorFlow 2.2': { runs: 3, minUs: 3370022, maxUs: 3391410, meanUs: 3_381_360 },
  'TensorFlow 2.5': { runs: 21, minUs: 4699, maxUs: 4811, meanUs: 4721.86 },
  'TensorFlow 2.14': { runs: 3268, minUs: 30, maxUs: 30, meanUs: 30 },
  'LiteRT 2.0': { runs: 10, minUs: 51290, maxUs: 58804, meanUs: 52417.3, medianUs: 51702 },
};

const VERSIONS = Object.entries(EXPECTED) as [keyof typeof RECORDED, BenchmarkReport][];

describe.each(VERSIONS)('of %s', (version, expected) => {
  const text = RECORDED[version];

  test('the timed runs are read, not those that warm up', () => {
    expect(read(text)).toEqual(expected);
    expect(read(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  });

  test('output that ends anywhere is refused, but for what comes after the mean', () => {
    const end = text.search(/nference timings in us: /);
    for (let length = 0; length < text.length; length++) {
      let report: BenchmarkReport | undefined;
      try {
        report = read(text.slice(0, length));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(NasError);
      }
      if (report === undefined) continue;
      expect(length).toBeGreaterThan(end);
      expect(report).toEqual(expected);
    }
  });
});

test('what ran the model is told', () => {
  const runs = VERSIONS.map(([version]) => [version, usesXnnpack(RECORDED[version].split('\n'))]);
  expect(Object.fromEntries(runs)).toEqual({
    'TensorFlow 1.12': false,
    'TensorFlow 2.2': true,
    'TensorFlow 2.5': true,
    'TensorFlow 2.14': true,
    'LiteRT 2.0': true,
  });
  const left =
    'Though XNNPACK delegate is explicitly applied, the model graph will not be executed by the delegate.';
  expect(usesXnnpack(['INFO: XNNPACK delegate created.', `INFO: ${left}`])).toBe(false);
});

test('flags that it does not know are told', () => {
  expect(ignoredFlags(['WARN: Unconsumed cmdline flags: --max_secs=10 --use_xnnpack=true'])).toEqual([
    '--max_secs=10',
    '--use_xnnpack=true',
  ]);
  expect(ignoredFlags(RECORDED['LiteRT 2.0'].split('\n'))).toEqual([]);
});

describe('is refused, and says why:', () => {
  const whole = RECORDED['LiteRT 2.0'];
  test.each([
    ['no output', '', /it: no output; expected what benchmark_model writes/],
    ['another program', 'usage: ls [-l]\n', /it: output of another program: 'usage: ls \[-l\]'/],
    [
      "TensorFlow's own tool, for graphs",
      '2018-09-10 12:36:37.5: I tensorflow/core/util/stat_summarizer.cc:85] Timings (microseconds): count=405 first=38 curr=31 min=29 max=45 avg=34.5 std=2\n',
      /it: output of another program/,
    ],
    [
      'an end too early',
      whole.slice(0, whole.indexOf('INFO: Inference')),
      /breaks off after 'INFO: count=10 /,
    ],
    ['two models', whole + whole, /it: the results of more than one model/],
    [
      'a mean that no line has',
      whole.replaceAll(/^INFO: count.*$/gm, ''),
      /mean of 52417\.3 us that no other/,
    ],
    ['a mean that differs', whole.replace('avg=52417.3', 'avg=52417.9'), /is 52417\.9 us in another line/],
    ['a median beyond the largest', whole.replace('median=51702', 'median=517020'), /no other line has/],
    ['percentiles in disorder', whole.replace('p5=51290', 'p5=51800'), /no other line has/],
    ['a mean below the least', whole.replaceAll('52417.3', '5241.73'), /no other line has/],
    ['a last run below the least', whole.replace('curr=51377', 'curr=5137'), /no other line has/],
    [
      'no runs',
      whole.replace(/^INFO: count=10 .*$/m, 'INFO: count=0'),
      /mean of 52417\.3 us that is 60112 us/,
    ],
    ['no number', whole.replaceAll('52417.3', 'nan'), /breaks off/],
    ['a negative one', whole.replaceAll('52417.3', '-52417.3'), /breaks off/],
  ])('%s', (_what, text, message) => {
    expect(() => read(text)).toThrow(NasError);
    expect(() => read(text)).toThrow(message);
  });
});

/** Times of some runs, and what the versions that are in use print of them. */
const someRuns = fc.array(fc.integer({ min: 0, max: 20_000_000 }), { minLength: 1, maxLength: 30 });

/** As an iostream prints a double. */
function printed(value: number): string {
  const digits = Number(value.toPrecision(6));
  return digits >= 1e6 ? digits.toExponential().replace('e+', 'e+0') : String(digits);
}

function phaseOf(runs: readonly number[], withPercentiles: boolean): string {
  const sorted = runs.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const mean = runs.reduce((sum, run) => sum + run, 0) / runs.length;
  const at = (percent: number): number => sorted[Math.floor((sorted.length * percent) / 100)] ?? 0;
  const first =
    min === max
      ? `count=${runs.length} curr=${min}${runs.length > 1 ? '(all same)' : ''}`
      : `count=${runs.length} first=${runs[0]} curr=${runs.at(-1)} min=${min} max=${max} avg=${printed(mean)} std=12`;
  return withPercentiles ? `${first} p5=${at(5)} median=${at(50)} p95=${at(95)}` : first;
}

function outputOf(runs: readonly number[], isNew: boolean): string {
  const mean = printed(runs.reduce((sum, run) => sum + run, 0) / runs.length);
  const lines = [
    'STARTING!',
    'Running benchmark for at least 1 iterations and at least 0.05 seconds but terminate if exceeding 10 seconds.',
    phaseOf([7, 9], isNew),
    '',
    'Running benchmark for at least 10 iterations and at least 0.1 seconds but terminate if exceeding 10 seconds.',
    phaseOf(runs, isNew),
    '',
    isNew
      ? `Inference timings in us: Init: 12, First inference: 7, Warmup (avg): 8, Inference (avg): ${mean}`
      : `Average inference timings in us: Warmup: 8, Init: 12, Inference: ${mean}`,
  ];
  return lines.map((line) => (isNew && line !== '' ? `INFO: ${line}` : line)).join('\n');
}

function expectMean(report: BenchmarkReport, runs: readonly number[]): void {
  const mean = runs.reduce((sum, run) => sum + run, 0) / runs.length;
  expect(Math.abs(report.meanUs - mean)).toBeLessThanOrEqual(1e-5 * mean);
  expect([report.runs, report.minUs, report.maxUs]).toEqual([
    runs.length,
    Math.min(...runs),
    Math.max(...runs),
  ]);
}

test('any times come through, in any version', () => {
  fc.assert(
    fc.property(someRuns, fc.boolean(), (runs, isNew) => {
      const report = read(outputOf(runs, isNew));
      expectMean(report, runs);
      const middle = runs.toSorted((a, b) => a - b)[Math.floor(runs.length / 2)];
      expect(report.medianUs).toBe(isNew ? middle : undefined);
    }),
  );
});

test('whatever is lost, doubled, moved or put between the lines, there is the true mean or a NasError', () => {
  const damage = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('lose', 'double', 'move', 'put'), fc.string());
  fc.assert(
    fc.property(someRuns, fc.boolean(), fc.array(damage, { maxLength: 4 }), (runs, isNew, damages) => {
      const lines = outputOf(runs, isNew).split('\n');
      for (const [from, to, how, text] of damages) {
        const i = from % Math.max(1, lines.length);
        const j = to % Math.max(1, lines.length);
        if (how === 'put') lines.splice(i, 0, text);
        else if (how === 'double') lines.splice(j, 0, lines[i] ?? '');
        else {
          const [line = ''] = lines.splice(i, 1);
          if (how === 'move') lines.splice(j, 0, line);
        }
      }
      try {
        expect(Math.abs(read(lines.join('\n')).meanUs - read(outputOf(runs, isNew)).meanUs)).toBe(0);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(NasError);
      }
    }),
    { numRuns: 500 },
  );
});

test('anything else at all is a NasError', () => {
  const word = fc.constantFrom(
    'count=',
    'avg=',
    'INFO: ',
    'Inference (avg): ',
    '\n',
    '1',
    'e+06',
    ' curr=',
    'median=',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), word)), (pieces) => {
      expect(() => read(pieces.join(''))).toThrow(NasError);
    }),
  );
});
