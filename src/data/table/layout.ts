import { headerOf, isNumericColumn, textOverNumbers } from './header';
import { detectDecimal, type Decimal } from './number';
import type { NumberedRow } from './rows';
import { columnNames, quote, type ColumnNames } from './columns';
import { cellKind, splitAffix } from './notation';

/** Where in a text file its table stands, and what its first lines are. */
export interface TableLayout {
  decimal: Decimal;
  /** Lines up to this one are no part of the table. */
  skipped: number;
  /** How many records after those name the columns: a second and third one hold units, or names of a finer kind. */
  headerRows: number;
  /** The names as they are written, '' for a column without one; absent where nothing names them. */
  header?: string[];
  /** Number of columns. */
  width: number;
  /** What the columns go by, each by a name of its own. */
  named: ColumnNames;
  /** The first column is there to name the rows, by its own header. */
  rowNames: boolean;
  /** The first rows below the names. */
  body: string[][];
  /** What could be disputed, each a full sentence. */
  warnings: string[];
}

/** Rows that decide how wide a table is. */
const rowsJudged = 100;

/** Cells beyond this many do not change a verdict on the decimal separator. */
const decimalSample = 50_000;

/** Rows of names that are joined, at most. */
const maxHeaderRows = 3;

/** How a line begins that is a comment in some program's files. */
const commentMark = /^\s*(#+|%+|!+|\/\/+)/;

/** Headers of columns that some program wrote to hold the names of rows. */
const rowNamesHeader = /^(?:|unnamed:[ _]?0|row[._ ]?names?|\.\.\.1)$/i;

/**
 * Finds the table in a file's first records: lines in front that are narrower than most, or comments, are no part of it.
 * @param sample the first records of the file
 * @param given what the user said of the header, and of the lines to skip
 */
export function layoutOf(
  sample: readonly NumberedRow[],
  delimiter: string,
  given: { header?: boolean | undefined; skip?: number | undefined },
): TableLayout {
  const found = tableIn(sample, delimiter, given);
  return { ...found, named: columnNames(found.header, found.width) };
}

function tableIn(
  sample: readonly NumberedRow[],
  delimiter: string,
  given: { header?: boolean | undefined; skip?: number | undefined },
): Omit<TableLayout, 'named'> {
  const asked = given.skip ?? 0;
  const records = asked === 0 ? sample : sample.filter(({ line }) => line > asked);
  const rows = records.map(({ cells }) => cells);
  const { decimal, doubtful } = detectDecimal(sampledCells(rows), delimiter);
  const warnings: string[] = [];
  if (doubtful !== undefined) warnings.push(doubtfulSeparator(doubtful, decimal));

  const width = defaultWidth(rows);
  let start = given.skip === undefined ? tableStart(rows, width, decimal) : 0;
  const hashed =
    start === 0 ? undefined : namesInComment(rows[start - 1] ?? [], rows.slice(start), decimal, given.header);
  if (hashed !== undefined) start--;
  if (start > 0) {
    const lines = start === 1 ? '1 line' : `${start} lines`;
    warnings.push(
      `${lines} above the table ${start === 1 ? 'was' : 'were'} left out, the first being ${quote((rows[0] ?? []).join(delimiter))}; if ${start === 1 ? 'it is' : 'they are'} part of it, fill ${start === 1 ? 'it' : 'them'} up to as many cells as the rows have (--skip 0 takes in ${start === 1 ? 'it' : 'them'} as ${start === 1 ? 'it is' : 'they are'}).`,
    );
  }
  const table = rows.slice(start);
  if (hashed !== undefined) table[0] = hashed;
  const finding = headerOf(table, decimal, hashed === undefined ? given.header : true);
  if (finding.warning !== undefined) warnings.push(finding.warning);
  const headerRows = finding.header ? 1 + rowsBelowNames(table, decimal) : 0;
  const body = table.slice(headerRows);
  const skipped = start === 0 ? asked : (records[start - 1]?.line ?? asked);
  if (headerRows === 0) {
    const first = table[0]?.length ?? 0;
    return {
      decimal,
      skipped,
      headerRows,
      width: trailing(table, first) ? first - 1 : first,
      rowNames: false,
      body,
      warnings,
    };
  }
  const header = joinedNames(table.slice(0, headerRows));
  // R writes no name above the names of rows; other programs end every line but the first with a delimiter.
  const shift = body.length > 0 && body.every((row) => row.length === header.length + 1) ? 1 : 0;
  const shifted = shift === 1 && !trailing(body, header.length + 1);
  const names = shifted ? ['', ...header] : header;
  if (headerRows > 1) {
    const example = names.find((name) => name.includes(' [')) ?? names[0] ?? '';
    warnings.push(
      `The ${headerRows === 2 ? 'second row was' : `${headerRows - 1} rows below the first were`} taken for units or names of a finer kind and joined to the names, as in ${quote(example)}.`,
    );
  }
  const rowNames = names.length > 1 && rowNamesHeader.test((names[0] ?? '').trim());
  return { decimal, skipped, headerRows, header: names, width: names.length, rowNames, body, warnings };
}

function doubtfulSeparator(cell: string, decimal: Decimal): string {
  const [mark, name] = cell.includes(',')
    ? (['comma', 'semicolons between the cells'] as const)
    : (['point', 'commas between the cells'] as const);
  return (mark === 'comma') === (decimal === ',')
    ? `The ${mark} in numbers such as ${quote(cell)} was taken for a decimal ${mark}; if it separates thousands, remove it.`
    : `The ${mark} in numbers such as ${quote(cell)} was taken to separate thousands; if it is a decimal ${mark}, put ${name}.`;
}

/** The cells that speak of the decimal separator, without what stands around their digits. */
function* sampledCells(rows: readonly string[][]): Generator<string> {
  let count = 0;
  for (const row of rows) {
    for (const raw of row) {
      if (count++ > decimalSample) return;
      // Without a separator there is nothing to learn.
      if (!raw.includes('.') && !raw.includes(',')) continue;
      const cell = raw.trim();
      yield splitAffix(cell)?.number ?? cell;
    }
  }
}

/** How many cells most of the rows have; comments do not count. */
function defaultWidth(rows: readonly string[][]): number {
  const counts = new Map<number, number>();
  for (const row of rows.slice(0, rowsJudged)) {
    if (!isComment(row)) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  }
  let width = rows[0]?.length ?? 0;
  let most = 0;
  for (const [candidate, count] of counts) {
    if (count > most || (count === most && candidate > width)) [width, most] = [candidate, count];
  }
  return width;
}

export function isComment(row: readonly string[]): boolean {
  return commentMark.test(row[0] ?? '');
}

/** Index of the first row that belongs to the table. */
function tableStart(rows: readonly string[][], width: number, decimal: Decimal): number {
  // Where every line begins so, it is no comment: `#1`, `#2` … are names.
  const comments = !rows.every(isComment);
  for (let start = 0; start < rows.length - 1; start++) {
    const row = rows[start] ?? [];
    if (comments && isComment(row)) continue;
    if (!isAbove(row, rows.slice(start + 1, start + 1 + rowsJudged), width, decimal)) return start;
  }
  return rows.length > 0 && comments && isComment(rows[0] ?? []) && rows.length > 1 ? rows.length - 1 : 0;
}

/** Whether a row is a title or a remark above the table, judged by those that follow. */
function isAbove(row: readonly string[], following: readonly string[][], width: number, decimal: Decimal): boolean {
  const [next = []] = following;
  const named = headerOf(following, decimal, undefined).header;
  if (row.length >= width) {
    // Spreadsheets fill a title up with empty cells; names stand right above the numbers.
    const filled = filledCells(row);
    return width >= 3 && (filled === 0 || (filled === 1 && (named || filledCells(next) <= 1)));
  }
  // Names lack one where names of rows have none.
  if (row.length === width - 1 && !named) return false;
  return named || !row.some((cell) => cellKind(cell.trim(), decimal) === 'number');
}

/** How many cells there are up to the last that is not empty. */
function filledCells(row: readonly string[]): number {
  return row.findLastIndex((cell) => cell.trim() !== '') + 1;
}

/**
 * The names that a comment right above the numbers holds, as `# a b c` of NumPy's savetxt does; undefined where it is a
 * remark. A mark that is a cell of its own belongs to the comment.
 */
function namesInComment(
  row: readonly string[],
  table: readonly string[][],
  decimal: Decimal,
  given: boolean | undefined,
): string[] | undefined {
  if (given === false || !isComment(row) || headerOf(table, decimal, undefined).header) return undefined;
  const [first = '', ...rest] = row;
  const mark = commentMark.exec(first)?.[0] ?? '';
  // A name may begin with a per cent sign or an exclamation mark; with a blank after it, it is a mark.
  const bare = /[#/]/.test(mark) || /^\s/.test(first.slice(mark.length)) ? first.slice(mark.length).trim() : first;
  const width = defaultWidth(table);
  // A hash alone may be the name of a column that numbers the rows.
  const names = bare !== '' ? [bare, ...rest] : row.length === width ? row : rest;
  return (names.length === width || names.length === width - 1) && textOverNumbers(names, table, decimal) !== 'numbers'
    ? [...names]
    : undefined;
}

/** How many rows below the first are units or names of a finer kind: text over columns of numbers. */
function rowsBelowNames(table: readonly string[][], decimal: Decimal): number {
  let count = 0;
  while (count < maxHeaderRows - 1) {
    const row = table[count + 1];
    const body = table.slice(count + 2);
    if (row === undefined || body.length === 0 || textOverNumbers(row, body, decimal) !== 'only text') break;
    // What stands in the column again is a mark of its own, not the unit.
    const again = row.some((cell, column) => {
      const text = cell.trim();
      return (
        text !== '' &&
        isNumericColumn(body, column, decimal) &&
        cellKind(text, decimal) === 'text' &&
        body.some((other) => (other[column] ?? '').trim() === text)
      );
    });
    if (again) break;
    count++;
  }
  return count;
}

/** One name a column: `Temp` over `oC` is `Temp [oC]`. */
function joinedNames(rows: readonly string[][]): string[] {
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return Array.from({ length: width }, (_, column) => {
    const parts = rows.map((row) => (row[column] ?? '').trim()).filter((part) => part !== '');
    const [name = '', ...below] = parts;
    return below.length === 0
      ? name
      : `${name} ${below.map((part) => (/^[[(].*[\])]$/.test(part) ? part : `[${part}]`)).join(' ')}`;
  });
}

/** Whether the last of so many cells is empty in every row that has it: then a delimiter ends the rows. */
function trailing(rows: readonly string[][], width: number): boolean {
  return (
    width > 1 && rows.length > 0 && rows.every((row) => row.length === width && (row[width - 1] ?? '').trim() === '')
  );
}
