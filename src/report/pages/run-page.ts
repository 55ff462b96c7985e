import { paretoFront } from '../../objective/pareto.ts';
import type { Reward } from '../../objective/reward.ts';
import type {
  BestTrial,
  Measurement,
  Retraining,
  RunEvent,
  TrialFigures,
  TrialTrouble,
  Update,
} from '../../store/store.ts';
import { type FrontPoint, frontDocument } from '../front-document.ts';
import { type ListedBest, listedBest, type RunListing } from '../run-listing.ts';
import { thinned } from '../thinned.ts';
import { type CoursePoint, searchCourse } from './search-course.ts';

/** What a page says that is read off the run: names and values. */
export type Fact = readonly [name: string, value: string];

/** A command with what it is for. */
export type NextCommand = readonly [command: string, what: string];

/** Many trials in columns, which are a third of the size of rows. */
export interface TrialColumns {
  readonly trial: readonly number[];
  readonly latencyMs: readonly number[];
  readonly accuracy: readonly number[];
}

/** A number that a strategy told of itself, over what it had learned by then. */
export interface Diagnostic {
  readonly name: string;
  /** Of the last tell before it, from 0. */
  readonly positions: readonly number[];
  readonly values: readonly number[];
}

/** Trials that ended in the same way without an accuracy. */
export interface TroubleKind {
  readonly state: TrialTrouble['state'];
  readonly reason: string;
  readonly count: number;
  /** Some of them. */
  readonly trials: readonly number[];
}

export interface BestUnder {
  readonly targetMs: number;
  readonly best: ListedBest | null;
}

/** All of a run but what its decisions and other networks tell, which are pages of their own. */
export interface RunPage {
  readonly run: RunListing;
  /** Which of its devices the latencies are of. */
  readonly device: number;
  readonly facts: readonly Fact[];
  /** What was measured with, a line or two a device. */
  readonly deviceNotes: readonly string[];
  /** What the accuracies are worth. */
  readonly notes: readonly string[];
  /** As `nas pareto --json` has it. */
  readonly front: readonly FrontPoint[];
  /** All completed trials; of those too close together to be told apart, one. */
  readonly cloud: TrialColumns;
  readonly measured: readonly Omit<Measurement, 'device'>[];
  readonly retrained: readonly Retraining[];
  /** Whose accuracies have a standard error by it; `null` where that is not known. */
  readonly validationImages: number | null;
  readonly best: readonly BestUnder[];
  readonly course: readonly CoursePoint[];
  readonly diagnostics: readonly Diagnostic[];
  readonly trouble: readonly TroubleKind[];
  readonly events: readonly RunEvent[];
  readonly next: readonly NextCommand[];
}

export interface RunPageParts
  extends Pick<
    RunPage,
    | 'run'
    | 'device'
    | 'facts'
    | 'deviceNotes'
    | 'notes'
    | 'validationImages'
    | 'next'
    | 'events'
    | 'retrained'
  > {
  readonly figures: readonly TrialFigures[];
  /** Under each target of the run. */
  readonly best: readonly (BestTrial | undefined)[];
  /** One a target. */
  readonly rewards: readonly Reward[];
  readonly measurements: readonly Measurement[];
  readonly updates: readonly Update[];
  readonly trouble: readonly TrialTrouble[];
}

/** Cells of the grid in each of which one trial is drawn. */
const CLOUD_COLUMNS = 240;
const CLOUD_ROWS = 120;

export function runPage({
  figures,
  best,
  rewards,
  measurements,
  updates,
  trouble,
  ...parts
}: RunPageParts): RunPage {
  const cloud = thinned(figures, CLOUD_COLUMNS, CLOUD_ROWS);
  return {
    ...parts,
    front: frontDocument(paretoFront(figures)),
    cloud: {
      trial: cloud.map(({ number }) => number),
      latencyMs: cloud.map(({ latencyMs }) => rounded(latencyMs)),
      accuracy: cloud.map(({ accuracy }) => rounded(accuracy)),
    },
    measured: measurements
      .filter(({ device = 0 }) => device === parts.device)
      .map(({ trial, medianMs, madMs, samples }) => ({ trial, medianMs, madMs, samples })),
    best: parts.run.targetsMs.map((targetMs, index) => {
      const found = best[index];
      return { targetMs, best: found === undefined ? null : listedBest(found) };
    }),
    course: searchCourse(figures, rewards),
    diagnostics: diagnosticsOf(updates),
    trouble: troubleKinds(trouble),
  };
}

/** Exact enough to be drawn; the front's figures are whole. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

const DIAGNOSTIC_POINTS = 300;

function diagnosticsOf(updates: readonly Update[]): readonly Diagnostic[] {
  const every = Math.max(1, Math.ceil(updates.length / DIAGNOSTIC_POINTS));
  const shown = updates.filter((_, index) => index % every === 0 || index === updates.length - 1);
  const names = new Set(shown.flatMap(({ diagnostics }) => Object.keys(diagnostics)));
  return [...names].map((name) => {
    const own = shown.flatMap(({ position, diagnostics }) => {
      const value = diagnostics[name];
      return value === undefined || value === null || !Number.isFinite(value) ? [] : [{ position, value }];
    });
    return { name, positions: own.map(({ position }) => position), values: own.map(({ value }) => value) };
  });
}

/** Trials of a kind that are named. */
const NAMED = 12;

/** Those that read alike together, the most frequent first. Numbers in a reason do not make it another one. */
export function troubleKinds(trouble: readonly TrialTrouble[]): readonly TroubleKind[] {
  const kinds = new Map<string, { state: TrialTrouble['state']; reason: string; trials: number[] }>();
  for (const { number, state, reason } of trouble) {
    const key = `${state} ${reason.replaceAll(/\d+(\.\d+)?/g, '#')}`;
    const kind = kinds.get(key) ?? { state, reason, trials: [] };
    kind.trials.push(number);
    kinds.set(key, kind);
  }
  return [...kinds.values()]
    .sort((a, b) => b.trials.length - a.trials.length)
    .map(({ state, reason, trials }) => ({
      state,
      reason,
      count: trials.length,
      trials: trials.slice(0, NAMED),
    }));
}
