import type { PlannedProposal, StepPlan } from '../../flows/adapt.ts';
import type { AdaptationEnd, AdaptationReport } from '../adaptation-report.ts';
import type { NextCommand } from './run-page.ts';

/** An adaptation as it is stored, with documents of our own. */
export interface AdaptationRecord {
  readonly id: string;
  readonly network: string;
  readonly config: unknown;
  readonly outcome?: unknown;
  readonly createdAt: string;
  readonly finishedAt?: string;
}

/** A step of it. */
export interface StepRecord {
  readonly step: number;
  readonly plan: unknown;
  /** Place of the proposal that was taken. */
  readonly chosen?: number;
  readonly results: ReadonlyMap<number, unknown>;
}

/** An adaptation as lists tell of it. */
export interface AdaptationListing {
  readonly adaptation: string;
  readonly network: string;
  readonly targetMs: number;
  /** `null` while it is under way, or after it was stopped. */
  readonly met: boolean | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** A proposal of a step and what became of it. */
export interface TriedProposal
  extends Pick<PlannedProposal, 'layer' | 'from' | 'to' | 'latencyMs' | 'interpolated'> {
  /** After fine-tuning; `null` where it failed, or has not ended. */
  readonly accuracy: number | null;
  readonly error: string | null;
  readonly isChosen: boolean;
}

export interface AdaptationStepPage {
  readonly step: number;
  /** Of the network that the step starts from. */
  readonly latencyMs: number;
  /** That each proposal cuts at least. */
  readonly cutMs: number;
  readonly proposals: readonly TriedProposal[];
}

export interface AdaptationPage {
  readonly adaptation: AdaptationListing;
  readonly before: AdaptationEnd | null;
  readonly after: AdaptationEnd | null;
  readonly steps: readonly AdaptationStepPage[];
  /** Of the layers that are narrower, the part of their channels that is left. */
  readonly layers: Readonly<Record<string, number>>;
  readonly next: readonly NextCommand[];
}

export function adaptationListing(adaptation: AdaptationRecord): AdaptationListing {
  const { id, network, config, outcome, createdAt, finishedAt } = adaptation;
  // Our own documents, as they were stored.
  const { targetMs } = config as { readonly targetMs: number };
  return {
    ...{ adaptation: id, network, targetMs, createdAt },
    met: outcome === undefined ? null : (outcome as AdaptationReport).met,
    finishedAt: finishedAt ?? null,
  };
}

export function adaptationPage(
  adaptation: AdaptationRecord,
  steps: readonly StepRecord[],
  next: readonly NextCommand[],
): AdaptationPage {
  const outcome = adaptation.outcome as AdaptationReport | undefined;
  return {
    adaptation: adaptationListing(adaptation),
    before: outcome?.before ?? null,
    after: outcome?.after ?? null,
    steps: steps.map(({ step, plan, chosen, results }): AdaptationStepPage => {
      const { latencyMs, cutMs, proposals } = plan as StepPlan;
      return {
        ...{ step, latencyMs, cutMs },
        proposals: proposals.map((proposal, place) => {
          const result = (results.get(place) ?? {}) as {
            readonly accuracy?: number;
            readonly error?: string;
          };
          const { layer, from, to, interpolated } = proposal;
          return {
            ...{ layer, from, to, interpolated, latencyMs: proposal.latencyMs },
            accuracy: result.accuracy ?? null,
            error: result.error ?? null,
            isChosen: place === chosen,
          };
        }),
      };
    }),
    layers: outcome?.layers ?? {},
    next,
  };
}
