import type { ReactNode } from 'react';
import type { Loaded } from '../source/use-document.ts';
import { RefusalNote } from './refusal-note.tsx';

interface WholeDocumentProps<Document> {
  readonly of: Loaded<Document>;
  readonly children: (document: Document) => ReactNode;
}

/** A document once it is there; what stands against it beside one of before. */
export function WholeDocument<Document>({
  of: { document, refusal },
  children,
}: WholeDocumentProps<Document>) {
  return (
    <>
      {refusal !== undefined && <RefusalNote refusal={refusal} />}
      {document !== undefined && children(document)}
      {document === undefined && refusal === undefined && <p className="quiet">Reading…</p>}
    </>
  );
}
