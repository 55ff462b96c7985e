import { type PageKey, printPageKey } from '../../../../report/pages/page-key.ts';
import { DocumentError, type DocumentSource } from './source.ts';

/** What stands in the file of a report. */
interface EmbeddedReport {
  readonly title: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** The page that it opens with. */
  readonly home: string;
  /** By the keys of their pages. */
  readonly documents: Readonly<Record<string, unknown>>;
}

/** The report that this page is, if it is one. */
export function embeddedReport(): EmbeddedReport | undefined {
  const text = document.getElementById('nas-report')?.textContent;
  return text ? (JSON.parse(text) as EmbeddedReport) : undefined;
}

export function reportSource({ documents, ...report }: EmbeddedReport): DocumentSource {
  const has = (key: PageKey): boolean => Object.hasOwn(documents, printPageKey(key));
  return {
    report,
    has,
    read: (key) =>
      has(key)
        ? Promise.resolve(documents[printPageKey(key)])
        : Promise.reject(
            new DocumentError({
              where: printPageKey(key),
              found: 'no part of this report',
              expected: 'one of its pages',
              next: 'nas ui, where the runs are stored, has them all',
            }),
          ),
    onChange: () => () => {},
    enter: () => Promise.resolve(false),
  };
}
