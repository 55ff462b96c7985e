import { NasError } from '../../base/errors.ts';
import { type Fields, quote } from './fields.ts';
import type { SourceFile } from './format.ts';

/** Comma-separated values as RFC 4180 has them: quotes where a field needs them, doubled inside, lines end with CRLF. */
export function printCsv(records: readonly (readonly string[])[]): string {
  return records.map((fields) => `${fields.map(printField).join(',')}\r\n`).join('');
}

function printField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export interface CsvRecord {
  /** Of its first character, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Reads records one by one, lines ended by CRLF or by LF alone. Lines with nothing on them are none. */
export function* parseCsv({ where, text }: SourceFile): Generator<CsvRecord> {
  // What some spreadsheets begin a file with.
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;

  const refuse = (found: string, expected: string): never => {
    throw new NasError(`${where}:${line}`, { found, expected });
  };
  const quoted = (): string => {
    const begin = at + 1;
    for (let from = begin; ; ) {
      const end = text.indexOf('"', from);
      if (end === -1) refuse('a quote that is not closed', '" at the end of the field');
      if (text[end + 1] !== '"') {
        at = end + 1;
        return text.slice(begin, end).replaceAll('""', '"');
      }
      from = end + 2;
    }
  };
  const bare = (): string => {
    const begin = at;
    while (at < text.length && !/[,\r\n"]/.test(text[at] ?? '')) at++;
    if (text[at] === '"') refuse('a quote inside a field', 'the whole field in quotes, those inside doubled');
    return text.slice(begin, at);
  };

  while (at < text.length) {
    const record = { line, fields: [] as string[] };
    for (;;) {
      const begin = at;
      const field = text[at] === '"' ? quoted() : bare();
      record.fields.push(field);
      for (let i = begin; i < at; i++) if (text[i] === '\n') line++;
      if (text[at] !== ',') break;
      at++;
    }
    if (text.startsWith('\r\n', at)) at += 2;
    else if (text[at] === '\n') at += 1;
    else if (at < text.length) refuse('text after the end of a field', 'a comma or the end of the line');
    line++;
    if (record.fields.length > 1 || record.fields[0] !== '') yield record;
  }
}

/** The columns of a file by their names: `read` says what a header's text stands for, `undefined` where for nothing. */
export interface Header {
  readonly read: (text: string) => string | undefined;
  /** What the columns may be called. */
  readonly expected: string;
}

/** The records after the first, by the names that the first one gives; one of another length is yielded as an error. */
export function* readRecords(file: SourceFile, header: Header): Generator<Fields | NasError> {
  let columns: ReadonlyMap<string, number> | undefined;
  let width = 0;
  for (const { line, fields } of parseCsv(file)) {
    const where = `${file.where}:${line}`;
    if (columns === undefined) {
      columns = readHeader(fields, header, where);
      width = fields.length;
    } else if (fields.length === width) {
      const indexOf = columns;
      yield { where, text: (name) => fields[indexOf.get(name) ?? -1]?.trim() || undefined };
    } else {
      yield new NasError(where, {
        found: `${fields.length} fields`,
        expected: `${width}, as many as the header has`,
      });
    }
  }
}

function readHeader(
  fields: readonly string[],
  { read, expected }: Header,
  where: string,
): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  fields.forEach((text, i) => {
    const name = read(text.trim());
    if (name === undefined || columns.has(name)) {
      const again = name === undefined ? '' : ` beside ${quote(fields[columns.get(name) ?? 0] ?? '')}`;
      throw new NasError(where, { found: `a column ${quote(text)}${again}`, expected });
    }
    columns.set(name, i);
  });
  return columns;
}
