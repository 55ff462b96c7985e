import { NasError } from '../../../base/errors.ts';

/** What `benchmark_model` says of its timed runs, in microseconds. It takes the time of each run in whole ones. */
export interface BenchmarkReport {
  readonly runs: number;
  readonly minUs: number;
  readonly maxUs: number;
  readonly meanUs: number;
  /** The upper one of the two in the middle, where they are even; absent where it prints none, as before 2024. */
  readonly medianUs?: number;
}

/**
 * One phase of runs. The percentiles came last; `std` is an integer or not, and may be rounding gone wrong.
 *
 *     count=50 first=32891 curr=33978 min=32641 max=34005 avg=33209.4 std=450 p5=32702 median=33180 p95=33871
 *     count=50 curr=33(all same) p5=33 median=33 p95=33
 *     count=1 curr=637079
 */
const PERCENTILES = String.raw`(?: p5=(?<p5>\d+) median=(?<median>\d+) p95=(?<p95>\d+))?`;
const NUMBER = String.raw`\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const PHASE = new RegExp(
  String.raw`^(?:INFO: )?count=(?<count>\d+) (?:` +
    String.raw`first=(?<first>\d+) curr=(?<last>\d+) min=(?<min>\d+) max=(?<max>\d+) avg=(?<avg>${NUMBER}) std=\S+` +
    String.raw`|curr=(?<only>\d+)(?:\(all same\))?)${PERCENTILES}$`,
);

/** The mean of the timed runs once more, after both phases: since 2020 in the first form. */
const SUMMARIES = [
  new RegExp(
    String.raw`^(?:INFO: )?Inference timings in us: Init: \S+, First inference: \S+, ` +
      String.raw`Warmup \(avg\): \S+, Inference \(avg\): (?<avg>${NUMBER})$`,
  ),
  new RegExp(
    String.raw`^(?:INFO: )?Average inference timings in us: Warmup: \S+, Init: \S+, ` +
      `(?:Inference|no stats): (?<avg>${NUMBER})$`,
  ),
];

/**
 * Reads what `benchmark_model` of TensorFlow Lite or LiteRT wrote, of any version. Throws a NasError unless the
 * output is whole and agrees with itself: two lines tell the mean, the second one being the last that matters.
 * `Timings (microseconds): count=…`, which profiling adds, is the sum over operators and is left alone.
 */
export function readBenchmarkReport(lines: readonly string[], where: string): BenchmarkReport {
  const trimmed = lines.map((line) => line.trimEnd());
  const ends = trimmed.flatMap((line, i) => {
    const avg = SUMMARIES.map((pattern) => pattern.exec(line)?.groups?.avg).find(
      (text) => text !== undefined,
    );
    return avg === undefined ? [] : [{ i, meanUs: Number(avg) }];
  });
  const [end, another] = ends;
  if (end === undefined) throw notWhole(trimmed, where);
  if (another !== undefined) {
    throw new NasError(where, { found: 'the results of more than one model', expected: 'those of one' });
  }
  // The first phase warms up.
  const timed = trimmed.slice(0, end.i).findLast((line) => PHASE.test(line));
  const report = readPhase(PHASE.exec(timed ?? '')?.groups ?? {});
  if (report === undefined || !agree(report.meanUs, end.meanUs)) {
    throw new NasError(where, {
      found: `a mean of ${end.meanUs} us that ${report === undefined ? 'no other line has' : `is ${report.meanUs} us in another line`}`,
      expected: 'one that two lines agree on',
      next: NEXT,
    });
  }
  return report;
}

/** `undefined` where the numbers of a line cannot all be true. */
function readPhase(groups: Readonly<Record<string, string | undefined>>): BenchmarkReport | undefined {
  const read = (name: string): number | undefined =>
    groups[name] === undefined ? undefined : Number(groups[name]);
  const only = read('only');
  const runs = read('count') ?? 0;
  const [minUs, maxUs, meanUs] = [read('min') ?? only, read('max') ?? only, read('avg') ?? only];
  if (runs === 0 || minUs === undefined || maxUs === undefined || meanUs === undefined) return undefined;
  const medianUs = read('median');
  const inOrder = [minUs, read('p5') ?? minUs, medianUs ?? minUs, read('p95') ?? maxUs, maxUs];
  const isSorted = inOrder.every((value, i) => value >= (inOrder[i - 1] ?? 0));
  const within = [read('first'), read('last')].every((value = minUs) => value >= minUs && value <= maxUs);
  const isMean = meanUs >= minUs * (1 - PRINTED_PRECISION) && meanUs <= maxUs * (1 + PRINTED_PRECISION);
  if (!isSorted || !within || !isMean) return undefined;
  return { runs, minUs, maxUs, meanUs, ...(medianUs === undefined ? {} : { medianUs }) };
}

/** Means are printed with six digits. */
const PRINTED_PRECISION = 1e-5;

function agree(a: number, b: number): boolean {
  return Math.abs(a - b) <= PRINTED_PRECISION * Math.max(a, b);
}

const NEXT = 'give --benchmark-model the benchmark_model of TensorFlow Lite or LiteRT, and do the same again';

/** Output without its end, or of some other program. */
function notWhole(lines: readonly string[], where: string): NasError {
  const hasBegun = lines.some((line) => /^(?:INFO: )?(?:STARTING!|Running benchmark for )/.test(line));
  const last = lines.findLast((line) => line !== '');
  return new NasError(where, {
    found: hasBegun
      ? `output that breaks off${last === undefined ? '' : ` after '${shorten(last)}'`}`
      : last === undefined
        ? 'no output'
        : `output of another program: '${shorten(last)}'`,
    expected: 'what benchmark_model writes, to its line `Inference timings in us: …`',
    next: NEXT,
  });
}

const SHOWN_CHARACTERS = 120;

/** A line of somebody else's, for a message. */
export function shorten(line: string): string {
  const text = line.trim();
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 3)}...` : text;
}

/** Whether its runs went through XNNPACK, for all that it says. */
export function usesXnnpack(lines: readonly string[]): boolean {
  const says = (pattern: RegExp): boolean => lines.some((line) => pattern.test(line));
  if (says(/Though XNNPACK delegate is explicitly applied, the model graph will not be/)) return false;
  return says(/applied XNNPACK delegate|Created TensorFlow Lite XNNPACK delegate/i);
}

/** Flags it was given and does not know; those of before 2020 do not tell. */
export function ignoredFlags(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => {
    const flags = /^(?:WARN: )?Unconsumed cmdline flags: (.*)$/.exec(line.trimEnd())?.[1];
    return flags?.split(' ').filter((flag) => flag !== '') ?? [];
  });
}
