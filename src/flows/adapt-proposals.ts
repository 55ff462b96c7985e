import { messageOf, NasError } from '../base/errors.ts';
import type { KeptBundles } from '../graph/channel-slice.ts';
import type { Graph } from '../graph/graph.ts';
import { layerFractions, widthsOfFractions } from '../space/widths/layer-fractions.ts';
import type { WidthSpace, Widths } from '../space/widths/width-space.ts';
import type { Proposal } from '../strategies/netadapt/propose.ts';
import type { Recipe, Trainer } from '../trainers/trainer.ts';

/** What became of the fine-tuning of a proposal. */
export type ProposalResult =
  | {
      readonly accuracy: number;
      /** A safetensors file. */
      readonly weights: string;
      /** Groups of the network as it is trained that are narrower than before, and the bundles that each keeps. */
      readonly narrowed: readonly { readonly group: number; readonly kept: readonly number[] }[];
      readonly cpuSeconds: number;
    }
  | { readonly error: string };

/** A network from which proposals start. */
export interface Parent {
  /** Of the network as it is deployed. */
  readonly widths: Widths;
  /** Of the network as it is trained. */
  readonly kept: KeptBundles;
  readonly weights: string;
}

/** What a narrower network is before it is fine-tuned. */
export interface Inherited {
  readonly kept: KeptBundles;
  readonly graph: Graph;
  /** A safetensors file. */
  readonly weights: string;
}

export interface InheritRequest extends Omit<Parent, 'widths'> {
  readonly space: WidthSpace;
  readonly widths: Widths;
  /** A file with the velocities of the weights, where channels are ranked by gradients. */
  readonly gradients: string | undefined;
}

export interface FineTuning {
  readonly deployed: WidthSpace;
  readonly trained: WidthSpace;
  readonly recipe: Recipe;
  /** One for all proposals of a step: they train the same images in the same order. */
  readonly seed: string;
  readonly trainer: Trainer;
  /** Ranks channels and slices weights. */
  readonly inherit: (request: InheritRequest) => Inherited;
  /** Removes files that nothing needs any more. */
  readonly discard: (files: readonly string[]) => void;
  /** Where the fine-tuning of the proposal at a place keeps its state, to go on in another session. */
  readonly checkpointOf?: (place: number) => string;
}

/** Fine-tunes proposals, as many at once as the trainer does, and yields each with its place as it ends. */
export async function* fineTuneAll(
  proposals: ReadonlyMap<number, Proposal>,
  parent: Parent,
  gradients: string | undefined,
  tuning: FineTuning,
  signal: AbortSignal,
): AsyncGenerator<readonly [place: number, result: ProposalResult]> {
  const waiting = [...proposals];
  const running = new Map<number, Promise<readonly [number, ProposalResult]>>();
  try {
    while (waiting.length > 0 || running.size > 0) {
      while (running.size < tuning.trainer.parallelism) {
        const next = waiting.shift();
        if (next === undefined) break;
        const [place, proposal] = next;
        const checkpoint = tuning.checkpointOf?.(place);
        const ended = fineTune(proposal, checkpoint, parent, gradients, tuning, signal);
        running.set(
          place,
          ended.then((result) => [place, result] as const),
        );
      }
      const [place, result] = await Promise.race(running.values());
      running.delete(place);
      yield [place, result];
    }
  } finally {
    await Promise.allSettled(running.values());
  }
}

async function fineTune(
  { group, width }: Proposal,
  checkpoint: string | undefined,
  parent: Parent,
  gradients: string | undefined,
  { deployed, trained, recipe, seed, trainer, inherit, discard }: FineTuning,
  signal: AbortSignal,
): Promise<ProposalResult> {
  const fractions = layerFractions(deployed, parent.widths.with(group, width));
  const widths = widthsOfFractions(trained, fractions);
  const { kept, graph, weights } = inherit({ ...parent, space: trained, widths, gradients });
  try {
    const request = { graph, genotype: [], recipe, seed, initialWeights: weights, saveWeights: true };
    const rest = { carryMoments: true, ...(checkpoint === undefined ? {} : { checkpoint }) };
    const result = await trainer.train({ ...request, ...rest }, signal);
    if (result.weights === undefined) throw new RangeError('the trainer kept no weights');
    const narrowed = kept.flatMap((bundles, index) =>
      bundles.length < (parent.kept[index]?.length ?? 0) ? [{ group: index, kept: bundles }] : [],
    );
    return { accuracy: result.accuracy, weights: result.weights, narrowed, cpuSeconds: result.cpuSeconds };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NasError) return { error: messageOf(error) };
    throw error;
  } finally {
    discard([weights]);
  }
}
