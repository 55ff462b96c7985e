import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import { parseJson, parseWith } from '../../base/parse.ts';
import { samplesPath } from '../../devices/samples-file.ts';
import { listTables, readTable } from '../../devices/table-file.ts';
import type { TablesPage } from '../../report/pages/documents.ts';
import {
  type KernelSamples,
  type PredictedNetwork,
  type TablePage,
  tableListing,
  tablePage,
} from '../../report/pages/table-page.ts';
import type { Store } from '../../store/store.ts';
import { LATENCY_TABLES } from '../folders.ts';
import { requireDevice } from '../run-devices.ts';
import { tablesOf } from '../run-tables.ts';

const samplesSchema = z.object({
  signature: z.string(),
  samples: z.array(z.object({ sentinelMs: z.number(), disturbance: z.string() })),
});

/** The tables of the folder; what is none is told, and the others are listed. */
export function tablesDocument(): TablesPage {
  const broken: string[] = [];
  const tables = [...tableFiles()].flatMap(([name, path]) => {
    try {
      return [tableListing(name, readTable(path))];
    } catch (error) {
      if (!(error instanceof NasError)) throw error;
      broken.push(error.message);
      return [];
    }
  });
  return { tables, broken };
}

export function tableDocument(name: string): TablePage {
  const path = tableFiles().get(name);
  if (path === undefined) {
    throw new NasError(name, {
      found: 'no such table',
      expected: `one of those in ${LATENCY_TABLES}/`,
      next: 'nas tables lists them',
    });
  }
  return tablePage(name, readTable(path), [], readSamples(samplesPath(path)));
}

/** The table as a run used it, with what was predicted of its trials against what they took. */
export function tableOfRunDocument(store: Store, id: string, device: number): TablePage {
  const run = store.run(id);
  requireDevice(run, device);
  const table = tablesOf(run)[device];
  if (table === undefined) throw new RangeError(`run ${id} has no device ${device}`);
  const measurements = store.measurements(id).filter((found) => (found.device ?? 0) === device);
  const trials = measurements.flatMap(({ trial: number, medianMs }): PredictedNetwork[] => {
    const trial = store.trial(id, number);
    const predictedMs = trial?.latenciesMs?.[device] ?? trial?.latencyMs;
    if (predictedMs === undefined) return [];
    const error = predictedMs / medianMs - 1;
    return [{ name: `${id}/${number}`, predictedMs, measuredMs: medianMs, error, of: 'trial' }];
  });
  return tablePage(`${id}: ${table.provenance.device}`, table, trials, []);
}

/** By what they are asked for; nothing else on this machine is ever looked up. */
function tableFiles(): ReadonlyMap<string, string> {
  return new Map(
    listTables(LATENCY_TABLES).map((path) => [`${basename(dirname(path))}/${basename(path, '.json')}`, path]),
  );
}

function readSamples(path: string): readonly KernelSamples[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  // The last one may be half written.
  return lines.slice(0, -1).map((line, i) => {
    const where = `${path}:${i + 1}`;
    return parseWith(samplesSchema, parseJson(line, where), where);
  });
}
