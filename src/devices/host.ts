import { readFileSync } from 'node:fs';
import os from 'node:os';

export interface Host {
  readonly processor: string;
  readonly operatingSystem: string;
}

/** The machine that this process runs on, in the words of its operating system. */
export function describeHost(): Host {
  return {
    processor: os.cpus()[0]?.model.trim() || `unknown ${os.arch()} processor`,
    operatingSystem: `${os.type()} ${os.release()} ${os.arch()}`,
  };
}

/** What sets the clock of a core (the first where none is named); `null` where the system does not tell. */
export function readGovernor(core: number | null): string | null {
  try {
    const file = `/sys/devices/system/cpu/cpu${core ?? 0}/cpufreq/scaling_governor`;
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

const LONGEST_SLUG = 64;

/**
 * A processor's name as the name of a folder: `AMD EPYC Processor` to `amd-epyc-processor`. Names are what devices say of
 * themselves; one without a letter or digit of ASCII is `unknown`.
 */
export function slugOf(name: string): string {
  const slug = name
    .slice(0, 1_000)
    .toLowerCase()
    .replaceAll(/\((r|tm|c)\)/g, ' ')
    .replaceAll(/@.*$/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_SLUG)
    .replaceAll(/^-+|-+$/g, '');
  return slug === '' ? 'unknown' : slug;
}
