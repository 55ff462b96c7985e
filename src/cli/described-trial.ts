import { kernelKinds, latencySteps } from '../latency/breakdown.ts';
import { estimateKnownKernels } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';
import { optionLabels } from '../report/option-labels.ts';
import type { TrialDescription } from '../report/trial-report.ts';
import { isActive } from '../space/decision.ts';
import { buildGraph } from '../space/network.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Store, StoredRun } from '../store/store.ts';
import { tablesOf } from './run-tables.ts';
import { findTrial, spaceOf } from './stored-runs.ts';

/** A trial with all that the store has of it, for people and programs. */
export interface DescribedTrial {
  readonly run: StoredRun;
  readonly space: SearchSpace;
  /** Of the run's devices, the first first. */
  readonly tables: readonly LatencyTable[];
  readonly description: TrialDescription;
}

/** `reference` is RUN/TRIAL; throws where there is no such trial. */
export function describedTrial(store: Store, reference: string): DescribedTrial {
  const { run, trial } = findTrial(store, reference);
  const space = spaceOf(run);
  const tables = tablesOf(run);
  const [table] = tables;
  const graph = buildGraph(space.decode(trial.genotype));
  const choices = space.decisions.flatMap((decision, index) => {
    if (!isActive(decision, trial.genotype)) return [];
    const choice = optionLabels(decision.options)[trial.genotype[index] ?? 0] ?? '';
    return [{ decision: decision.name, choice }];
  });
  return {
    ...{ run, space, tables },
    description: {
      ...{ reference, trial, choices },
      devices: tables.map(({ provenance }) => provenance.device),
      intervalMs: table === undefined ? undefined : estimateKnownKernels(graph, table).intervalMs,
      measurements: store.measurements(run.id).filter((found) => found.trial === trial.number),
      circumstances: store.circumstances(run.id).get(trial.number),
      failures: store.failures(run.id).filter((failure) => failure.trial === trial.number),
      kernels: table === undefined ? [] : kernelKinds(latencySteps(graph, table)),
    },
  };
}
