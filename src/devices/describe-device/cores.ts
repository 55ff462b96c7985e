import type { CoreGroup } from './facts.ts';
import { numberOf } from './number.ts';

/**
 * Counts cores of the same frequency, from texts in kHz that are empty where a core does not tell; where there are
 * none, counts those of /proc/cpuinfo.
 */
export function groupCores(frequencies: readonly string[], cpuinfo: string): readonly CoreGroup[] | null {
  if (frequencies.length === 0) {
    const count = cpuinfo.match(/^processor\s*:/gm)?.length;
    return count === undefined ? null : [{ count, maxFrequencyMhz: null }];
  }
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
