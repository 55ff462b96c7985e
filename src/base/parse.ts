import type { z } from 'zod';
import { messageOf, NasError } from './errors.ts';

interface ParseOptions {
  /** What to do about data that are not as expected. */
  readonly next?: string;
  /** Where the author finds what stands at a path; only needed where the data were put together from others. */
  readonly printPath?: (path: readonly PropertyKey[]) => string;
}

/**
 * Reads unknown data by a schema: typed and trusted from here on.
 * The first thing wrong becomes an error such as
 * `search-spaces/x.json: stages[3].block.kernel is 4; expected 3, 5 or 7`.
 */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
  options: ParseOptions = {},
): z.output<Schema> {
  const { next, printPath: print = printPath } = options;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = innermost(parsed.error.issues[0]);
  const found = at(value, issue.path);
  throw new NasError(where, {
    found: `${print(issue.path) || 'the document'} is ${found === undefined ? 'missing' : shorten(found)}`,
    expected: expectation(issue),
    ...(next === undefined ? {} : { next }),
  });
}

/** Levels of lists and objects in a document. What reads a document goes down by calls, of which a stack holds some thousand. */
const DEEPEST = 200;

/** Reads JSON text, nested no deeper than anybody writes; the answer still has to be parsed by a schema. */
export function parseJson(text: string, where: string, next?: string): unknown {
  const refuse = (found: string, expected: string, cause?: unknown): NasError =>
    new NasError(where, { found, expected, ...(next === undefined ? {} : { next }), cause });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw refuse(`not JSON (${messageOf(cause)})`, 'a JSON document', cause);
  }
  if (isDeeperThan(document, DEEPEST)) {
    throw refuse(
      `lists and objects inside each other, more than ${DEEPEST} deep`,
      `at most ${DEEPEST} levels`,
    );
  }
  return document;
}

/** Level by level, since a document may be deeper than the stack. */
function isDeeperThan(document: unknown, levels: number): boolean {
  let level = [document].filter(isNested);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true;
    level = level.flatMap((value) => Object.values(value).filter(isNested));
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** `['stages', 3, 'block']` as `stages[3].block`. */
export function printPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

type Issue = z.core.$ZodIssue;

/** Of a union's branches, the complaint that got deepest: the branch the author meant. */
function innermost(issue: Issue | undefined): Issue {
  if (issue === undefined) throw new RangeError('a failed parse has an issue');
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const branches = issue.errors.map((branch) => innermost(branch[0]));
  const deepest = branches.reduce((a, b) => (b.path.length > a.path.length ? b : a));
  if (deepest.path.length === 0) {
    return { ...issue, code: 'custom', message: branches.map(expectation).join(' or ') };
  }
  return { ...deepest, path: [...issue.path, ...deepest.path] };
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_value':
      return listOf(issue.values.map((value) => JSON.stringify(value)));
    case 'invalid_type':
      return issue.expected === 'int'
        ? 'a whole number'
        : `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${issue.origin === 'array' ? ' items' : ''}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${issue.origin === 'array' ? ' items' : ''}`;
    case 'unrecognized_keys':
      return `no field ${listOf(issue.keys.map((key) => `'${key}'`))}`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? listOf(issue.options.map(String))
        : issue.message;
    default:
      return issue.message;
  }
}

/** `3, 5 or 7` */
export function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner === null || typeof inner !== 'object' ? undefined : Reflect.get(inner, key)),
    value,
  );
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
