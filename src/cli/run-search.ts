import { availableParallelism } from 'node:os';
import { systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import { createRng } from '../base/rng.ts';
import { formatMs } from '../base/units.ts';
import type { Device } from '../devices/device.ts';
import { createLocalLiteRt } from '../devices/local-litert.ts';
import { describeCandidate, latencyOfSpace } from '../flows/candidate.ts';
import { completedTrials, search } from '../flows/search.ts';
import { verifyFront } from '../flows/verify.ts';
import { parseTable } from '../latency/parse-table.ts';
import { printTable } from '../latency/print-table.ts';
import { createReward } from '../objective/reward.ts';
import { createProgress } from '../report/progress.ts';
import { createSearchProgress } from '../report/search-progress.ts';
import { searchDocument, searchSummary } from '../report/search-summary.ts';
import { descend } from '../space/descend.ts';
import type { Genotype } from '../space/genotype.ts';
import { kernelsOfSpace } from '../space/kernels.ts';
import { complete, type SearchSpace } from '../space/search-space.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store, StoredRun } from '../store/store.ts';
import { STRATEGIES } from '../strategies/index.ts';
import { createEmbeddedTrainer } from '../trainers/embedded/embedded.ts';
import { EXIT, Interrupted, interruptSignal } from './exit.ts';
import { DATABASE } from './folders.ts';
import { print, printJson } from './output.ts';
import { prepareDataset, prepareTable, type Work } from './prepare.ts';
import { findProxyCheck } from './proxy-checks.ts';
import type { RunConfig } from './run-config.ts';
import { readSpace, requireProxy, type SpaceFile } from './space-files.ts';
import { originOf } from './stored-runs.ts';
import { VERSION } from './version.ts';

/** A search to begin, or one to go on with: the newest where none is named. */
export type SearchRequest = { readonly config: RunConfig } | { readonly resume: string | undefined };

export interface SearchSurroundings {
  /** Networks trained at once. */
  readonly workers: number | undefined;
  /** Print one JSON document instead of the summary. */
  readonly json: boolean;
}

/** Runs a search from what it needs to its answer, and prints that. Returns the exit code. */
export async function runSearch(request: SearchRequest, surroundings: SearchSurroundings): Promise<number> {
  const progress = createProgress(process.stderr);
  const signal = interruptSignal(() =>
    progress.line('stopping: what is finished is stored; again to stop at once'),
  );
  const work: Work = { progress, signal, nowMs: () => systemClock.monotonicMs() };
  const store = openStore(DATABASE);
  try {
    return await searchIn(store, request, surroundings, work);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    progress.clear();
    store.close();
  }
}

async function searchIn(
  store: Store,
  request: SearchRequest,
  { workers = availableParallelism(), json }: SearchSurroundings,
  work: Work,
): Promise<number> {
  const { progress, signal, nowMs } = work;
  const startMs = nowMs();
  const { begun, config, space, source } = beginOrResume(store, request);
  const proxy = requireProxy(space);
  progress.line(
    `search   ${space.name}, ${space.size.toPrecision(2)} networks, target ${formatMs(config.targetMs)}`,
  );

  const table = begun
    ? parseTable(begun.table, `run ${begun.id}: latency table`)
    : await withDevice((device) => prepareTable(device, kernelsOfSpace(space), work));
  const latencyOf = latencyOfSpace(space, table);
  refuseUnreachable(space, latencyOf, config.targetMs, table.provenance.processor);
  const dataset = await prepareDataset(config.dataset, proxy, config.seed, work);
  const trainer = createEmbeddedTrainer({ dataset, workers });

  let run: StoredRun;
  let trainMs = 0;
  const reward = createReward(config.reward, config.targetMs);
  try {
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
    if (begun) refuseChanged(begun, origin);
    run = begun ?? store.createRun(origin, systemClock.timestamp());
    store.claim(run.id, process.pid);
    progress.line(`run      ${run.id}: ${config.trials} trials with ${config.strategy}, ${workers} at once`);
    trainMs = -nowMs();
    const shown = createSearchProgress({ progress, trials: config.trials, targetMs: config.targetMs, nowMs });
    const redrawing = setInterval(() => shown.redraw(), 1000);
    try {
      const events = search(
        config,
        {
          strategy: STRATEGIES[config.strategy]({
            decisions: space.decisions,
            rng: createRng(`${config.seed}/strategy`),
            admits: (genotype) => latencyOf(genotype) <= config.latencyLimit * config.targetMs,
          }),
          reward,
          candidate: describeCandidate(space, proxy, latencyOf, dataset),
          trainer,
          log: {
            trials: () => store.trials(run.id),
            append: (trial) => store.append(run.id, trial, systemClock.timestamp()),
          },
        },
        signal,
      );
      for await (const event of events) shown.on(event);
    } finally {
      clearInterval(redrawing);
      progress.clear();
      trainMs += nowMs();
      store.addSeconds(run.id, (nowMs() - startMs) / 1000);
    }
  } finally {
    await trainer.close();
  }

  const trials = store.trials(run.id);
  if (signal.aborted) {
    store.setState(run.id, 'interrupted');
    store.release(run.id);
    const go = `nas search --resume ${run.id}`;
    throw new Interrupted(`stopped after ${trials.length} of ${config.trials} trials; go on with: ${go}`);
  }
  const measurements = await withDevice((device) =>
    verifyFront(
      completedTrials(trials),
      config.targetMs,
      space,
      store.measurements(run.id),
      device,
      (measurement) => store.saveMeasurement(run.id, measurement),
      signal,
    ),
  );
  store.setState(run.id, 'finished');
  store.release(run.id);
  const outcome = {
    run: run.id,
    space,
    targetMs: config.targetMs,
    trials,
    measurements,
    reward,
    provenance: table.provenance,
    validationImages: dataset.validation.count,
    proxy,
    dataset: dataset.name,
    check: findProxyCheck(store, space, config.dataset),
    seconds: (nowMs() - startMs) / 1000,
    trainSeconds: trainMs / 1000,
  };
  if (json) printJson(searchDocument(outcome));
  else print(searchSummary(outcome));
  return searchDocument(outcome).best?.meetsTarget ? EXIT.done : EXIT.targetMissed;
}

async function withDevice<Result>(use: (device: Device) => Promise<Result>): Promise<Result> {
  const device = await createLocalLiteRt();
  try {
    return await use(device);
  } finally {
    await device.close();
  }
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

/** A target that no network of the space meets is refused before anything is trained. */
function refuseUnreachable(
  space: SearchSpace,
  latencyOf: (genotype: Genotype) => number,
  targetMs: number,
  processor: string,
): void {
  const fastest = descend(space.decisions, complete(space.decisions, []), latencyOf);
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
