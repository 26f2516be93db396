import type { Dataset } from './dataset';

/** What names the rows and columns of data in messages. */
export type EntryNames = Pick<Dataset, 'rowLabels' | 'columnLabels' | 'lineOf'>;

/**
 * How messages name a row: by its line, where a person finds it in the file, with its label, which may be that of many rows.
 * Where rows are no lines of a file they have their label, or their number among the rows, from 1.
 */
export function rowName({ rowLabels, lineOf }: EntryNames, row: number): string {
  const label = rowLabels?.[row];
  if (lineOf) return `line ${lineOf(row)}${label === undefined || label === '' ? '' : ` (${label})`}`;
  return `row ${label ?? row + 1}`;
}

/** How messages name an entry: its row as above, and its column by name or number. */
export const entryName = (names: EntryNames, row: number, column: number): string =>
  `${rowName(names, row)}, column ${names.columnLabels?.[column] ?? column + 1}`;
