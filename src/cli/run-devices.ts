import { NasError } from '../base/errors.ts';
import { listOf, parseJson } from '../base/parse.ts';
import type { StoredRun } from '../store/store.ts';

/** The devices of a run as its latency tables name them, the first device first. */
export function devicesOf({ id, table, otherTables = [] }: StoredRun): readonly string[] {
  return [table, ...otherTables].map((text) => {
    const { provenance } = parseJson(text, `run ${id}: latency table`) as {
      readonly provenance?: { readonly device?: string };
    };
    return provenance?.device ?? 'unknown';
  });
}

/** Which of a run's devices is meant: the first where none is named. */
export function deviceIndex(run: StoredRun, name: string | undefined): number {
  if (name === undefined) return 0;
  const devices = devicesOf(run);
  const index = devices.indexOf(name);
  if (index >= 0) return index;
  throw new NasError('--device', {
    found: `'${name}'`,
    expected: `a device of ${run.id}: ${listOf(devices)}`,
  });
}

/** Refuses the index of a device that a run has not. */
export function requireDevice({ id, otherTables = [] }: StoredRun, device: number): void {
  if (device <= otherTables.length) return;
  throw new NasError(`run ${id}`, {
    found: `no device ${device}`,
    expected: otherTables.length === 0 ? 'its only one, 0' : `0 to ${otherTables.length}`,
  });
}
