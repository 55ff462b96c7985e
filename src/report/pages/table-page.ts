import { median } from 'simple-statistics';
import type { MeasuringSession } from '../../latency/measuring-session.ts';
import { importOriginOf, type KernelLatency, type LatencyTable } from '../../latency/table.ts';
import { originNote, runtimeNote } from '../provenance-note.ts';
import type { Fact } from './run-page.ts';

/** A latency table as lists tell of it. */
export interface TableListing {
  /** What it is asked for by: `<device>/<file>`. */
  readonly table: string;
  readonly device: string;
  readonly processor: string | null;
  readonly runtime: string;
  readonly dtype: string;
  readonly threads: number;
  readonly kernels: number;
  /** Of whole networks, each predicted by a calibration without it; `null` where it has none. */
  readonly medianError: number | null;
  readonly origin: string;
}

/** A whole network: what was predicted without having seen it, and what it took. */
export interface PredictedNetwork {
  readonly name: string;
  readonly predictedMs: number;
  readonly measuredMs: number;
  /** (predicted − measured) / measured */
  readonly error: number;
  /** `calibration`, of the table; `trial`, of a run by this table. */
  readonly of: 'calibration' | 'trial';
}

/** What the sentinel took beside the samples of one kernel, in the order in which kernels were measured. */
export interface DriftPoint {
  readonly position: number;
  readonly signature: string;
  /** Median over the samples. */
  readonly sentinelMs: number;
  /** Part of the samples that something disturbed. */
  readonly disturbed: number;
}

export interface TablePage {
  readonly table: TableListing;
  readonly facts: readonly Fact[];
  readonly sessions: readonly MeasuringSession[];
  readonly predictions: readonly PredictedNetwork[];
  /** Empty where the samples were not kept. */
  readonly drift: readonly DriftPoint[];
  readonly kernels: readonly KernelLatency[];
}

/** A line of the file that `nas profile --keep-samples` writes. */
export interface KernelSamples {
  readonly signature: string;
  readonly samples: readonly { readonly sentinelMs: number; readonly disturbance: string }[];
}

export function tableListing(name: string, { provenance, kernels, calibration }: LatencyTable): TableListing {
  const { device, processor, dtype, threads } = provenance;
  const errors = (calibration?.networks ?? []).map(({ leaveOneOutError }) => Math.abs(leaveOneOutError));
  return {
    ...{ table: name, device, processor, runtime: runtimeNote(provenance), dtype, threads },
    kernels: kernels.size,
    medianError: errors.length === 0 ? null : median(errors),
    origin: originNote(provenance),
  };
}

export function tablePage(
  name: string,
  table: LatencyTable,
  trials: readonly PredictedNetwork[],
  samples: readonly KernelSamples[],
): TablePage {
  const { provenance, calibration, conditions = [], kernels } = table;
  const { core, governor, operatingSystem } = provenance;
  const listing = tableListing(name, table);
  return {
    table: listing,
    facts: [
      ['device', `${listing.device} (${listing.processor ?? 'processor unknown'})`],
      [
        'runtime',
        `${listing.runtime}, ${listing.dtype}, ${listing.threads} thread${listing.threads === 1 ? '' : 's'}`,
      ],
      ['core', core === null ? 'as the system chose' : String(core)],
      ['governor', governor ?? 'not told'],
      ['system', operatingSystem ?? 'not told'],
      ['origin', listing.origin],
      ['nas', provenance.nasVersion],
      ...(calibration === undefined
        ? [['calibration', 'none: estimates are sums of kernels'] as const]
        : [
            [
              'calibration',
              `${calibration.scale.toFixed(3)} × sum of kernels, ${(1000 * calibration.perKernelMs).toFixed(3)} µs a kernel, ` +
                `${(1000 * calibration.perMebibyteMs).toFixed(1)} µs a MiB of weights`,
            ] as const,
          ]),
      ...(importOriginOf(provenance) === undefined ? [] : [['spread', 'only what the files tell'] as const]),
    ],
    sessions: conditions,
    predictions: [
      ...(calibration?.networks ?? []).map(
        ({ name: network, measuredMs, leaveOneOutError }): PredictedNetwork => ({
          ...{ name: network, measuredMs, error: leaveOneOutError, of: 'calibration' },
          predictedMs: measuredMs * (1 + leaveOneOutError),
        }),
      ),
      ...trials,
    ],
    drift: samples.flatMap(({ signature, samples: own }, position): DriftPoint[] => {
      if (own.length === 0) return [];
      const disturbed = own.filter(({ disturbance }) => disturbance !== 'none').length;
      return [
        {
          ...{ position, signature, disturbed: disturbed / own.length },
          sentinelMs: median(own.map(({ sentinelMs }) => sentinelMs)),
        },
      ];
    }),
    kernels: [...kernels.values()],
  };
}
