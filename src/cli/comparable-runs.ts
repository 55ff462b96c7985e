import { median } from 'simple-statistics';
import { canonicalJson } from '../base/digest.ts';
import { formatPercent } from '../base/units.ts';
import { parseTable } from '../latency/parse-table.ts';
import type { LatencyTable } from '../latency/table.ts';
import type { StoredRun } from '../store/store.ts';
import { outlineOf } from './run-outline.ts';

/** How runs differ, a line each. */
export interface Differences {
  /** Accuracies or latencies of one do not mean what they mean in another. */
  readonly prohibitive: readonly string[];
  /** They mean nearly the same. */
  readonly notable: readonly string[];
}

/** A run, and which of its devices' latencies are compared. */
interface RunOnDevice {
  readonly run: StoredRun;
  readonly device: number;
}

/** How each run differs from the first in what its accuracies and latencies are of. */
export function differencesOf([first, ...others]: readonly RunOnDevice[]): Differences {
  if (first === undefined) return { prohibitive: [], notable: [] };
  const table = tableOf(first);
  const prohibitive: string[] = [];
  const notable: string[] = [];
  for (const other of others) {
    const otherTable = tableOf(other);
    for (const { what, of } of [
      ...accuracyConditions(first.run, other.run),
      ...latencyConditions(table, otherTable),
    ]) {
      const [before, after] = of;
      if (before !== after)
        prohibitive.push(`${first.run.id} and ${other.run.id} differ in ${what}: ${before} and ${after}`);
    }
    const drift = medianDifference(table, otherTable);
    if (drift > 0 || canonicalJson(table.calibration) !== canonicalJson(otherTable.calibration)) {
      notable.push(
        `${first.run.id} and ${other.run.id} have latency tables of different times: the median difference of a kernel ` +
          `that both have is ${formatPercent(drift)}${drift > 0 ? '' : ', calibrations differ'}`,
      );
    }
  }
  return { prohibitive, notable };
}

interface Condition {
  readonly what: string;
  readonly of: readonly [string, string];
}

function accuracyConditions(a: StoredRun, b: StoredRun): readonly Condition[] {
  const [mine, theirs] = [outlineOf(a.config), outlineOf(b.config)];
  const short = (digest: string): string => digest.slice(0, 12);
  return [
    { what: 'dataset', of: [mine.dataset ?? 'unknown', theirs.dataset ?? 'unknown'] },
    { what: 'trainer', of: [mine.trainer, theirs.trainer] },
    { what: 'proxy, on which accuracies are measured', of: [proxyOf(a), proxyOf(b)] },
    // The split of the images follows from the seed, and the trainer's digest has that of the images in it.
    ...(a.seed === b.seed
      ? [{ what: 'the images of the dataset', of: [short(a.datasetDigest), short(b.datasetDigest)] as const }]
      : []),
    ...(a.datasetDigest === b.datasetDigest
      ? [{ what: 'version of the trainer', of: [short(a.trainerDigest), short(b.trainerDigest)] as const }]
      : []),
  ];
}

function latencyConditions(a: LatencyTable, b: LatencyTable): readonly Condition[] {
  const conditions = ['device', 'processor', 'runtime', 'runtimeVersion', 'dtype', 'threads'] as const;
  return conditions.map((what) => ({
    what: what === 'runtimeVersion' ? 'version of the runtime' : what,
    of: [String(a.provenance[what] ?? 'unknown'), String(b.provenance[what] ?? 'unknown')],
  }));
}

/** Spaces of different networks may share a proxy. */
function proxyOf({ space }: StoredRun): string {
  return canonicalJson((space as { readonly proxy?: unknown }).proxy ?? null);
}

function tableOf({ run: { id, table, otherTables = [] }, device }: RunOnDevice): LatencyTable {
  return parseTable([table, ...otherTables][device] ?? table, `run ${id}: latency table`);
}

/** Over the kernels that two tables have in common, in parts of the first's time. */
function medianDifference(a: LatencyTable, b: LatencyTable): number {
  const differences = [...a.kernels.values()].flatMap(({ signature, medianMs }) => {
    const other = b.kernels.get(signature)?.medianMs;
    return other === undefined || medianMs === 0 ? [] : [Math.abs(other - medianMs) / medianMs];
  });
  return differences.length === 0 ? 0 : median(differences);
}
