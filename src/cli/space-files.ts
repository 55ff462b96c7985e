import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NasError } from '../base/errors.ts';
import { parseJson } from '../base/parse.ts';
import { parseSpace, type SearchSpace } from '../space/search-space.ts';
import { SEARCH_SPACES } from './folders.ts';

/** Reads a space or a network: one that comes with the program by its name, any other by its file. */
export function readSpace(nameOrFile: string): SearchSpace {
  const isFile = nameOrFile.endsWith('.json');
  const file = isFile ? nameOrFile : join(SEARCH_SPACES, `${nameOrFile}.json`);
  const where = isFile ? nameOrFile : `search-spaces/${nameOrFile}.json`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NasError(nameOrFile, {
      found: isFile ? 'no such file' : 'no space or network of that name',
      expected: isFile ? 'a space or network as JSON' : `a file, or one of ${shippedNames().join(', ')}`,
      cause,
    });
  }
  return parseSpace(parseJson(text, where), where);
}

/** Names of the files in `search-spaces/`. */
export function shippedNames(): readonly string[] {
  return readdirSync(SEARCH_SPACES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();
}
