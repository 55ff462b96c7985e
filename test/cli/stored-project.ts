import { createRng } from '../../src/base/rng.ts';
import { deployedCosts } from '../../src/flows/candidate.ts';
import { fitCalibration } from '../../src/latency/calibration.ts';
import { printTable } from '../../src/latency/print-table.ts';
import type { LatencyTable } from '../../src/latency/table.ts';
import type { CompletedTrial } from '../../src/objective/trial.ts';
import { kernelsOfSpace } from '../../src/space/kernels.ts';
import { sampleGenotype } from '../../src/space/sample.ts';
import { parseSpace, type SearchSpace } from '../../src/space/search-space.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { someKernel, someProvenance } from '../latency/some-table.ts';

export interface StoredRunOptions {
  /** The space's document. */
  readonly space: unknown;
  readonly seed: string;
  readonly trials: number;
  readonly targetMs: number;
  readonly dataset?: string;
  /** Of all kernels, against those of the other runs. */
  readonly slower?: number;
  readonly device?: string;
}

const AT = '2026-01-02T03:04:05.000Z';

/** A table with every kernel of a space: a microsecond, and ten times the log of its length, each. */
export function tableOf(space: SearchSpace, { slower = 1, device = 'some-phone' } = {}): LatencyTable {
  const kernels = kernelsOfSpace(space).map(({ signature }, i) =>
    someKernel(signature, slower * (0.05 + 0.01 * (i % 7))),
  );
  const networks = Array.from({ length: 8 }, (_, i) => ({
    ...{ name: `network ${i}`, sumMs: 1 + i, kernels: 10 + (i % 3), weightMebibytes: 0.01 * i },
    measuredMs: 1.05 * (1 + i) + 0.001 * i,
  }));
  return {
    provenance: { ...someProvenance, device },
    kernels: new Map(kernels.map((kernel) => [kernel.signature, kernel])),
    calibration: fitCalibration(networks),
  };
}

/** Stores a run whose trials are random networks of the space; their accuracies rise with their latencies, mostly. */
export function storeRun(store: Store, options: StoredRunOptions): string {
  const { seed, trials, targetMs, dataset = 'cifar10' } = options;
  const space = parseSpace(options.space, 'space.json');
  const table = tableOf(space, options);
  const deployed = deployedCosts(space, table);
  const rng = createRng(seed);
  const { id } = store.createRun(
    {
      config: {
        ...{ space: 'space.json', device: { device: 'local', dtype: 'float32', threads: 1 }, targetMs },
        ...{ reward: { name: 'mnas-hard' }, latencyLimit: 1.25, strategy: 'ppo', trials, batch: 3, dataset },
        ...{ trainer: { name: 'embedded' }, seed },
      },
      ...{ seed, space: options.space, spaceDigest: space.digest, table: printTable(table) },
      ...{ datasetDigest: `images of ${dataset}`, trainerDigest: 'trainer', codeVersion: '0.1.0' },
    },
    AT,
  );
  for (let number = 0; number < trials; number++) {
    const genotype = sampleGenotype(space.decisions, rng);
    const accuracy = 0.4 + 0.02 * deployed(genotype).latencyMs + 0.1 * rng.uniform();
    const trial: CompletedTrial = {
      ...{ state: 'completed', number, genotype, accuracy, ...deployed(genotype) },
      ...{ epochs: [{ epoch: 1, trainLoss: 1.25, validationAccuracy: accuracy }], cpuSeconds: 8.5 },
    };
    store.append(id, trial, {
      ...{ trainer: 'embedded', device: table.provenance.device, startedAt: AT, finishedAt: AT },
    });
  }
  store.addSeconds(id, 286);
  store.setState(id, 'finished');
  return id;
}

/** Stores runs in the database of a folder. Returns their ids. */
export function storeRuns(folder: string, runs: readonly StoredRunOptions[]): readonly string[] {
  const store = openStore(`${folder}/runs/nas.db`);
  try {
    return runs.map((run) => storeRun(store, run));
  } finally {
    store.close();
  }
}
