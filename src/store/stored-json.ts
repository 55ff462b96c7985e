import { NasError } from '../base/errors.ts';
import { parseJson } from '../base/parse.ts';

/*
 * JSON that stands in columns. SQLite sees to types and bounds of its own columns, not to what is inside a text, and a
 * file may have been damaged, or made by somebody.
 */

const NEXT = 'take the database from a backup; what else is in it can still be read';

/** Any JSON; `what` names it: `run r3: config`. */
export function storedJson(text: string, what: string): unknown {
  return parseJson(text, what, NEXT);
}

/** An object. */
export function storedObject(text: string, what: string): object {
  const value = storedJson(text, what);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw damaged(text, what, 'an object');
}

/** Objects in a list. */
export function storedObjects(text: string, what: string): readonly object[] {
  const value = storedJson(text, what);
  const isObject = (each: unknown): each is object => typeof each === 'object' && each !== null;
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw damaged(text, what, 'a list of objects');
}

/** Numbers in a list. */
export function storedNumbers(text: string, what: string): readonly number[] {
  const value = storedJson(text, what);
  if (Array.isArray(value) && value.every((each) => typeof each === 'number')) return value;
  throw damaged(text, what, 'a list of numbers');
}

/** What to say of a column that holds something else. */
export function damaged(text: string, what: string, expected: string): NasError {
  const found = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return new NasError(what, { found: `stored as ${found}`, expected, next: NEXT });
}
