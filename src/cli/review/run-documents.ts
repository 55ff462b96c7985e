import { z } from 'zod';
import { parseWith } from '../../base/parse.ts';
import { createReward } from '../../objective/reward.ts';
import { type DecisionsPage, decisionsPage } from '../../report/pages/decisions-page.ts';
import { type NextCommand, type RunPage, runPage } from '../../report/pages/run-page.ts';
import { runFacts, tableLines } from '../../report/run-report.ts';
import type { BestTrial, Store, StoredRun } from '../../store/store.ts';
import { finalistsNotes } from '../finalists-notes.ts';
import { listedRun } from '../listed-runs.ts';
import { proxyNoteOf } from '../proxy-note-of.ts';
import { rewardSchema } from '../run-config.ts';
import { requireDevice } from '../run-devices.ts';
import { outlineOf } from '../run-outline.ts';
import { tablesOf } from '../run-tables.ts';
import { spaceOf } from '../stored-runs.ts';

/** Runs of before there was a choice have none. */
const rewardOfConfig = z.object({ reward: rewardSchema.optional() });

/** Events that a page lists, the newest. */
const EVENTS = 50;

export function runDocument(store: Store, id: string, device: number): RunPage {
  const run = store.run(id);
  requireDevice(run, device);
  const tables = tablesOf(run);
  const { targetsMs } = outlineOf(run.config);
  const { name: space, proxy } = run.space as {
    readonly name: string;
    readonly proxy?: { readonly validationImages?: number };
  };
  const best = targetsMs.map((targetMs) => store.bestUnder(id, targetMs, device));
  const { reward } = parseWith(rewardOfConfig, run.config, `run ${id}: config`);
  return runPage({
    run: listedRun(store, run),
    device,
    facts: runFacts(run, space),
    deviceNotes: tables.map((table) =>
      tableLines(table)
        .map((line) => line.trim())
        .join('. '),
    ),
    notes: accuracyNotes(store, run),
    validationImages: proxy?.validationImages ?? null,
    figures: store.figures(id, device),
    best,
    rewards: reward === undefined ? [] : targetsMs.map((targetMs) => createReward(reward, targetMs)),
    measurements: store.measurements(id),
    retrained: store.retrainings(id),
    updates: store.updates(id),
    trouble: store.trouble(id),
    events: store.events(id).slice(-EVENTS),
    next: nextCommands(run, best),
  });
}

export function decisionsDocument(store: Store, id: string, device: number): DecisionsPage {
  const run = store.run(id);
  requireDevice(run, device);
  return decisionsPage(id, spaceOf(run).decisions, store.choices(id, device));
}

function accuracyNotes(store: Store, run: StoredRun): readonly string[] {
  const isInherited = outlineOf(run.config).trainer === 'supernet';
  return [...finalistsNotes(store, run), ...(isInherited ? [] : proxyNoteOf(run, store).split('\n'))];
}

function nextCommands(
  { id, state }: StoredRun,
  best: readonly (BestTrial | undefined)[],
): readonly NextCommand[] {
  const found = best.find((trial) => trial !== undefined);
  return [
    ...(state === 'interrupted' ? [[`nas search --resume ${id}`, 'go on with it'] as const] : []),
    ...(state === 'running' ? [[`nas pareto ${id} --watch`, 'follow it in a terminal'] as const] : []),
    ...(found === undefined
      ? []
      : [[`nas explain ${id}/${found.number}`, 'where the milliseconds of the best go'] as const]),
    [`nas pareto ${id} --csv front.csv --plot front.svg`, 'the front as files'],
    [`nas report ${id} -o ${id}.html`, 'these pages as one file'],
  ];
}
