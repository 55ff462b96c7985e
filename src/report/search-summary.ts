import pc from 'picocolors';
import { formatCount, formatDuration, formatMs, formatPercent } from '../base/units.ts';
import type { ProxyCheck } from '../flows/proxy-check.ts';
import { completedTrials } from '../flows/search.ts';
import type { Verification } from '../flows/verify.ts';
import type { TableProvenance } from '../latency/table.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { Reward } from '../objective/reward.ts';
import type { CompletedTrial, Trial } from '../objective/trial.ts';
import type { ProxyTask } from '../space/proxy.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Measurement } from '../store/store.ts';
import { frontPlot } from './front-plot.ts';
import { runtimeNote } from './provenance-note.ts';
import { proxyNote } from './proxy-note.ts';
import { accuracyStandardError, trialTable, troubleLines } from './trial-table.ts';

/** A search that has ended, with all that is said of it. */
export interface SearchOutcome {
  readonly run: string;
  readonly space: SearchSpace;
  readonly targetMs: number;
  readonly trials: readonly Trial[];
  readonly verification: Verification;
  readonly reward: Reward;
  readonly provenance: TableProvenance;
  readonly validationImages: number;
  readonly proxy: ProxyTask;
  readonly dataset: string;
  readonly check: ProxyCheck | undefined;
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
 * it); where there is none the one closest to it, by what is known best of each.
 */
function bestOf({ trials, verification, targetMs }: SearchOutcome): Best | undefined {
  const { measurements, trouble } = verification;
  const estimatesCount = trouble !== undefined && measurements.length === 0;
  const known = completedTrials(trials).map((trial) => {
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

/** What `nas search --json` prints. */
export function searchDocument(outcome: SearchOutcome) {
  const { run, trials, reward, seconds, trainSeconds } = outcome;
  const best = bestOf(outcome);
  return {
    run,
    trials: trials.length,
    best:
      best === undefined
        ? null
        : {
            trial: best.trial.number,
            accuracy: best.trial.accuracy,
            latencyMs: best.trial.latencyMs,
            reward: reward(best.trial.accuracy, best.trial.latencyMs),
            measuredMs: best.measured?.medianMs ?? null,
            measuredMadMs: best.measured?.madMs ?? null,
            meetsTarget: best.meetsTarget,
          },
    front: paretoFront(completedTrials(trials)).map(({ number, accuracy, latencyMs }) => ({
      trial: number,
      accuracy,
      latencyMs,
    })),
    seconds,
    trainSeconds,
    overheadSeconds: seconds - trainSeconds,
  };
}

/** What `nas search` prints at its end. */
export function searchSummary(outcome: SearchOutcome): string {
  const { run, space, targetMs, trials, verification, provenance, validationImages, proxy, dataset, check } =
    outcome;
  const best = bestOf(outcome);
  const completed = completedTrials(trials);
  const front = paretoFront(completed);
  const mark = ({ number }: CompletedTrial): string => (number === best?.trial.number ? '← best' : '');
  const { device, threads } = provenance;
  return [
    '',
    frontPlot(completed, targetMs, { width: 60, height: 14 }),
    '',
    trialTable(front, mark),
    '',
    best === undefined ? 'no training was completed' : bestLine(best, outcome),
    `latencies are of ${device}, ${runtimeNote(provenance)}, ${threads} thread${threads === 1 ? '' : 's'}, float32, ` +
      'of the network as deployed; estimated from its kernels unless called measured',
    proxyNote(proxy, dataset, check, space.name),
    `each accuracy has a standard error of about ${formatPercent(accuracyStandardError(best?.trial.accuracy ?? 0.5, validationImages))}`,
    ...(verification.trouble === undefined
      ? []
      : [`not measured as a whole: ${verification.trouble.message}`]),
    ...troubleLines(trials),
    `${trials.length} trials in ${formatDuration(outcome.seconds)}, ${formatDuration(outcome.trainSeconds)} of it training`,
    '',
    'look closer:',
    ...(best === undefined
      ? []
      : [`  nas show ${run}/${best.trial.number}`, `  nas cost ${run}/${best.trial.number}`]),
    `  nas pareto ${run}`,
    `  nas show ${run}`,
  ].join('\n');
}

function bestLine({ trial, measured, meetsTarget }: Best, { run, targetMs }: SearchOutcome): string {
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
