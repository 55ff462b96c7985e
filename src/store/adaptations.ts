import { hostname } from 'node:os';
import { NasError } from '../base/errors.ts';
import { refuseOtherOwner } from './claim.ts';
import { guardOf, type OpenOptions, openDatabase } from './open-database.ts';
import { ownerOf } from './rows.ts';
import type { Owner } from './store.ts';

/** What an adaptation is a function of. */
export interface AdaptationOrigin {
  /** Digest of all that it depends on: another session goes on with one of the same identity. */
  readonly identity: string;
  /** As the user named it: a network, a file or RUN/TRIAL. */
  readonly network: string;
  /** The network's document, its sizes, the target, the device and all settings. */
  readonly config: unknown;
}

export interface StoredAdaptation extends AdaptationOrigin {
  /** Short: `a1`, `a2`, … */
  readonly id: string;
  /** The trained weights it starts from; left out before there are any. */
  readonly weights?: string;
  /** What came of it; left out while it is under way. */
  readonly outcome?: unknown;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly finishedAt?: string;
}

/** Whose an adaptation is to be. */
export interface AdaptationClaim {
  readonly owner: Owner;
  /** From one that cannot be asked whether it lives. */
  readonly takeOver?: boolean;
}

/** A step of an adaptation. */
export interface StoredStep {
  readonly step: number;
  readonly plan: unknown;
  /** Place of the proposal that was taken; left out while it is not decided. */
  readonly chosen?: number;
  /** By place; those that have ended. */
  readonly results: ReadonlyMap<number, unknown>;
}

/** Adaptations, in the same file as the runs. What a method was given is durable when it returns. */
export interface AdaptationLog {
  /** Claims it too. Refuses where a living process is at work on another of the same identity. */
  create(origin: AdaptationOrigin, createdAt: string, owner: Owner): StoredAdaptation;
  /** The newest of an identity that has no outcome. */
  unfinished(identity: string): StoredAdaptation | undefined;
  /** The newest of an identity that has one. */
  finished(identity: string): StoredAdaptation | undefined;
  /** Throws where there is none of that id. */
  adaptation(id: string): StoredAdaptation;
  /**
   * Claims an adaptation for a process; refuses one that another living process holds. A process of another machine
   * counts as living unless `takeOver` says otherwise. The claim ends with `release`, with `finish` or with the process.
   */
  claim(id: string, claim: AdaptationClaim): void;
  release(id: string): void;
  saveWeights(id: string, weights: string): void;
  /** Once; the same again changes nothing. */
  savePlan(id: string, step: number, plan: unknown): void;
  saveResult(id: string, step: number, place: number, result: unknown): void;
  saveChoice(id: string, step: number, place: number): void;
  step(id: string, step: number): StoredStep | undefined;
  /** In their order. */
  steps(id: string): readonly StoredStep[];
  finish(id: string, outcome: unknown, finishedAt: string): void;
  /** Newest first. */
  all(): readonly StoredAdaptation[];
  close(): void;
}

interface Row {
  readonly number: number;
  readonly identity: string;
  readonly network: string;
  readonly config: string;
  readonly weights: string | null;
  readonly outcome: string | null;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly owner_process: number | null;
  readonly owner_host: string | null;
  readonly owner_started: string | null;
}

const UNFINISHED =
  'SELECT * FROM adaptations WHERE identity = ? AND outcome IS NULL ORDER BY number DESC LIMIT 1';

interface StepRow {
  readonly step: number;
  readonly plan: string;
  readonly chosen: number | null;
}

export function openAdaptationLog(file: string, options: OpenOptions = {}): AdaptationLog {
  const database = openDatabase(file, options);
  const guarded = guardOf(file);
  const transaction = <Result>(work: () => Result): Result =>
    guarded(() => database.transaction(work).immediate());
  const change = (sql: string, ...values: readonly unknown[]) =>
    guarded(() => database.prepare(sql).run(...values));
  const rows = <Found>(sql: string, ...values: readonly unknown[]): readonly Found[] =>
    guarded(() => database.prepare(sql).all(...values) as Found[]);
  const rowOf = (id: string): Row => {
    const [row] = rows<Row>('SELECT * FROM adaptations WHERE number = ?', numberOf(id));
    if (row !== undefined) return row;
    const [last] = rows<{ number: number }>('SELECT number FROM adaptations ORDER BY number DESC LIMIT 1');
    throw new NasError(file, {
      found: `no adaptation '${id}'`,
      expected: last === undefined ? 'a stored one; there is none yet' : `one such as a${last.number}`,
      next: 'nas adapt makes one',
    });
  };
  const stepOf = (id: string, { step, plan, chosen }: StepRow): StoredStep => {
    const results = rows<{ place: number; result: string }>(
      'SELECT place, result FROM adaptation_proposals WHERE adaptation = ? AND step = ? ORDER BY place',
      ...[numberOf(id), step],
    );
    return {
      step,
      plan: JSON.parse(plan),
      ...(chosen === null ? {} : { chosen }),
      results: new Map(results.map(({ place, result }) => [place, JSON.parse(result)])),
    };
  };
  return {
    create: (origin, createdAt, owner) =>
      transaction(() => {
        const { identity, network, config } = origin;
        const [other] = rows<Row>(UNFINISHED, identity);
        if (other !== undefined) {
          refuseOtherOwner(ownerOf(other, hostname()), owner, `${file}: adaptation a${other.number}`);
        }
        const { lastInsertRowid } = change(
          `INSERT INTO adaptations (identity, network, config, created_at, owner_process, owner_host, owner_started)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
          ...[identity, network, JSON.stringify(config), createdAt],
          ...[owner.processId, owner.host, owner.started],
        );
        return { ...origin, id: `a${lastInsertRowid}`, createdAt };
      }),
    unfinished(identity) {
      const [row] = rows<Row>(UNFINISHED, identity);
      return row && fromRow(row);
    },
    finished(identity) {
      const [row] = rows<Row>(
        'SELECT * FROM adaptations WHERE identity = ? AND outcome IS NOT NULL ORDER BY number DESC LIMIT 1',
        identity,
      );
      return row && fromRow(row);
    },
    adaptation: (id) => fromRow(rowOf(id)),
    claim: (id, { owner, takeOver = false }) =>
      transaction(() => {
        const held = takeOver ? undefined : ownerOf(rowOf(id), hostname());
        refuseOtherOwner(held, owner, `${file}: adaptation ${id}`);
        change(
          'UPDATE adaptations SET owner_process = ?, owner_host = ?, owner_started = ? WHERE number = ?',
          ...[owner.processId, owner.host, owner.started, numberOf(id)],
        );
      }),
    release: (id) =>
      void change(
        `UPDATE adaptations SET owner_process = NULL, owner_host = NULL, owner_started = NULL WHERE number = ?`,
        numberOf(id),
      ),
    saveWeights: (id, weights) =>
      void change('UPDATE adaptations SET weights = ? WHERE number = ?', weights, numberOf(id)),
    savePlan: (id, step, plan) =>
      void change(
        'INSERT OR IGNORE INTO adaptation_steps (adaptation, step, plan) VALUES (?, ?, ?)',
        ...[numberOf(id), step, JSON.stringify(plan)],
      ),
    saveResult: (id, step, place, result) =>
      void change(
        'INSERT INTO adaptation_proposals (adaptation, step, place, result) VALUES (?, ?, ?, ?)',
        ...[numberOf(id), step, place, JSON.stringify(result)],
      ),
    saveChoice: (id, step, place) =>
      void change(
        'UPDATE adaptation_steps SET chosen = ? WHERE adaptation = ? AND step = ?',
        ...[place, numberOf(id), step],
      ),
    step(id, step) {
      const [found] = rows<StepRow>(
        'SELECT step, plan, chosen FROM adaptation_steps WHERE adaptation = ? AND step = ?',
        ...[numberOf(id), step],
      );
      return found && stepOf(id, found);
    },
    steps: (id) =>
      rows<StepRow>(
        'SELECT step, plan, chosen FROM adaptation_steps WHERE adaptation = ? ORDER BY step',
        numberOf(id),
      ).map((row) => stepOf(id, row)),
    finish: (id, outcome, finishedAt) =>
      void change(
        `UPDATE adaptations SET outcome = ?, finished_at = ?, owner_process = NULL, owner_host = NULL,
                                owner_started = NULL WHERE number = ?`,
        ...[JSON.stringify(outcome), finishedAt, numberOf(id)],
      ),
    all: () => rows<Row>('SELECT * FROM adaptations ORDER BY number DESC').map(fromRow),
    close: () => void database.close(),
  };
}

function numberOf(id: string): number {
  return Number(id.slice(1));
}

function fromRow({ number, identity, network, config, weights, outcome, ...row }: Row): StoredAdaptation {
  return {
    id: `a${number}`,
    identity,
    network,
    config: JSON.parse(config),
    ...(weights === null ? {} : { weights }),
    ...(outcome === null ? {} : { outcome: JSON.parse(outcome) }),
    createdAt: row.created_at,
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  };
}
