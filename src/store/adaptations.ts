import { explain, type OpenOptions, openDatabase } from './open-database.ts';

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
  create(origin: AdaptationOrigin, createdAt: string): StoredAdaptation;
  /** The newest of an identity that has no outcome. */
  unfinished(identity: string): StoredAdaptation | undefined;
  saveWeights(id: string, weights: string): void;
  /** Once; the same again changes nothing. */
  savePlan(id: string, step: number, plan: unknown): void;
  saveResult(id: string, step: number, place: number, result: unknown): void;
  saveChoice(id: string, step: number, place: number): void;
  step(id: string, step: number): StoredStep | undefined;
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
}

export function openAdaptationLog(file: string, options: OpenOptions = {}): AdaptationLog {
  const database = openDatabase(file, options);
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw explain(file, error);
    }
  };
  const change = (sql: string, ...values: readonly unknown[]) =>
    guarded(() => database.prepare(sql).run(...values));
  const rows = <Found>(sql: string, ...values: readonly unknown[]): readonly Found[] =>
    guarded(() => database.prepare(sql).all(...values) as Found[]);
  return {
    create(origin, createdAt) {
      const { identity, network, config } = origin;
      const { lastInsertRowid } = change(
        'INSERT INTO adaptations (identity, network, config, created_at) VALUES (?, ?, ?, ?)',
        ...[identity, network, JSON.stringify(config), createdAt],
      );
      return { ...origin, id: `a${lastInsertRowid}`, createdAt };
    },
    unfinished(identity) {
      const [row] = rows<Row>(
        'SELECT * FROM adaptations WHERE identity = ? AND outcome IS NULL ORDER BY number DESC LIMIT 1',
        identity,
      );
      return row && fromRow(row);
    },
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
      const [found] = rows<{ plan: string; chosen: number | null }>(
        'SELECT plan, chosen FROM adaptation_steps WHERE adaptation = ? AND step = ?',
        ...[numberOf(id), step],
      );
      if (found === undefined) return undefined;
      const results = rows<{ place: number; result: string }>(
        'SELECT place, result FROM adaptation_proposals WHERE adaptation = ? AND step = ? ORDER BY place',
        ...[numberOf(id), step],
      );
      return {
        step,
        plan: JSON.parse(found.plan),
        ...(found.chosen === null ? {} : { chosen: found.chosen }),
        results: new Map(results.map(({ place, result }) => [place, JSON.parse(result)])),
      };
    },
    finish: (id, outcome, finishedAt) =>
      void change(
        'UPDATE adaptations SET outcome = ?, finished_at = ? WHERE number = ?',
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
