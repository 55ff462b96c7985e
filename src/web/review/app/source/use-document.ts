import { useContext, useEffect, useState } from 'react';
import type { PageDocuments } from '../../../../report/pages/documents.ts';
import { type PageKey, printPageKey } from '../../../../report/pages/page-key.ts';
import { DocumentError, type DocumentSource, type Refusal, SourceContext } from './source.ts';

/** What is known of a document by now. The one before stays until the new one is there. */
export interface Loaded<Document> {
  readonly document: Document | undefined;
  readonly refusal: Refusal | undefined;
}

/** Of a busy run, this long at least between two readings, and three times as long as one takes. */
const LEAST_PAUSE_MS = 700;

/** The document of a page, read anew whenever something is stored. */
export function useDocument<Key extends PageKey>(key: Key): Loaded<PageDocuments[Key['page']]> {
  const source = useContext(SourceContext);
  const name = printPageKey(key);
  const [loaded, setLoaded] = useState<Loaded<PageDocuments[Key['page']]> & { readonly name: string }>({
    name,
    document: undefined,
    refusal: undefined,
  });
  // A key of the same name is the same key.
  useEffect(
    () =>
      follow(source, key, {
        onDocument: (document) =>
          setLoaded({ name, document: document as PageDocuments[Key['page']], refusal: undefined }),
        onRefusal: (refusal) =>
          setLoaded((before) => ({
            ...(before.name === name ? before : { document: undefined }),
            name,
            refusal,
          })),
      }),
    [source, name],
  );
  return loaded.name === name ? loaded : { document: undefined, refusal: undefined };
}

interface Follower {
  onDocument(document: unknown): void;
  onRefusal(refusal: Refusal): void;
}

/** Reads now and after each change, one reading at a time. Returns what ends it. */
function follow(source: DocumentSource, key: PageKey, { onDocument, onRefusal }: Follower): () => void {
  const ending = new AbortController();
  let isReading = false;
  let isStale = false;
  const read = async (): Promise<void> => {
    if (isReading) {
      isStale = true;
      return;
    }
    isReading = true;
    isStale = false;
    const startMs = performance.now();
    try {
      const document = await source.read(key, ending.signal);
      if (!ending.signal.aborted) onDocument(document);
    } catch (error) {
      if (ending.signal.aborted) return;
      onRefusal(error instanceof DocumentError ? error.refusal : { where: 'the page', found: String(error) });
    }
    const pauseMs = Math.max(LEAST_PAUSE_MS, 3 * (performance.now() - startMs));
    setTimeout(() => {
      isReading = false;
      if (isStale && !ending.signal.aborted) void read();
    }, pauseMs);
  };
  void read();
  const stop = source.onChange(() => void read());
  return () => {
    ending.abort();
    stop();
  };
}
