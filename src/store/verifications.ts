import { guardOf, type OpenOptions, openDatabase } from './open-database.ts';

/** What an exported file came to on a device. */
export interface StoredVerification {
  /** Short: `v1`, `v2`, … */
  readonly id: string;
  /** As the user named it. */
  readonly network: string;
  readonly report: unknown;
  /** ISO 8601. */
  readonly madeAt: string;
}

/** Verifications, in the same file as the runs. What `save` was given is durable when it returns. */
export interface VerificationLog {
  /** Returns the id. */
  save(verification: Omit<StoredVerification, 'id'>): string;
  /** Newest first. */
  all(): readonly StoredVerification[];
  close(): void;
}

export function openVerificationLog(file: string, options: OpenOptions = {}): VerificationLog {
  const database = openDatabase(file, options);
  const guarded = guardOf(file);
  return {
    save: ({ network, report, madeAt }) =>
      guarded(() => {
        const { lastInsertRowid } = database
          .prepare('INSERT INTO verifications (network, report, made_at) VALUES (?, ?, ?)')
          .run(network, JSON.stringify(report), madeAt);
        return `v${lastInsertRowid}`;
      }),
    all: () =>
      guarded(() => {
        const rows = database
          .prepare(
            'SELECT number, network, report, made_at AS madeAt FROM verifications ORDER BY number DESC',
          )
          .all() as readonly { number: number; network: string; report: string; madeAt: string }[];
        return rows.map(({ number, network, report, madeAt }) => ({
          ...{ id: `v${number}`, network, madeAt },
          report: JSON.parse(report),
        }));
      }),
    close: () => void database.close(),
  };
}
