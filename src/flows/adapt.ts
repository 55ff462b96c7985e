import { NasError } from '../base/errors.ts';
import { keptChannels, sliceGraph } from '../graph/channel-slice.ts';
import type { Graph } from '../graph/graph.ts';
import { channelsPerBundle, fullWidths } from '../space/widths/width-space.ts';
import { type EstimateLatencies, type Proposal, proposeCuts } from '../strategies/netadapt/propose.ts';
import { type Reduction, requiredCutMs } from '../strategies/netadapt/reduction.ts';
import { chooseProposal, type Figures, type Rule } from '../strategies/netadapt/rules.ts';
import type { Recipe } from '../trainers/trainer.ts';
import { type FineTuning, fineTuneAll, type Parent, type ProposalResult } from './adapt-proposals.ts';
import { accuracyOf } from './train.ts';

export interface AdaptSettings extends Reduction {
  readonly targetMs: number;
  readonly rule: Rule;
  /** Widths are multiples of it, where a group is wide enough. */
  readonly divisor: number;
}

/** A proposal for people: which layer, and its channels in the deployed network. */
export interface PlannedProposal extends Proposal {
  readonly layer: string;
  readonly from: number;
  readonly to: number;
}

/** What a step is about to try. */
export interface StepPlan {
  readonly latencyMs: number;
  /** That each proposal cuts at least. */
  readonly cutMs: number;
  readonly proposals: readonly PlannedProposal[];
}

/**
 * Where an adaptation keeps what it has done. What a method was given is durable when it returns, so that a new session
 * goes on behind the last proposal that was fine-tuned.
 */
export interface AdaptationJournal {
  plan(step: number): StepPlan | undefined;
  savePlan(step: number, plan: StepPlan): void;
  /** By place in the plan. */
  results(step: number): ReadonlyMap<number, ProposalResult>;
  saveResult(step: number, place: number, result: ProposalResult): void;
  saveChoice(step: number, place: number): void;
}

export interface AdaptParts extends Omit<FineTuning, 'checkpointOf'> {
  readonly estimate: EstimateLatencies;
  readonly journal: AdaptationJournal;
  /**
   * Where the state of a training goes that finds the gradients at a step's start; left out where channels are not
   * ranked by those.
   */
  readonly gradientsFile?: (step: number) => string;
  /** Where a fine-tuning keeps its state; left out where it is over within an epoch. */
  readonly checkpointFile?: (step: number, place: number) => string;
}

/** A network on the way. */
export interface AdaptedNetwork extends Figures, Parent {}

export type AdaptEvent =
  | { readonly kind: 'begun'; readonly network: AdaptedNetwork }
  | { readonly kind: 'planned'; readonly step: number; readonly plan: StepPlan; readonly done: number }
  | {
      readonly kind: 'tried';
      readonly step: number;
      readonly proposal: PlannedProposal;
      readonly result: ProposalResult;
    }
  | {
      readonly kind: 'chosen';
      readonly step: number;
      readonly proposal: PlannedProposal;
      readonly network: AdaptedNetwork;
    };

export interface Adaptation {
  readonly network: AdaptedNetwork;
  /** Whether the target is met; otherwise nothing was left that could be cut. */
  readonly met: boolean;
  /** Of all fine-tunings, those of earlier sessions too. */
  readonly cpuSeconds: number;
}

/**
 * NetAdapt (arXiv:1804.03230, algorithm 1, with the proposals and the rule of MobileNetV3, arXiv:1905.02244, section 5.2):
 * step by step, each width of the network that can cut enough latency on its own is narrowed in a proposal, which
 * inherits the weights of the channels that matter most and is fine-tuned shortly; the best proposal is where the next
 * step starts. Ends at the target, or where nothing is left to cut. The same seed, weights and latencies give the same
 * network, at one go or over several sessions.
 */
export async function* adapt(
  start: Pick<Parent, 'weights'>,
  settings: AdaptSettings,
  parts: AdaptParts,
  signal: AbortSignal,
): AsyncGenerator<AdaptEvent, Adaptation> {
  const { journal, discard } = parts;
  const { targetMs, rule } = settings;
  let network = await firstNetwork(start, parts, signal);
  let cpuSeconds = 0;
  yield { kind: 'begun', network };
  for (let step = 0; network.latencyMs > targetMs; step++) {
    signal.throwIfAborted();
    const plan = journal.plan(step) ?? (await planStep(network, settings, step, parts));
    journal.savePlan(step, plan);
    const results = new Map(journal.results(step));
    yield { kind: 'planned', step, plan, done: results.size };
    if (plan.proposals.length === 0) return { network, met: false, cpuSeconds };
    const missing = new Map([...plan.proposals.entries()].filter(([place]) => !results.has(place)));
    if (missing.size > 0) {
      const { checkpointFile } = parts;
      const tuning: FineTuning & AdaptParts = {
        ...parts,
        seed: `${parts.seed}/step ${step}`,
        ...(checkpointFile && { checkpointOf: (place: number) => checkpointFile(step, place) }),
      };
      const gradients = await gradientsOf(network, step, tuning, signal);
      for await (const [place, result] of fineTuneAll(missing, network, gradients, tuning, signal)) {
        journal.saveResult(step, place, result);
        results.set(place, result);
        const proposal = missing.get(place);
        const checkpoint = checkpointFile?.(step, place);
        if (checkpoint !== undefined) discard([checkpoint]);
        if (proposal !== undefined) yield { kind: 'tried', step, proposal, result };
      }
      if (gradients !== undefined) discard([gradients]);
    }
    const place = choose(plan, results, rule, network);
    const [proposal, result] = [plan.proposals[place], results.get(place)];
    if (proposal === undefined || result === undefined || 'error' in result)
      throw new RangeError('no choice');
    journal.saveChoice(step, place);
    discard(
      [...results.values()].flatMap((other) =>
        'error' in other || other.weights === result.weights ? [] : [other.weights],
      ),
    );
    for (const other of results.values()) cpuSeconds += 'error' in other ? 0 : other.cpuSeconds;
    const kept = network.kept.map(
      (bundles, group) => result.narrowed.find((narrowed) => narrowed.group === group)?.kept ?? bundles,
    );
    const { accuracy, weights } = result;
    const widths = network.widths.with(proposal.group, proposal.width);
    network = { accuracy, latencyMs: proposal.latencyMs, widths, kept, weights };
    yield { kind: 'chosen', step, proposal, network };
  }
  return { network, met: true, cpuSeconds };
}

/** The network, as it is trained, of which an adaptation has kept some bundles. */
export function trainedGraph(
  { trained: { graph, groups } }: Pick<FineTuning, 'trained'>,
  { kept }: Pick<Parent, 'kept'>,
): Graph {
  return sliceGraph(graph, keptChannels(graph, groups, kept));
}

async function firstNetwork(
  { weights }: Pick<Parent, 'weights'>,
  { deployed, trained, estimate, trainer, recipe, seed }: AdaptParts,
  signal: AbortSignal,
): Promise<AdaptedNetwork> {
  const [figures] = await estimate([deployed.graph]);
  if (figures === undefined) {
    throw new NasError('latency', {
      found: 'the table lacks kernels of the network',
      expected: 'all of them, or widths between which they can be interpolated',
      next: 'leave --table away to measure what is missing on --device',
    });
  }
  const request = { graph: trained.graph, genotype: [], recipe, seed };
  const kept = trained.groups.map(({ bundles }) => bundles.map((_, bundle) => bundle));
  return {
    accuracy: await accuracyOf(request, weights, trainer, signal),
    latencyMs: figures.latencyMs,
    widths: fullWidths(deployed),
    kept,
    weights,
  };
}

async function planStep(
  { widths, latencyMs }: AdaptedNetwork,
  settings: AdaptSettings,
  step: number,
  { deployed, estimate }: AdaptParts,
): Promise<StepPlan> {
  const cutMs = requiredCutMs(settings, step, latencyMs, settings.targetMs);
  const found = await proposeCuts(deployed, { widths, latencyMs }, cutMs, settings.divisor, estimate);
  const proposals = found.map((proposal): PlannedProposal => {
    const group = deployed.groups[proposal.group];
    const perBundle = group === undefined ? 1 : channelsPerBundle(group);
    return {
      ...proposal,
      layer: group?.name ?? '',
      from: perBundle * (widths[proposal.group] ?? 0),
      to: perBundle * proposal.width,
    };
  });
  return { latencyMs, cutMs, proposals };
}

/**
 * The state of a training that goes over the images once and hardly moves a weight: the velocities that SGD's momentum
 * leaves are averages of the gradients.
 */
async function gradientsOf(
  network: AdaptedNetwork,
  step: number,
  parts: AdaptParts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const checkpoint = parts.gradientsFile?.(step);
  if (checkpoint === undefined) return undefined;
  const { batchSize, labelSmoothing, flip, shiftPixels } = parts.recipe;
  const recipe: Recipe = {
    ...{ epochs: 1, batchSize, peakLearningRate: 1e-12, warmupFraction: 0, momentum: 0.99 },
    ...{ weightDecay: 0, labelSmoothing, flip, shiftPixels },
  };
  const request = { graph: trainedGraph(parts, network), genotype: [], recipe, seed: parts.seed };
  await parts.trainer.train({ ...request, initialWeights: network.weights, checkpoint }, signal);
  return checkpoint;
}

function choose(
  { proposals }: StepPlan,
  results: ReadonlyMap<number, ProposalResult>,
  rule: Rule,
  network: AdaptedNetwork,
): number {
  const figures = proposals.map(({ latencyMs }, place) => {
    const result = results.get(place);
    return result === undefined || 'error' in result ? undefined : { accuracy: result.accuracy, latencyMs };
  });
  const place = chooseProposal(rule, network, figures);
  if (place !== undefined) return place;
  const [first] = [...results.values()].flatMap((result) => ('error' in result ? [result.error] : []));
  throw new NasError('adapt', {
    found: `every fine-tuning of the step failed; the first: ${first}`,
    expected: 'one at least that ends in an accuracy',
    next: 'lower the rate with --tune-rate',
  });
}
