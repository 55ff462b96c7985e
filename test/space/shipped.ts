import { readdirSync, readFileSync } from 'node:fs';
import type { Architecture } from '../../src/space/network.ts';
import { parseSpace, type SearchSpace } from '../../src/space/search-space.ts';

const FOLDER = new URL('../../search-spaces/', import.meta.url);

/** The documents that come with the program, by name, as they are written. */
export const DOCUMENTS: ReadonlyMap<string, unknown> = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && file !== 'space.schema.json')
    .map((file) => [file.replace(/\.json$/, ''), JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))]),
);

const ALL: readonly SearchSpace[] = [...DOCUMENTS].map(([name, document]) => parseSpace(document, name));

export const SPACES: readonly SearchSpace[] = ALL.filter(({ decisions }) => decisions.length > 0);

export const NETWORKS: ReadonlyMap<string, Architecture> = new Map(
  ALL.filter(({ decisions }) => decisions.length === 0).map((space) => [space.where, space.decode([])]),
);

/** A space or a network that comes with the program. */
export function shipped(name: string): SearchSpace {
  const found = ALL.find(({ where }) => where === name);
  if (found === undefined) throw new RangeError(`no space '${name}'`);
  return found;
}
