import { formatMs } from '../base/units.ts';
import { testedOn } from '../datasets/test-images.ts';
import type { Device } from '../devices/device.ts';
import {
  type Adaptation,
  type AdaptationJournal,
  type AdaptEvent,
  type AdaptedNetwork,
  type AdaptParts,
  adapt,
  type StepPlan,
  trainedGraph,
} from '../flows/adapt.ts';
import type { ProposalResult } from '../flows/adapt-proposals.ts';
import { accuracyOf } from '../flows/train.ts';
import { graphCost } from '../graph/cost.ts';
import type { Graph } from '../graph/graph.ts';
import {
  type AdaptationEnd,
  type AdaptationStep,
  createAdaptationProgress,
} from '../report/adaptation-report.ts';
import { graphOfWidths, type WidthSpace } from '../space/widths/width-space.ts';
import type { AdaptationLog } from '../store/adaptations.ts';
import type { Setup } from './adaptation-setup.ts';
import { loadTest } from './run-training.ts';
import { openTrainer } from './trainer-options.ts';
import type { Work } from './work.ts';

/** Runtimes compute 4, 8 or 16 channels at once. */
const TILE = 8;

/** The store as an adaptation sees it. */
export function journalOf(log: AdaptationLog, id: string): AdaptationJournal {
  return {
    // Our own documents, as they were stored.
    plan: (step) => log.step(id, step)?.plan as StepPlan | undefined,
    savePlan: (step, plan) => log.savePlan(id, step, plan),
    results: (step) => (log.step(id, step)?.results ?? new Map()) as ReadonlyMap<number, ProposalResult>,
    saveResult: (step, place, result) => log.saveResult(id, step, place, result),
    saveChoice: (step, place) => log.saveChoice(id, step, place),
  };
}

/** An adaptation that has ended, and its course. */
export interface Ended {
  readonly adaptation: Adaptation;
  readonly first: AdaptedNetwork;
  readonly steps: readonly AdaptationStep[];
}

/** Of an adaptation: the network that it began with, and what it came to. */
export type End = 'before' | 'after';

/** An estimate may be off by some per cent: so often at most an adaptation goes on that the device says is not there yet. */
const MEASURED_ROUNDS = 4;
/** Of the target: measurements vary by a hundredth from one hour to the next, and the file is measured once more at the end. */
const MARGIN = 0.99;

/**
 * Runs the adaptation until it meets its target by the estimate, and measures what it came to as a whole. Where that is
 * above the target, or so little below it that another measurement may be above, it goes on to an estimate that is lower
 * by what is missing.
 */
export async function followAndMeasure(
  weights: string,
  setup: Setup,
  parts: AdaptParts,
  device: Device | undefined,
  work: Work,
): Promise<{ readonly ended: Ended; readonly measured: ReadonlyMap<End, number> }> {
  const { targetMs } = setup;
  let aimMs = targetMs;
  let shown = 0;
  for (let round = 1; ; round++) {
    const ended = await follow(weights, setup, aimMs, shown, parts, work);
    const { met, network } = ended.adaptation;
    const measured = await measureEnds(ended, setup, device, work);
    const measuredMs = measured.get('after');
    if (measuredMs === undefined || measuredMs <= targetMs * MARGIN || !met || round === MEASURED_ROUNDS) {
      return { ended, measured };
    }
    aimMs = network.latencyMs * (targetMs / measuredMs) * MARGIN;
    shown = ended.steps.length;
    work.progress.line(
      `measured ${formatMs(measuredMs)} as a whole, not a hundredth below the target: going on to an estimate of ${formatMs(aimMs)}`,
    );
  }
}

/** Runs the adaptation to its end, showing how it goes; the first `shown` steps have been shown before. */
async function follow(
  weights: string,
  { options }: Setup,
  targetMs: number,
  shown: number,
  parts: AdaptParts,
  { progress, signal, nowMs }: Work,
): Promise<Ended> {
  const { step, decay, rule } = options;
  const settings = { targetMs, step, decay, rule, divisor: TILE };
  const showNew = createAdaptationProgress(progress, targetMs, nowMs);
  const show = (event: AdaptEvent): void => {
    if (shown === 0 || (event.kind !== 'begun' && event.step >= shown)) showNew(event);
  };
  const running = adapt({ weights }, settings, parts, signal);
  const steps: AdaptationStep[] = [];
  let first: AdaptedNetwork | undefined;
  let next = await running.next();
  for (; next.done !== true; next = await running.next()) {
    const event: AdaptEvent = next.value;
    show(event);
    if (event.kind === 'begun') first = event.network;
    if (event.kind !== 'chosen') continue;
    const { layer, from, to, interpolated } = event.proposal;
    const { latencyMs, accuracy } = event.network;
    const results = [...parts.journal.results(event.step).values()];
    steps.push({
      ...{ step: event.step, layer, from, to, latencyMs, accuracy, interpolated, proposals: results.length },
      failed: results.filter((result) => 'error' in result).length,
    });
  }
  if (first === undefined) throw new RangeError('an adaptation begins');
  return { adaptation: next.value, first, steps };
}

/** Both networks as wholes, side by side; nothing where there is no device. */
async function measureEnds(
  ended: Ended,
  { deployed }: Setup,
  device: Device | undefined,
  { signal }: Work,
): Promise<ReadonlyMap<End, number>> {
  const measured = new Map<End, number>();
  if (device === undefined) return measured;
  const graphs = graphsOf(ended, deployed);
  const ends = ['before', 'after'] as const;
  const networks = ends.map((name) => ({ name, graph: graphs[name] }));
  for await (const { name, medianMs } of device.measureNetworks(networks, { signal })) {
    for (const end of ends) if (end === name) measured.set(end, medianMs);
  }
  return measured;
}

function graphsOf({ adaptation }: Ended, deployed: WidthSpace): Readonly<Record<End, Graph>> {
  return { before: deployed.graph, after: graphOfWidths(deployed, adaptation.network.widths) };
}

/** Both networks with what can be told of them, tested on images that nothing was chosen by too. */
export async function describeEnds(
  ended: Ended,
  measured: ReadonlyMap<End, number>,
  parts: AdaptParts,
  { deployed, dataset, options, trainerConfig, tuningRecipe }: Setup,
  work: Work,
): Promise<Readonly<Record<End, AdaptationEnd>>> {
  const { signal, queue } = work;
  const ends = { before: ended.first, after: ended.adaptation.network };
  const graphs = graphsOf(ended, deployed);
  const test = await loadTest(options.dataset, dataset.train.width, work);
  const tester =
    test &&
    (await openTrainer(trainerConfig, { dataset: testedOn(dataset, test), workers: 1, signal, queue }));
  try {
    const describe = async (end: End): Promise<AdaptationEnd> => {
      const network = ends[end];
      const request = {
        graph: trainedGraph(parts, network),
        ...{ genotype: [], recipe: tuningRecipe, seed: options.seed },
      };
      return {
        accuracy: network.accuracy,
        latencyMs: network.latencyMs,
        ...graphCost(graphs[end]),
        measuredMs: measured.get(end) ?? null,
        testAccuracy:
          tester === undefined ? null : await accuracyOf(request, network.weights, tester, signal),
      };
    };
    return { before: await describe('before'), after: await describe('after') };
  } finally {
    await tester?.close();
  }
}
