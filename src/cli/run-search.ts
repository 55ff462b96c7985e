import { availableParallelism } from 'node:os';
import { systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import { createRng } from '../base/rng.ts';
import { formatMs } from '../base/units.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { RUNTIMES } from '../devices/open-device.ts';
import { type Deployed, deployedCosts, describeCandidate } from '../flows/candidate.ts';
import { completedTrials, search } from '../flows/search.ts';
import { verifyFront } from '../flows/verify.ts';
import { parseTable } from '../latency/parse-table.ts';
import { printTable } from '../latency/print-table.ts';
import type { LatencyTable } from '../latency/table.ts';
import { createReward } from '../objective/reward.ts';
import { createSearchProgress } from '../report/search-progress.ts';
import { type SearchOutcome, searchDocument, searchSummary } from '../report/search-summary.ts';
import { complete } from '../space/complete.ts';
import { excess } from '../space/constraints.ts';
import { descend } from '../space/descend.ts';
import type { Genotype } from '../space/genotype.ts';
import { kernelsOfSpace } from '../space/kernels.ts';
import type { ProxyTask } from '../space/proxy.ts';
import { checkSpace } from '../space/reachable.ts';
import type { SearchSpace } from '../space/search-space.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store, StoredRun } from '../store/store.ts';
import { STRATEGIES } from '../strategies/index.ts';
import { createEmbeddedTrainer } from '../trainers/embedded/embedded.ts';
import type { Trainer } from '../trainers/trainer.ts';
import { calibrationNetworks } from './calibration-networks.ts';
import { withDevice } from './device-options.ts';
import { EXIT, Interrupted } from './exit.ts';
import { DATABASE } from './folders.ts';
import { print, printJson } from './output.ts';
import { prepareDataset, prepareTable } from './prepare.ts';
import { findProxyCheck } from './proxy-checks.ts';
import type { RunConfig } from './run-config.ts';
import { readSpace, requireProxy, type SpaceFile } from './space-files.ts';
import { originOf } from './stored-runs.ts';
import { VERSION } from './version.ts';
import { doWork, type Work } from './work.ts';

/** A search to begin, or one to go on with: the newest where none is named. */
export type SearchRequest = { readonly config: RunConfig } | { readonly resume: string | undefined };

export interface SearchSurroundings {
  /** Networks trained at once. */
  readonly workers: number | undefined;
  /** Print one JSON document instead of the summary. */
  readonly json: boolean;
}

/** Runs a search from what it needs to its answer, and prints that. Returns the exit code. */
export function runSearch(request: SearchRequest, { workers, json }: SearchSurroundings): Promise<number> {
  return doWork(async (work) => {
    const store = openStore(DATABASE);
    try {
      const startMs = work.nowMs();
      const prepared = await prepare(request, store, work);
      const trainer = createEmbeddedTrainer({
        dataset: prepared.dataset,
        workers: workers ?? availableParallelism(),
      });
      let trials: RunTrials;
      try {
        trials = await runTrials(prepared, trainer, store, startMs, work);
      } finally {
        await trainer.close();
      }
      const outcome = await conclude(prepared, trials, store, startMs, work);
      const document = searchDocument(outcome);
      if (json) printJson(document);
      else print(searchSummary(outcome));
      return document.best?.meetsTarget ? EXIT.done : EXIT.targetMissed;
    } finally {
      store.close();
    }
  });
}

/** What a search needs before its first training. */
interface Prepared extends SpaceFile {
  readonly begun: StoredRun | undefined;
  readonly config: RunConfig;
  readonly proxy: ProxyTask;
  readonly table: LatencyTable;
  readonly deployed: (genotype: Genotype) => Deployed;
  readonly dataset: Dataset;
}

async function prepare(request: SearchRequest, store: Store, work: Work): Promise<Prepared> {
  const origin = beginOrResume(store, request);
  const { begun, config, space } = origin;
  const proxy = requireProxy(space);
  checkSpace(space);
  work.progress.line(
    `search   ${space.name}, ${space.size.toPrecision(2)} networks, target ${formatMs(config.targetMs)}`,
  );
  const table = begun
    ? parseTable(begun.table, `run ${begun.id}: latency table`)
    : await withDevice(config.device, work, async (device) => {
        const networks = calibrationNetworks([space]);
        return (await prepareTable(device, kernelsOfSpace(space), networks, work)).table;
      });
  const deployed = deployedCosts(space, table);
  refuseUnreachable(space, deployed, config.targetMs, table.provenance.processor ?? table.provenance.device);
  const dataset = await prepareDataset(config.dataset, proxy, config.seed, work);
  return { ...origin, proxy, table, deployed, dataset };
}

interface RunTrials {
  readonly run: string;
  readonly trainSeconds: number;
}

/** Begins the run or goes on with it, and ends with all its trials stored. */
async function runTrials(
  { begun, config, space, source, proxy, table, deployed, dataset }: Prepared,
  trainer: Trainer,
  store: Store,
  startMs: number,
  { progress, signal, nowMs }: Work,
): Promise<RunTrials> {
  const origin = {
    config,
    seed: config.seed,
    space: source,
    spaceDigest: space.digest,
    table: printTable(table),
    datasetDigest: dataset.digest,
    trainerDigest: trainer.digest,
    codeVersion: VERSION,
  };
  if (begun !== undefined) refuseChanged(begun, origin);
  const { id } = begun ?? store.createRun(origin, systemClock.timestamp());
  store.claim(id, process.pid);
  progress.line(
    `run      ${id}: ${config.trials} trials with ${config.strategy}, ${trainer.parallelism} at once`,
  );
  const reward = createReward(config.reward, config.targetMs);
  const trainStartMs = nowMs();
  const shown = createSearchProgress({ progress, trials: config.trials, targetMs: config.targetMs, nowMs });
  const redrawing = setInterval(shown.redraw, 1000);
  try {
    const events = search(
      config,
      {
        strategy: STRATEGIES[config.strategy]({
          decisions: space.decisions,
          rng: createRng(`${config.seed}/strategy`),
          admits(genotype) {
            const { latencyMs, ...cost } = deployed(genotype);
            return (
              latencyMs <= config.latencyLimit * config.targetMs && excess(space.constraints, cost) === 0
            );
          },
          costs: deployed,
          reward,
          seeds: Object.values(space.references),
        }),
        reward,
        candidate: describeCandidate(space, proxy, deployed, dataset),
        trainer,
        log: {
          trials: () => store.trials(id),
          append: (trial) => store.append(id, trial, systemClock.timestamp()),
        },
      },
      signal,
    );
    for await (const event of events) shown.on(event);
  } finally {
    clearInterval(redrawing);
    progress.clear();
    store.addSeconds(id, (nowMs() - startMs) / 1000);
    store.setState(id, 'interrupted');
    store.release(id);
  }
  if (signal.aborted) {
    throw new Interrupted(
      `stopped after ${store.trials(id).length} of ${config.trials} trials; go on with: nas search --resume ${id}`,
    );
  }
  return { run: id, trainSeconds: (nowMs() - trainStartMs) / 1000 };
}

/** Measures the best networks as a whole and gathers what there is to say. */
async function conclude(
  { config, space, proxy, table, dataset }: Prepared,
  { run, trainSeconds }: RunTrials,
  store: Store,
  startMs: number,
  { progress, signal, nowMs }: Work,
): Promise<SearchOutcome> {
  const trials = store.trials(run);
  // The runtime that the table was measured with, though another may have been installed since.
  const runtime = RUNTIMES.find((name) => name === table.provenance.runtime);
  const verification = await withDevice({ ...config.device, runtime }, { progress, signal }, (device) =>
    verifyFront(
      completedTrials(trials),
      config.targetMs,
      space,
      store.measurements(run),
      device,
      (measurement) => store.saveMeasurement(run, measurement),
      signal,
    ),
  );
  store.setState(run, 'finished');
  return {
    run,
    space,
    targetMs: config.targetMs,
    trials,
    verification,
    reward: createReward(config.reward, config.targetMs),
    provenance: table.provenance,
    validationImages: dataset.validation.count,
    proxy,
    dataset: dataset.name,
    check: findProxyCheck(store, space, config.dataset),
    seconds: (nowMs() - startMs) / 1000,
    trainSeconds,
  };
}

function beginOrResume(
  store: Store,
  request: SearchRequest,
): SpaceFile & { readonly config: RunConfig; readonly begun: StoredRun | undefined } {
  if ('config' in request) {
    return { begun: undefined, config: request.config, ...readSpace(request.config.space) };
  }
  const id = request.resume ?? store.runs()[0]?.id;
  if (id === undefined) {
    throw new NasError('--resume', {
      found: 'no stored run',
      expected: 'one that was begun before',
      next: 'nas search --target 15ms',
    });
  }
  const begun = store.run(id);
  return { begun, ...originOf(begun) };
}

/** A target that no network of the space meets within its constraints is refused before anything is trained. */
function refuseUnreachable(
  space: SearchSpace,
  deployed: (genotype: Genotype) => Deployed,
  targetMs: number,
  processor: string,
): void {
  const outside = (genotype: Genotype): number => excess(space.constraints, deployed(genotype));
  const inside = descend(space.decisions, complete(space.decisions, []), outside);
  if (inside.cost > 0) {
    throw new NasError(space.where, {
      found: `constraints that no network found meets: ${JSON.stringify(space.constraints)}`,
      expected: 'constraints that leave some of its networks',
    });
  }
  const fastest = descend(space.decisions, inside.genotype, (genotype) =>
    outside(genotype) > 0 ? Number.POSITIVE_INFINITY : deployed(genotype).latencyMs,
  );
  if (fastest.cost <= targetMs) return;
  throw new NasError('--target', {
    found: `${formatMs(targetMs)} cannot be reached: the fastest network of ${space.name} needs ${formatMs(fastest.cost)} on ${processor}`,
    expected: `a target of ${formatMs(fastest.cost)} or more`,
    next: `raise the target, or search a smaller space (--space FILE)`,
  });
}

function refuseChanged(begun: StoredRun, now: Pick<StoredRun, 'datasetDigest' | 'trainerDigest'>): void {
  for (const [what, before, after] of [
    ['dataset', begun.datasetDigest, now.datasetDigest],
    ['trainer', begun.trainerDigest, now.trainerDigest],
  ] as const) {
    if (before !== after) {
      throw new NasError(`run ${begun.id}`, {
        found: `another ${what} than the one it began with (nas ${begun.codeVersion}, here ${VERSION})`,
        expected: `the same ${what}, so that all its accuracies can be compared`,
        next: `bring the old ${what} back, or begin a new run`,
      });
    }
  }
}
