import { median } from 'simple-statistics';
import { NasError } from '../../../base/errors.ts';
import { printable } from '../../../base/printable.ts';
import { formatPercent } from '../../../base/units.ts';
import { listTables, readTable } from '../../../devices/table-file.ts';
import { importOriginOf, type LatencyTable } from '../../../latency/table.ts';
import { textTable } from '../../../report/text-table.ts';
import { LATENCY_TABLES } from '../../folders.ts';
import { print, printJson } from '../../output.ts';

/** Lists the tables; one that cannot be read is told on stderr, and the others are listed. */
export function listTableFiles(json: boolean): void {
  const broken: { readonly table: string; readonly error: string }[] = [];
  const tables = listTables(LATENCY_TABLES).flatMap((path) => {
    try {
      return [describe(path, readTable(path))];
    } catch (error) {
      if (!(error instanceof NasError)) throw error;
      broken.push({ table: path, error: error.message });
      return [];
    }
  });
  for (const { error } of broken) process.stderr.write(`left out ${printable(error)}\n`);
  if (json) {
    printJson([...tables, ...broken]);
    return;
  }
  if (tables.length === 0) {
    print(`no tables in ${LATENCY_TABLES}/; nas profile measures one, nas tables import takes one over`);
    return;
  }
  print(
    textTable(tables, [
      { title: 'table', cell: ({ table }) => table },
      { title: 'device', cell: ({ device }) => device },
      { title: 'runtime', cell: ({ runtime, runtimeVersion }) => [runtime, runtimeVersion ?? ''].join(' ') },
      { title: 'dtype', cell: ({ dtype }) => dtype },
      { title: 'threads', align: 'right', cell: ({ threads }) => String(threads) },
      { title: 'kernels', align: 'right', cell: ({ kernels }) => String(kernels) },
      {
        title: 'error',
        align: 'right',
        cell: ({ calibration }) => (calibration === null ? '' : formatPercent(calibration.medianError)),
      },
      {
        title: 'measured',
        cell: ({ measuredAt, imported }) =>
          [
            measuredAt?.slice(0, 10) ?? 'unknown',
            ...(imported === null
              ? []
              : [`imported ${imported.importedAt.slice(0, 10)} (${imported.format})`]),
          ].join(', '),
      },
    ]),
  );
}

function describe(path: string, { provenance, kernels, calibration }: LatencyTable) {
  const { device, processor, runtime, runtimeVersion, dtype, threads, measuredAt } = provenance;
  const errors = (calibration?.networks ?? []).map(({ leaveOneOutError }) => Math.abs(leaveOneOutError));
  return {
    ...{ table: path, device, processor, runtime, runtimeVersion, dtype, threads, kernels: kernels.size },
    /** Of whole networks, each predicted by a calibration without it. */
    calibration: errors.length === 0 ? null : { networks: errors.length, medianError: median(errors) },
    measuredAt,
    imported: importOriginOf(provenance) ?? null,
  };
}
