import pc from 'picocolors';
import { formatCount, formatDuration, formatMs, formatPercent } from '../base/units.ts';
import { latencyOn } from '../flows/goals.ts';
import type { ProxyCheck } from '../flows/proxy-check.ts';
import { retrainedTrials } from '../flows/retrain.ts';
import { completedTrials } from '../flows/search.ts';
import type { SupernetCheck } from '../flows/supernet-check.ts';
import type { Verification } from '../flows/verify.ts';
import type { TableProvenance } from '../latency/table.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { Reward } from '../objective/reward.ts';
import type { CompletedTrial, Trial } from '../objective/trial.ts';
import type { ProxyTask } from '../space/proxy.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Measurement } from '../store/store.ts';
import { type Finalists, finalistLines } from './finalists-note.ts';
import { frontPlot } from './front-plot.ts';
import { runtimeNote } from './provenance-note.ts';
import { proxyNote } from './proxy-note.ts';
import { accuracyStandardError } from './standard-error.ts';
import { supernetNote } from './supernet-note.ts';
import { trialTable, troubleLines } from './trial-table.ts';
import { wrapLines } from './wrap.ts';

/** What was asked for on one device, and how its networks were verified. */
export interface SearchAnswer {
  readonly targetMs: number;
  readonly reward: Reward;
  readonly verification: Verification;
}

/** What a search found for one of its devices. */
export interface DeviceAnswers {
  readonly provenance: TableProvenance;
  /** One a target. */
  readonly answers: readonly [SearchAnswer, ...SearchAnswer[]];
}

/** A search that has ended, with all that is said of it. */
export interface SearchOutcome {
  readonly run: string;
  readonly space: SearchSpace;
  readonly trials: readonly Trial[];
  readonly devices: readonly [DeviceAnswers, ...DeviceAnswers[]];
  readonly validationImages: number;
  readonly proxy: ProxyTask;
  readonly dataset: string;
  readonly check: ProxyCheck | undefined;
  /** Where there are, the answers are chosen from these, by what they came to. */
  readonly finalists?: Finalists;
  /** Where accuracies were inherited from a supernet. */
  readonly supernet?: { readonly check: SupernetCheck | undefined };
  /** Proposals that were refused before anything was trained, by their latency or the space's constraints. */
  readonly refused: number;
  /** Wall time of this session. */
  readonly seconds: number;
  /** The part of it in which networks were trained. */
  readonly trainSeconds: number;
}

interface Best {
  readonly trial: CompletedTrial;
  readonly measured: Measurement | undefined;
  readonly meetsTarget: boolean;
}

/**
 * The most accurate network that was measured under the target (where nothing could be measured: estimated under
 * it); where there is none the one closest to it, by what is known best of each. Only networks with the full training
 * count. `trials` have the latencies of the answer's device.
 */
function bestOf(
  trials: readonly CompletedTrial[],
  { targetMs, verification: { measurements, trouble } }: SearchAnswer,
): Best | undefined {
  const estimatesCount = trouble !== undefined && measurements.length === 0;
  const known = trials.map((trial) => {
    const measured = measurements.find((measurement) => measurement.trial === trial.number);
    const latencyMs = measured?.medianMs ?? (estimatesCount ? trial.latencyMs : Number.POSITIVE_INFINITY);
    return { trial, measured, meetsTarget: latencyMs <= targetMs };
  });
  const meeting = known.filter(({ meetsTarget }) => meetsTarget);
  if (meeting.length > 0) return meeting.reduce((a, b) => (b.trial.accuracy > a.trial.accuracy ? b : a));
  const missedBy = ({ trial, measured }: Best): number =>
    Math.abs((measured?.medianMs ?? trial.latencyMs) - targetMs);
  return known.length === 0 ? undefined : known.reduce((a, b) => (missedBy(b) < missedBy(a) ? b : a));
}

/** The completed trials with their latencies on one of the run's devices. */
function trialsOn(trials: readonly Trial[], device: number): readonly CompletedTrial[] {
  return completedTrials(trials).map((trial) => ({ ...trial, latencyMs: latencyOn(trial, device) }));
}

/** What answers on the first device are chosen from. */
export function candidatesOf(outcome: SearchOutcome): readonly CompletedTrial[] {
  return candidatesOn(outcome, 0);
}

/** What answers are chosen from: the completed trials, or those of them that were trained once more. */
function candidatesOn({ trials, finalists }: SearchOutcome, device: number): readonly CompletedTrial[] {
  const completed = trialsOn(trials, device);
  return finalists === undefined ? completed : retrainedTrials(completed, finalists.retrained);
}

/** The answer to the first target on the first device, whether it meets it or not; `undefined` where no training ended. */
export function answerOf(outcome: SearchOutcome): CompletedTrial | undefined {
  return bestOf(candidatesOn(outcome, 0), outcome.devices[0].answers[0])?.trial;
}

/** Whether every target has a network that meets it. */
export function meetsAllTargets(outcome: SearchOutcome): boolean {
  return outcome.devices.every(({ answers }, device) => {
    const completed = candidatesOn(outcome, device);
    return answers.every((answer) => bestOf(completed, answer)?.meetsTarget === true);
  });
}

/** What `nas search --json` prints. `best` and `front` are of the first target on the first device. */
export function searchDocument(outcome: SearchOutcome) {
  const { run, trials, devices, seconds, trainSeconds } = outcome;
  const fronts = devices.map((_, device) => documentFront(trialsOn(trials, device)));
  const answers = devices.flatMap(({ provenance, answers }, device) => {
    const completed = candidatesOn(outcome, device);
    return answers.map((answer) => ({
      device: provenance.device,
      targetMs: answer.targetMs,
      best: documentBest(bestOf(completed, answer), answer),
    }));
  });
  return {
    run,
    trials: trials.length,
    best: answers[0]?.best ?? null,
    front: fronts[0] ?? [],
    ...(answers.length > 1 ? { answers } : {}),
    ...(fronts.length > 1
      ? { fronts: devices.map(({ provenance: { device } }, i) => ({ device, front: fronts[i] ?? [] })) }
      : {}),
    ...finalistsDocument(outcome),
    seconds,
    trainSeconds,
    overheadSeconds: seconds - trainSeconds,
  };
}

/** Which accuracies are of what, where not all are of the proxy; and of those inherited, what they are worth. */
function finalistsDocument({ trials, finalists, supernet }: SearchOutcome) {
  if (finalists === undefined) return {};
  const before = new Map(completedTrials(trials).map(({ number, accuracy }) => [number, accuracy]));
  const retrained = (known: string) =>
    finalists.retrained.map(({ trial, accuracy }) => ({
      ...{ trial, accuracy },
      [known]: before.get(trial) ?? null,
    }));
  if (supernet === undefined) {
    return { finalists: { longer: finalists.longer, trained: retrained('proxyAccuracy') } };
  }
  return {
    accuracies: 'inherited',
    retrained: retrained('inheritedAccuracy'),
    supernetRankCorrelation: supernet.check?.rankCorrelation ?? null,
  };
}

function documentBest(best: Best | undefined, { reward }: SearchAnswer) {
  if (best === undefined) return null;
  const { trial, measured, meetsTarget } = best;
  return {
    trial: trial.number,
    accuracy: trial.accuracy,
    latencyMs: trial.latencyMs,
    reward: reward(trial.accuracy, trial.latencyMs),
    measuredMs: measured?.medianMs ?? null,
    measuredMadMs: measured?.madMs ?? null,
    meetsTarget,
  };
}

function documentFront(trials: readonly CompletedTrial[]) {
  return paretoFront(trials).map(({ number, accuracy, latencyMs }) => ({
    trial: number,
    accuracy,
    latencyMs,
  }));
}

/** What `nas search` prints at its end. */
export function searchSummary(outcome: SearchOutcome): string {
  const { run, space, trials, devices, validationImages, proxy, dataset, check, refused } = outcome;
  const firstBest = bestOf(candidatesOn(outcome, 0), devices[0].answers[0]);
  const ended = `${trials.length} trials in ${formatDuration(outcome.seconds)}, ${formatDuration(outcome.trainSeconds)} of it training`;
  const before =
    refused === 0
      ? ''
      : `; ${formatCount(refused)} refused before any training, as too slow or outside the constraints`;
  const lines = [
    ...devices.flatMap((_, device) => deviceLines(outcome, device)),
    ...finalistsNote(outcome),
    proxyNote(proxy, dataset, check, space.name),
    `each accuracy has a standard error of about ${formatPercent(accuracyStandardError(firstBest?.trial.accuracy ?? 0.5, validationImages))}`,
    ...stoppedLines(trials),
    // Of those that were stopped there may be hundreds.
    ...troubleLines(trials.filter(({ state }) => state !== 'stopped')),
    `${ended}${before}`,
    '',
    'look closer:',
    ...(firstBest === undefined
      ? []
      : [`  nas show ${run}/${firstBest.trial.number}`, `  nas cost ${run}/${firstBest.trial.number}`]),
    `  nas pareto ${run}`,
    `  nas show ${run}`,
  ];
  return wrapLines(lines.join('\n'), '  ');
}

function finalistsNote({ run, trials, finalists, supernet, space }: SearchOutcome): readonly string[] {
  if (finalists === undefined) return [];
  const isInherited = supernet !== undefined;
  return [
    ...finalistLines(run, trials, finalists, isInherited),
    isInherited
      ? 'plot and table show inherited accuracies; answers are chosen from the networks trained on their own'
      : "plot and table show the proxy's accuracies; answers are chosen from the networks trained longer",
    ...(isInherited ? [supernetNote(supernet.check, space.name)] : []),
  ];
}

/** The front of one device and the answers that are on it. */
function deviceLines(outcome: SearchOutcome, device: number): readonly string[] {
  const { run, trials, devices } = outcome;
  const found = devices[device];
  if (found === undefined) return [];
  const { provenance, answers } = found;
  const completed = trialsOn(trials, device);
  const bests = answers.map((answer) => ({ answer, best: bestOf(candidatesOn(outcome, device), answer) }));
  const mark = ({ number }: CompletedTrial): string => {
    const marked = bests.filter(({ best }) => best?.trial.number === number);
    if (marked.length === 0) return '';
    const targets = marked.map(({ answer }) => formatMs(answer.targetMs)).join(', ');
    return answers.length === 1 ? '← best' : `← best for ${targets}`;
  };
  const { device: name, threads } = provenance;
  const troubles = new Set(answers.flatMap(({ verification: { trouble } }) => trouble?.message ?? []));
  return [
    '',
    ...(devices.length > 1 ? [pc.bold(`on ${name}`)] : []),
    frontPlot(
      completed,
      answers.map(({ targetMs }) => targetMs),
      { width: 60, height: 14 },
    ),
    '',
    trialTable(paretoFront(completed), mark),
    '',
    ...(completed.length === 0
      ? ['no training was completed']
      : bests.flatMap(({ answer, best }) => (best === undefined ? [] : [bestLine(best, answer, run)]))),
    `latencies are of ${name}, ${runtimeNote(provenance)}, ${threads} thread${threads === 1 ? '' : 's'}, ${provenance.dtype}, ` +
      'of the network as deployed; estimated from its kernels unless called measured',
    ...[...troubles].map((trouble) => `not measured as a whole: ${trouble}`),
  ];
}

function bestLine({ trial, measured, meetsTarget }: Best, { targetMs }: SearchAnswer, run: string): string {
  const latency =
    measured === undefined
      ? `estimated ${formatMs(trial.latencyMs)}`
      : `measured ${formatMs(measured.medianMs)} ± ${formatMs(measured.madMs)} as a whole (estimated ${formatMs(trial.latencyMs)})`;
  const title = meetsTarget
    ? pc.green(`best under ${formatMs(targetMs)}`)
    : pc.yellow(`no network meets ${formatMs(targetMs)}; the closest`);
  const size = `${formatCount(trial.params)} params, ${formatCount(trial.macs)} MACs`;
  return `${title}: ${pc.bold(`${run}/${trial.number}`)}, ${formatPercent(trial.accuracy)}, ${latency}, ${size}`;
}

/** How many trainings were ended at each rung. */
function stoppedLines(trials: readonly Trial[]): readonly string[] {
  const counts = new Map<number, number>();
  for (const trial of trials) {
    if (trial.state !== 'stopped') continue;
    const rung = trial.rungs.length;
    counts.set(rung, (counts.get(rung) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const parts = [...counts].sort(([a], [b]) => a - b).map(([rung, count]) => `${count} after rung ${rung}`);
  return [`stopped early: ${parts.join(', ')}; accuracies shown are of full trainings alone`];
}
