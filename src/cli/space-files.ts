import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NasError } from '../base/errors.ts';
import { parseJson } from '../base/parse.ts';
import type { ProxyTask } from '../space/proxy.ts';
import { parseSpace, type SearchSpace } from '../space/search-space.ts';
import { SEARCH_SPACES } from './folders.ts';

/** The JSON Schema of the other files in `search-spaces/`: what `nas spaces schema` prints. */
const SCHEMA_FILE = 'space.schema.json';

/** A space or a network, with the document it was read from. */
export interface SpaceFile {
  readonly source: unknown;
  readonly space: SearchSpace;
}

/** Reads a space or a network: one that comes with the program by its name, any other by its file. */
export function readSpace(nameOrFile: string): SpaceFile {
  const isFile = nameOrFile.endsWith('.json');
  const file = isFile ? nameOrFile : join(SEARCH_SPACES, `${nameOrFile}.json`);
  const where = isFile ? nameOrFile : `search-spaces/${nameOrFile}.json`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NasError(nameOrFile, {
      found: isFile ? 'no such file' : 'no space or network of that name',
      expected: isFile
        ? 'a space or network as JSON'
        : 'a file, or a name that nas spaces or nas networks lists',
      cause,
    });
  }
  const source = parseJson(text, where);
  return { source, space: parseSpace(source, where) };
}

/** The proxy of a space that is to be searched. */
export function requireProxy(space: SearchSpace): ProxyTask {
  if (space.proxy !== undefined) return space.proxy;
  throw new NasError(space.name, {
    found: space.decisions.length === 0 ? 'one network, with nothing to choose' : 'no proxy',
    expected: 'a space with a proxy: how its networks are made small enough to train by the dozen',
    next: 'nas spaces lists spaces; search-spaces/mobile.json shows a proxy',
  });
}

/** Names of the files in `search-spaces/`. */
export function shippedNames(): readonly string[] {
  return readdirSync(SEARCH_SPACES)
    .filter((file) => file.endsWith('.json') && file !== SCHEMA_FILE)
    .map((file) => basename(file, '.json'))
    .sort();
}
