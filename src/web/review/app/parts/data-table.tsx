import { type ReactNode, useState } from 'react';
import { saveCsv } from './save-file.ts';
import { ScrollBox } from './scroll-box.tsx';

export interface DataColumn<Row> {
  readonly title: string;
  /** What the column is sorted by and what a CSV file has of it; units are those of the title, which a CSV file has too. */
  readonly value: (row: Row) => number | string | null;
  /** What is shown, where that is not the value. */
  readonly cell?: (row: Row) => ReactNode;
  readonly align?: 'right';
}

interface DataTableProps<Row> {
  /** Of the table, for screen readers, and of its file. */
  readonly name: string;
  readonly rows: readonly Row[];
  readonly columns: readonly DataColumn<Row>[];
  readonly rowKey: (row: Row) => string | number;
  /** Where no cell may be broken. */
  readonly isOneLine?: boolean;
}

/** Rows that are shown before more are asked for. */
const SHOWN = 25;

interface Order {
  readonly column: string;
  readonly isDescending: boolean;
}

/** A table that is sorted by its headings and saved as CSV. */
export function DataTable<Row>({ name, rows, columns, rowKey, isOneLine = false }: DataTableProps<Row>) {
  const [order, setOrder] = useState<Order>();
  const [isWhole, setWhole] = useState(false);
  const sorted = order === undefined ? rows : sortedBy(rows, columns, order);
  const shown = isWhole ? sorted : sorted.slice(0, SHOWN);
  const turn = (column: string): void =>
    setOrder((before) => ({
      column,
      isDescending: before?.column === column ? !before.isDescending : false,
    }));
  return (
    <>
      <ScrollBox label={name}>
        <table className={isOneLine ? 'one-line' : undefined}>
          <thead>
            <tr>
              {columns.map(({ title, align, cell }) => (
                <th key={title} scope="col" className={align} aria-sort={sortOf(order, title)}>
                  <button type="button" onClick={() => turn(title)}>
                    {cell === undefined ? title : withoutUnit(title)}
                    <span aria-hidden="true">
                      {order?.column === title ? (order.isDescending ? ' ↓' : ' ↑') : ''}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={rowKey(row)}>
                {columns.map(({ title, align, cell, value }) => (
                  <td key={title} className={align}>
                    {cell === undefined ? value(row) : cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p className="tools">
        {rows.length > SHOWN && (
          <button type="button" onClick={() => setWhole(!isWhole)}>
            {isWhole ? `show ${SHOWN}` : `show all ${rows.length}`}
          </button>
        )}
        <button
          type="button"
          onClick={() => saveCsv(name, recordsOf(sorted, columns))}
          aria-label={`${name} as CSV`}
        >
          CSV
        </button>
      </p>
    </>
  );
}

/** Of a column whose cells have units of their own. */
function withoutUnit(title: string): string {
  return title.replace(/ \((ms|%)\)$/, '');
}

function recordsOf<Row>(
  rows: readonly Row[],
  columns: readonly DataColumn<Row>[],
): readonly (readonly string[])[] {
  return [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => String(value(row) ?? ''))),
  ];
}

function sortOf(order: Order | undefined, title: string): 'ascending' | 'descending' | undefined {
  if (order?.column !== title) return undefined;
  return order.isDescending ? 'descending' : 'ascending';
}

/** What has no value goes last, whichever way. */
function sortedBy<Row>(
  rows: readonly Row[],
  columns: readonly DataColumn<Row>[],
  { column, isDescending }: Order,
): readonly Row[] {
  const value = columns.find(({ title }) => title === column)?.value ?? (() => null);
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [mine, theirs] = [value(a), value(b)];
    if (mine === null || theirs === null) return Number(mine === null) - Number(theirs === null);
    if (typeof mine === 'number' && typeof theirs === 'number') return sign * (mine - theirs);
    return sign * String(mine).localeCompare(String(theirs), 'en', { numeric: true });
  });
}
