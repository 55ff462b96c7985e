import { NasError } from './errors.ts';

/** Divided for what is shorter: 700 / 1000 is 0.7, 700 × 0.001 is not. */
const MILLISECONDS_OF: Readonly<Record<string, (value: number) => number>> = {
  us: (value) => value / 1e3,
  µs: (value) => value / 1e3,
  ms: (value) => value,
  s: (value) => value * 1e3,
  min: (value) => value * 6e4,
  h: (value) => value * 3.6e6,
};

/**
 * Reads a duration such as `15ms`, `0.8s` or `900us` as milliseconds.
 * A bare number is refused: a latency without its unit has caused enough harm.
 */
export function parseDurationMs(text: string, where: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-zµ]*)$/.exec(text.trim());
  const milliseconds = match?.[2] ? MILLISECONDS_OF[match[2]] : undefined;
  const value = Number(match?.[1]);
  if (match === null || milliseconds === undefined || !(value > 0)) {
    throw new NasError(where, {
      found: `'${text}' ${match !== null && match[2] === '' ? 'has no unit' : 'is not a duration'}`,
      expected: 'a positive number with a unit: us, ms, s, min or h',
      next: `write ${where} ${match !== null && match[2] === '' && value > 0 ? `${text.trim()}ms` : '15ms'}`,
    });
  }
  return milliseconds(value);
}

/** A latency for people: three significant digits with its unit. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toPrecision(3)} s`;
  if (ms >= 1) return `${ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3)} ms`;
  return `${(ms * 1000).toPrecision(3)} us`;
}

/** A count for people: `569 M`, `4.23 M`, `27.4 k`. */
export function formatCount(count: number): string {
  for (const [scale, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (count >= scale * 0.9995) {
      const scaled = count / scale;
      return `${scaled >= 99.95 ? scaled.toFixed(0) : scaled.toPrecision(3)} ${suffix}`;
    }
  }
  return String(count);
}

/** How many, where the magnitude is what matters: `36`, `10^10.2`. */
export function formatPowerOfTen(count: number): string {
  return count < 1e6 ? String(count) : `10^${Math.log10(count).toFixed(1)}`;
}

/** A length of time for people: `48 s`, `3 min 12 s`, `1 h 04 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** A fraction in [0, 1] as a percentage with one decimal. */
export function formatPercent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
