import type { CoreGroup } from './facts.ts';
import { numberOf } from './number.ts';

/** Counts cores of the same frequency, from texts in kHz that are empty where a core does not tell. */
export function groupCores(frequencies: readonly string[]): readonly CoreGroup[] | null {
  if (frequencies.length === 0) return null;
  const counts = new Map<number | null, number>();
  for (const text of frequencies) {
    const kilohertz = numberOf(text);
    const megahertz = kilohertz === null ? null : kilohertz / 1000;
    counts.set(megahertz, (counts.get(megahertz) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a ?? 0) - (b ?? 0))
    .map(([maxFrequencyMhz, count]) => ({ count, maxFrequencyMhz }));
}
