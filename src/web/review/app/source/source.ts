import { createContext } from 'react';
import type { PageKey } from '../../../../report/pages/page-key.ts';

/** Why a page cannot be shown, in the words of the program's errors. */
export interface Refusal {
  readonly where: string;
  readonly found: string;
  readonly expected?: string;
  readonly next?: string;
}

export class DocumentError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.where}: ${refusal.found}`);
    this.refusal = refusal;
  }
}

/** Where the documents of the pages come from: the server, or the file that a report is. */
export interface DocumentSource {
  /** Rejects with a DocumentError. */
  read(key: PageKey, signal: AbortSignal): Promise<unknown>;
  /** Whether there may be such a page; a link to one that cannot be is text. */
  has(key: PageKey): boolean;
  /** Calls when something was stored; returns what ends that. */
  onChange(listener: () => void): () => void;
  /** What a report is of; `undefined` of what is live. */
  readonly report: { readonly title: string; readonly madeAt: string; readonly home: string } | undefined;
  /** Shows the token of the address; whether it lets this browser in. */
  enter(token: string): Promise<boolean>;
}

export const SourceContext = createContext<DocumentSource>({
  read: () => Promise.reject(new Error('no source')),
  has: () => false,
  onChange: () => () => {},
  report: undefined,
  enter: () => Promise.resolve(false),
});
