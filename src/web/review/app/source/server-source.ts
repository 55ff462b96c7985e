import { type PageKey, printPageKey } from '../../../../report/pages/page-key.ts';
import { DocumentError, type DocumentSource, type Refusal } from './source.ts';

/** Documents from the server that the page came from, and news of it by server-sent events. */
export function serverSource(): DocumentSource {
  return {
    report: undefined,
    has: () => true,
    async read(key: PageKey, signal: AbortSignal) {
      const response = await ask(`/api/${printPageKey(key)}`, { signal });
      if (response.status === 401) {
        throw new DocumentError({
          where: 'nas ui',
          found: 'this browser has not shown the token',
          expected: 'the whole address that nas ui printed, once',
        });
      }
      const document: unknown = await response.json();
      if (!response.ok) throw new DocumentError(document as Refusal);
      return document;
    },
    onChange(listener) {
      const events = new EventSource('/api/changes');
      let isFirst = true;
      events.addEventListener('message', () => {
        // The first tells how things stand, which is being read anyway.
        if (!isFirst) listener();
        isFirst = false;
      });
      return () => events.close();
    },
    async enter(token) {
      return (await ask('/session', { method: 'POST', body: token })).ok;
    },
  };
}

async function ask(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new DocumentError({
      where: 'nas ui',
      found: 'it does not answer',
      next: 'start it again: nas ui',
    });
  }
}
