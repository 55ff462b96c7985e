import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv, printCsv } from '../../../src/latency/formats/csv.ts';

const read = (text: string) => [...parseCsv({ where: 't.csv', text })];
const fieldsOf = (text: string) => read(text).map(({ fields }) => fields);

test('fields with commas, quotes or line ends are in quotes, and lines end with CRLF', () => {
  expect(printCsv([['a', 'b,c', '"d"', 'e\nf', '']])).toBe('a,"b,c","""d""","e\nf",\r\n');
});

test('records are read back as they were', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', ' ', 'ü', '\u2028') });
  const records = fc.array(fc.array(text, { minLength: 2, maxLength: 4 }));
  fc.assert(
    fc.property(records, (rows) => {
      expect(fieldsOf(printCsv(rows))).toEqual(rows);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('lines may end with LF, the last one with nothing, and begin with a byte order mark', () => {
  expect(fieldsOf('\uFEFFa,b\nc,d\r\n\r\n\n"e",f')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f'],
  ]);
});

test('a record says where it begins', () => {
  expect(read('a,"b\nb\r\nb"\n\nc,d').map(({ line }) => line)).toEqual([1, 5]);
});

test.each([
  ['a\nb,"c', 't.csv:2: a quote that is not closed; expected " at the end of the field'],
  ['a\nb,c"d"', 't.csv:2: a quote inside a field; expected the whole field in quotes, those inside doubled'],
  ['a\n"b"c', 't.csv:2: text after the end of a field; expected a comma or the end of the line'],
  ['a\rb', 't.csv:1: text after the end of a field; expected a comma or the end of the line'],
])('%j is refused', (text, message) => {
  expect(() => read(text)).toThrow(message);
});
