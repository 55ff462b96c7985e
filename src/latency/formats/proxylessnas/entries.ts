import { parseDocument } from 'yaml';
import { messageOf, NasError } from '../../../base/errors.ts';
import { quote } from '../fields.ts';
import type { SourceFile } from '../format.ts';

/** The lines of one key and its value. */
export interface Entry {
  /** Of the file, with the line of the key. */
  readonly where: string;
  readonly yaml: string;
}

/** Longer than any entry; the time and the memory that YAML takes are bounded by the entry, not by the file. */
const LONGEST_ENTRY = 4096;

/** Cuts a file at the lines that begin with a key; the lines after one that are indented belong to it. */
export function* entriesOf({ where, text }: SourceFile): Generator<Entry> {
  let yaml = '';
  let begin = 1;
  let line = 0;
  for (const [content] of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    line++;
    if (/^(#|---\s*$|\s*$)/.test(content)) continue;
    if (/^[^\s:]/.test(content)) {
      if (yaml !== '') yield { where: `${where}:${begin}`, yaml };
      yaml = '';
      begin = line;
    }
    if (yaml.length <= LONGEST_ENTRY) yaml += content;
  }
  if (yaml !== '') yield { where: `${where}:${begin}`, yaml };
}

/** The key of an entry, and what it has. */
export function parseEntry({ where, yaml }: Entry): readonly [string, object] {
  const refuse = (found: string): never => {
    throw new NasError(where, { found, expected: "a layer with its 'mean', as YAML" });
  };
  if (yaml.length > LONGEST_ENTRY) refuse(`an entry of more than ${LONGEST_ENTRY} characters`);
  let parsed: unknown;
  try {
    const document = parseDocument(yaml, { prettyErrors: false, logLevel: 'silent' });
    const [error] = document.errors;
    if (error !== undefined) refuse(`no YAML (${error.message})`);
    // No alias stands for another value, so that no few lines are millions.
    parsed = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw error instanceof NasError ? error : refuse(`no YAML (${messageOf(error)})`);
  }
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  const [[key, value] = ['', undefined], second] = entries;
  if (Array.isArray(parsed) || second !== undefined || typeof value !== 'object' || value === null) {
    refuse(entries.length === 0 ? 'no key' : `${quote(key)} with something else`);
  }
  return [key, value as object];
}
