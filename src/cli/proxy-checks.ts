import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOf } from '../base/digest.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import type { ProxyCheck } from '../flows/proxy-check.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Store } from '../store/store.ts';
import { SEARCH_SPACES } from './folders.ts';

const proxyCheckSchema = z.object({
  longerBy: z.number(),
  points: z.array(
    z.object({
      genotype: z.array(z.number()),
      macs: z.number(),
      shortAccuracy: z.number(),
      longAccuracy: z.number(),
    }),
  ),
  rankCorrelation: z.number(),
  rankCorrelationAtEqualMacs: z.number(),
  interval95: z.tuple([z.number(), z.number()]),
});

/** A check of a proxy as it is kept: worth something only for the same space, proxy and dataset. */
const keptCheckSchema = z.object({ key: z.string(), check: proxyCheckSchema });

/** What a proxy check holds for: the space with its proxy, and the dataset's name. */
export function proxyCheckKey(space: Pick<SearchSpace, 'digest'>, dataset: string): string {
  return digestOf([space.digest, dataset]);
}

/** The check of a space's proxy: the one of this database, or else the one that comes with the program. */
export function findProxyCheck(
  store: Store | undefined,
  space: Pick<SearchSpace, 'name' | 'digest'>,
  dataset: string,
): ProxyCheck | undefined {
  const key = proxyCheckKey(space, dataset);
  const own = store?.proxyCheck(key);
  if (own !== undefined) return parseWith(proxyCheckSchema, own, `proxy check of ${space.name}`);
  const file = join(SEARCH_SPACES, 'checks', `${space.name}.json`);
  if (!existsSync(file)) return undefined;
  const kept = parseWith(keptCheckSchema, parseJson(readFileSync(file, 'utf8'), file), file);
  return kept.key === key ? kept.check : undefined;
}
