import { useSyncExternalStore } from 'react';
import { type PageKey, parsePageKey, printPageKey } from '../../../report/pages/page-key.ts';

/** Where the reader is: the part of the address behind `#/`, such as `runs/r1?target=12`. */
export interface Route {
  readonly path: string;
  /** `undefined` where the address is of no page. */
  readonly key: PageKey | undefined;
  readonly query: URLSearchParams;
}

export function useRoute(home: string): Route {
  const hash = useSyncExternalStore(
    (changed) => {
      addEventListener('hashchange', changed);
      return () => removeEventListener('hashchange', changed);
    },
    () => location.hash,
  );
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const shown = path === '' ? home : path;
  return { path: shown, key: parsePageKey(shown), query: new URLSearchParams(query) };
}

/** What a link to a page says. */
export function addressOf(key: PageKey, query: Readonly<Record<string, string>> = {}): string {
  const asked = new URLSearchParams(query).toString();
  return `#/${printPageKey(key)}${asked === '' ? '' : `?${asked}`}`;
}

/** Changes a part of the address, so that it can be passed on, without a step of its own in the history. */
export function rewriteQuery(name: string, value: string): void {
  const [path = '', query = ''] = location.hash.split('?', 2);
  const params = new URLSearchParams(query);
  params.set(name, value);
  history.replaceState(null, '', `${path || '#/'}?${params}`);
}
