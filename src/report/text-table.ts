import { stripVTControlCharacters } from 'node:util';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

/** Rows in columns, apart by two spaces, without rules: easy to read, to grep and to cut. */
export function textTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row).replaceAll('\n', ' '))),
  ];
  const widths = columns.map((_, column) =>
    lines.reduce((width, line) => Math.max(width, widthOf(line[column] ?? '')), 0),
  );
  return lines
    .map((line) =>
      line
        .map((text, column) => {
          const padding = ' '.repeat((widths[column] ?? 0) - widthOf(text));
          return columns[column]?.align === 'right' ? `${padding}${text}` : `${text}${padding}`;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Characters that a terminal shows of a text, colours left out. */
function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
