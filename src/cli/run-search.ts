import { NasError } from '../base/errors.ts';
import { RUNTIMES } from '../devices/open-device.ts';
import { adaptationStart } from '../flows/adaptation-start.ts';
import { retrainedTrials } from '../flows/retrain.ts';
import { completedTrials } from '../flows/search.ts';
import { type Verification, verifyFront } from '../flows/verify.ts';
import { createReward } from '../objective/reward.ts';
import { cardText } from '../report/card.ts';
import {
  answerOf,
  candidatesOf,
  type DeviceAnswers,
  meetsAllTargets,
  type SearchAnswer,
  type SearchOutcome,
  searchDocument,
  searchSummary,
} from '../report/search-summary.ts';
import { openStore } from '../store/sqlite.ts';
import type { Measurement, Store } from '../store/store.ts';
import { type DeviceOptions, withDevice } from './device-options.ts';
import { EXIT } from './exit.ts';
import { DATABASE } from './folders.ts';
import { holdRun } from './hold-run.ts';
import { print, printJson } from './output.ts';
import { findProxyCheck } from './proxy-checks.ts';
import { retrainBest } from './retrain-best.ts';
import { type ChainStart, runChain } from './run-chain.ts';
import type { RunConfig } from './run-config.ts';
import { type PreparedSearch, prepareSearch, type SearchRequest } from './search-setup.ts';
import { openTrainers } from './search-trainers.ts';
import { beginRun, type TrainedRun, trainTrials } from './search-trials.ts';
import { supernetCheckOf } from './supernets.ts';
import { doWork, type Work } from './work.ts';
import { type QueueOptions, withQueue } from './work-queue.ts';

export interface SearchSurroundings {
  /** Networks trained at once. */
  readonly workers: number | undefined;
  /** Instead of batches: as many networks under way at any time as are trained at once. */
  readonly async: boolean;
  /** Take a run from an owner that cannot be asked. */
  readonly takeOver: boolean;
  /** Print one JSON document instead of the summary. */
  readonly json: boolean;
  /** Where others train and measure. */
  readonly queue: QueueOptions;
}

/** Runs a search from what it needs to its answer, and prints that. Returns the exit code. */
export function runSearch(
  request: SearchRequest,
  { workers, async, takeOver, json, queue }: SearchSurroundings,
): Promise<number> {
  const search = async (work: Work): Promise<number> => {
    const store = openStore(DATABASE);
    try {
      const startMs = work.nowMs();
      let prepared = await prepareSearch(request, store, work);
      const trainers = await openTrainers(prepared, store, workers, work);
      try {
        if (async && prepared.begun === undefined) {
          const { parallelism } = trainers.byRung.at(-1) ?? trainers.byRung[0];
          prepared = { ...prepared, config: { ...prepared.config, inFlight: parallelism } };
        }
        const run = beginRun(prepared, trainers, store);
        return await holdRun(store, run, { takeOver, signal: work.signal }, async () => {
          const trained = await trainTrials(run, prepared, trainers, { store, startMs }, work);
          await trainers.close();
          const { config } = prepared;
          const { finalists } = config;
          if (finalists !== undefined) await retrainBest(prepared, finalists, run, store, workers, work);
          const outcome = await conclude(run, prepared, trained, { store, startMs }, work);
          const { chain } = config;
          if (chain === undefined || !json) report(outcome, json);
          if (chain === undefined) return meetsAllTargets(outcome) ? EXIT.done : EXIT.targetMissed;
          const start = startOf(outcome, config);
          const device = measuredDevice(0, prepared);
          const card = await runChain({ run, config, chain, start, device, workers, takeOver, store }, work);
          if (json) printJson({ ...searchDocument(outcome), card });
          else print(cardText(card));
          return card.verification.met === false ? EXIT.targetMissed : EXIT.done;
        });
      } finally {
        await trainers.close();
      }
    } finally {
      store.close();
    }
  };
  return doWork((work) => withQueue(queue, work, search));
}

function report(outcome: SearchOutcome, json: boolean): void {
  if (json) printJson(searchDocument(outcome));
  else print(searchSummary(outcome));
}

/** The network that a chain goes on with. */
function startOf(outcome: SearchOutcome, { chain, targetsMs, latencyLimit }: RunConfig): ChainStart {
  const [targetMs = 0] = targetsMs;
  const found =
    chain?.adapt === undefined
      ? answerOf(outcome)
      : adaptationStart(candidatesOf(outcome), targetMs, latencyLimit);
  const trial = completedTrials(outcome.trials).find(({ number }) => number === found?.number);
  if (trial !== undefined) return { trial: trial.number, accuracy: trial.accuracy };
  throw new NasError(`run ${outcome.run}`, {
    found: 'no completed trial to go on with',
    expected: 'one at least',
    next: `nas show ${outcome.run} tells what made them fail`,
  });
}

/** One of the run's devices, with the runtime that its table was measured with, though another may be there since. */
function measuredDevice(index: number, { config, tables }: PreparedSearch): DeviceOptions {
  const { provenance } = tables[index] ?? tables[0];
  const runtime = RUNTIMES.find((name) => name === provenance.runtime);
  const device = index === 0 ? config.device.device : (config.otherDevices[index - 1] ?? '');
  return { ...config.device, device, runtime };
}

/** Measures the best networks as a whole and gathers what there is to say. */
async function conclude(
  run: string,
  prepared: PreparedSearch,
  { trainSeconds, refused }: TrainedRun,
  { store, startMs }: { readonly store: Store; readonly startMs: number },
  work: Work,
): Promise<SearchOutcome> {
  const { config, space, proxy, tables, datasets } = prepared;
  const [first, ...others] = tables.keys();
  if (first === undefined) throw new RangeError('a run has a device');
  const devices: [DeviceAnswers, ...DeviceAnswers[]] = [await verifyOn(first, prepared, run, store, work)];
  for (const device of others) devices.push(await verifyOn(device, prepared, run, store, work));
  const dataset = datasets.at(-1) ?? datasets[0];
  return {
    run,
    space,
    trials: store.trials(run),
    devices,
    validationImages: dataset.validation.count,
    proxy,
    dataset: dataset.name,
    check: findProxyCheck(store, space, config.dataset),
    ...(config.finalists === undefined
      ? {}
      : { finalists: { longer: config.finalists.longer, retrained: store.retrainings(run) } }),
    ...(config.trainer.name === 'supernet'
      ? { supernet: { check: supernetCheckOf(store, space, dataset) } }
      : {}),
    refused,
    seconds: (work.nowMs() - startMs) / 1000,
    trainSeconds,
  };
}

/**
 * The answers of one of the run's devices, to each of the targets. Where it is not there any more the estimates decide,
 * and why is said.
 */
async function verifyOn(
  index: number,
  prepared: PreparedSearch,
  run: string,
  store: Store,
  { progress, signal, queue }: Work,
): Promise<DeviceAnswers> {
  const { config, space, tables } = prepared;
  const { provenance } = tables[index] ?? tables[0];
  const completed = completedTrials(store.trials(run));
  const trials =
    config.finalists === undefined ? completed : retrainedTrials(completed, store.retrainings(run));
  const answersBy = async (
    verify: (targetMs: number, known: readonly Measurement[]) => Promise<Verification>,
  ): Promise<DeviceAnswers> => {
    const answer = async (targetMs: number): Promise<SearchAnswer> => ({
      targetMs,
      reward: createReward(config.reward, targetMs),
      verification: await verify(targetMs, store.measurements(run)),
    });
    const [first, ...others] = config.targetsMs;
    if (first === undefined) throw new RangeError('a run has a target');
    const answers: [SearchAnswer, ...SearchAnswer[]] = [await answer(first)];
    for (const targetMs of others) answers.push(await answer(targetMs));
    return { provenance, answers };
  };
  const save = (measurement: Measurement): void => store.saveMeasurement(run, measurement);
  try {
    return await withDevice(measuredDevice(index, prepared), { progress, signal, queue }, (measure) =>
      answersBy((targetMs, known) =>
        verifyFront(trials, { targetMs, device: index, measure, space, known, save }, signal),
      ),
    );
  } catch (error) {
    if (signal.aborted || !(error instanceof NasError)) throw error;
    return answersBy(async (_, known) => ({
      measurements: known.filter(({ device = 0 }) => device === index),
      trouble: error,
    }));
  }
}
