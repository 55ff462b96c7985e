import { readFileSync } from 'node:fs';
import { messageOf, NasError } from '../base/errors.ts';
import { parseJson } from '../base/parse.ts';

/** Reads a JSON document from a file; `expected` says what should be in it. */
export function readJsonFile(file: string, expected: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NasError(file, { found: `cannot be read (${messageOf(cause)})`, expected, cause });
  }
  return parseJson(text, file);
}
