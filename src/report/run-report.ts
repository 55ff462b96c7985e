import { formatDuration } from '../base/units.ts';
import type { DeviceState } from '../latency/device-state.ts';
import { importOriginOf, type LatencyTable } from '../latency/table.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { Trial } from '../objective/trial.ts';
import type { RunEvent, StoredRun } from '../store/store.ts';
import { originNote, runtimeNote } from './provenance-note.ts';
import { trialTable, troubleLines } from './trial-table.ts';
import { wrap } from './wrap.ts';

/** A run with all that is said of it. */
export interface RunDescription {
  readonly run: StoredRun;
  readonly space: string;
  /** Trials that it is to have, where that is what ends it. */
  readonly budget: number | undefined;
  /** Of each of its devices. */
  readonly tables: readonly LatencyTable[];
  readonly trials: readonly Trial[];
  readonly events: readonly RunEvent[];
  /** List every trial. */
  readonly all: boolean;
}

/** Trials and events that are listed unless all are asked for. */
const TRIALS_SHOWN = 40;
const EVENTS_SHOWN = 10;

/** What `nas show RUN` prints, but for what to do next. */
export function runReport({ run, space, budget, tables, trials, events, all }: RunDescription): string {
  const of = budget === undefined ? '' : ` of ${budget}`;
  const took = run.seconds === 0 ? '' : ` in ${formatDuration(run.seconds)}`;
  const completed = trials.filter((trial) => trial.state === 'completed');
  const front = new Set(paretoFront(completed).map(({ number }) => number));
  const best = [...completed].sort((a, b) => b.accuracy - a.accuracy).slice(0, TRIALS_SHOWN);
  const isShortened = !all && completed.length > TRIALS_SHOWN;
  const trouble = troubleLines(trials);
  const shownTrouble = all ? trouble : trouble.slice(-EVENTS_SHOWN);
  const shownEvents = all ? events : events.slice(-EVENTS_SHOWN);
  return [
    wrap(
      `${run.id}  ${run.state}  ${trials.length}${of} trials${took}, begun ${atMinute(run.createdAt)} with nas ${run.codeVersion}`,
      '  ',
    ),
    '',
    factTable(runFacts(run, space)),
    '',
    ...tables.flatMap(tableLines).map((line) => wrap(line, '  ')),
    '',
    isShortened
      ? `the ${TRIALS_SHOWN} most accurate of ${completed.length} completed trials (--all lists all)`
      : `${completed.length} completed trials`,
    trialTable(isShortened ? best : completed, ({ number }) => (front.has(number) ? '● front' : '')),
    ...(trouble.length > shownTrouble.length
      ? [`${trouble.length} trials have no accuracy; the last of them:`]
      : []),
    ...shownTrouble,
    ...(shownEvents.length === 0
      ? []
      : [
          '',
          shownEvents.length < events.length
            ? `the last ${EVENTS_SHOWN} of ${events.length} events`
            : 'events',
          ...shownEvents.map(({ at, kind, message }) => `${atSecond(at)}  ${kind}: ${message}`),
        ]),
  ].join('\n');
}

/** What a run is a function of: the leaves of its config, and digests. */
export function runFacts(run: StoredRun, space: string): readonly (readonly [name: string, value: string])[] {
  return [
    ...leaves('', run.config),
    ['digest of space', `${short(run.spaceDigest)} (${space})`],
    ['digest of images', short(run.datasetDigest)],
    ['digest of trainer', short(run.trainerDigest)],
    ['digest of latencies', short(run.tableDigest)],
  ];
}

/** Names and values below each other. */
export function factTable(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  const indent = ' '.repeat(width + 2);
  return facts.map(([name, value]) => wrap(`${name.padEnd(width)}  ${value}`, indent).trimEnd()).join('\n');
}

/** What a device was like, and how its times were come by. */
export function tableLines({
  provenance,
  kernels,
  calibration,
  conditions = [],
}: LatencyTable): readonly string[] {
  const { device, processor, dtype, threads, core } = provenance;
  const last = conditions.at(-1);
  return [
    `${device} (${processor ?? 'unknown processor'}): ${runtimeNote(provenance)}, ${dtype}, ` +
      `${threads} thread${threads === 1 ? '' : 's'}${core === null ? '' : ` on core ${core}`}`,
    `  ${kernels.size} kernels, ${importOriginOf(provenance) === undefined ? 'first ' : ''}${originNote(provenance)}; ` +
      `${calibration === undefined ? 'not calibrated' : `calibrated by ${calibration.networks.length} whole networks`}`,
    ...(last === undefined
      ? []
      : [
          `  measured last ${atMinute(last.startedAt)} to ${atMinute(last.endedAt)}; before: ${printState(last.before)}; ` +
            `after: ${printState(last.after)}`,
        ]),
  ];
}

/** `88 %, charging, 41.2 °C, governor schedutil` */
function printState(state: DeviceState | null): string {
  const { battery, thermal, governors } = state ?? {};
  const parts = [
    battery?.percent == null ? undefined : `battery at ${battery.percent} %`,
    battery?.state ?? undefined,
    thermal?.status == null || thermal.status === 'none' ? undefined : `throttled (${thermal.status})`,
    thermal?.hottestCelsius == null ? undefined : `${thermal.hottestCelsius.toFixed(1)} °C`,
    governors == null ? undefined : `governor ${governors.join(', ')}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'unknown' : parts.join(', ');
}

/** A document as its leaves: `reward.name` and `mnas-hard`. */
function leaves(path: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === null || typeof value !== 'object') return value === undefined ? [] : [[path, String(value)]];
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return [[path, value.join(', ')]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(path === '' ? key : `${path}.${key}`, inner));
}

function short(digest: string): string {
  return digest.slice(0, 12);
}

/** `2026-01-02 03:04 UTC` */
function atMinute(timestamp: string): string {
  return `${timestamp.slice(0, 16).replace('T', ' ')} UTC`;
}

function atSecond(timestamp: string): string {
  return timestamp.slice(0, 19).replace('T', ' ');
}
