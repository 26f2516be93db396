import type { Decimal } from './number';
import { isMissing, parseNumber } from './number';
import { cellKind, isMissingWord } from './notation';

/** Whether the first row names the columns, and a sentence for the user where that could be disputed. */
export interface HeaderFinding {
  header: boolean;
  warning?: string;
}

/** Of a column's observed cells, at most this share may be something else in a column of numbers. */
export const strayShare = 0.05;

/** Where numbers stand over numbers, so many of them in order are no accident. */
const inOrderByDesign = 5;

/** What was said of the header, or else what the rows tell. */
export function headerOf(rows: readonly string[][], decimal: Decimal, given: boolean | undefined): HeaderFinding {
  return given === undefined ? detectHeader(rows, decimal) : { header: given };
}

/**
 * Decides whether the first row is a header: it is when columns of numbers begin with text, at least as many of them as
 * with a number, since a single odd cell may stand anywhere. When numbers stand over numbers it is one only if they count
 * columns (0, 1, 2 … or 1, 2, 3 …), are years in order, or are in order beside a corner that names no number, as
 * wavelengths are, and the rows below are not so.
 * @param rows the sampled rows, the first one included
 */
export function detectHeader(rows: readonly string[][], decimal: Decimal): HeaderFinding {
  const [first = [], ...body] = rows;
  if (body.length === 0) {
    return { header: !first.some((cell) => isNumber(cell, decimal)) };
  }
  // Where names of rows have no name of their own, as R and pandas write it, the header is one cell short.
  if (body.length > 1 && isShortHeader(rows)) return { header: true };
  switch (textOverNumbers(first, body, decimal)) {
    case 'only text':
    case 'text':
    case 'no numbers':
      return { header: true };
    case 'numbers':
      break;
  }
  const disputed = (why: string): HeaderFinding => ({
    header: true,
    warning: `The first row was taken for the names of the columns, since its numbers ${why}; if it is data, say so (--header no; in the editor the setting factorlens.header), or put a row of names above it.`,
  });
  if (countsColumns(first, decimal) && !body.some((row) => countsColumns(row, decimal))) {
    return disputed('only count them or are years');
  }
  if (isLoneYear(first, body, decimal)) return disputed('only count them or are years');
  if (isInOrder(first, body, decimal)) return disputed('are in order and those below are not');
  return { header: false };
}

/** Whether every row below the first has exactly one cell more than the first, and puts something into it. */
function isShortHeader(rows: readonly string[][]): boolean {
  const [first = [], ...body] = rows;
  const width = first.length + 1;
  return (
    body.length > 0 &&
    body.every((row) => row.length === width) &&
    body.some((row) => (row[width - 1] ?? '').trim() !== '')
  );
}

/** What a row holds over columns of numbers: text alone, text over at least half of them, numbers, or there are no such columns. */
export function textOverNumbers(
  row: readonly string[],
  body: readonly string[][],
  decimal: Decimal,
): 'only text' | 'text' | 'numbers' | 'no numbers' {
  let texts = 0;
  let numbers = 0;
  let numeric = 0;
  const width = Math.max(row.length, body[0]?.length ?? 0);
  for (let column = 0; column < width; column++) {
    if (!isNumericColumn(body, column, decimal)) continue;
    numeric++;
    const cell = (row[column] ?? '').trim();
    if (isMissing(cell) || isMissingWord(cell)) continue;
    const kind = cellKind(cell, decimal);
    if (kind === 'text') texts++;
    else numbers++;
  }
  if (numeric === 0) return 'no numbers';
  if (texts > 0 && numbers === 0) return 'only text';
  return texts > 0 && texts >= numbers ? 'text' : 'numbers';
}

/** Whether most of what a column tells are numbers. */
export function isNumericColumn(rows: readonly string[][], column: number, decimal: Decimal): boolean {
  let numbers = 0;
  let texts = 0;
  for (const row of rows) {
    switch (cellKind((row[column] ?? '').trim(), decimal)) {
      case 'number':
        numbers++;
        break;
      case 'text':
        texts++;
        break;
      case 'bound':
      case 'missing':
        break;
    }
  }
  return numbers > 0 && texts <= numbers;
}

function isNumber(cell: string, decimal: Decimal): boolean {
  return !Number.isNaN(parseNumber(cell.trim(), decimal));
}

function numbersOf(row: readonly string[], decimal: Decimal): number[] {
  return row.map((cell) => parseNumber(cell.trim(), decimal)).filter((value) => !Number.isNaN(value));
}

function countsColumns(row: readonly string[], decimal: Decimal): boolean {
  const numbers = numbersOf(row, decimal);
  const [first, second] = numbers;
  if (first === undefined || second === undefined) {
    return false;
  }
  const years = numbers.every(isYear) && rises(numbers);
  const counting = (first === 0 || first === 1) && numbers.every((value, index) => value === first + index);
  return years || (counting && numbers.length >= 4);
}

/** Whether the first row names a column of text by a word and one of numbers by a year, which its numbers are not. */
function isLoneYear(first: readonly string[], body: readonly string[][], decimal: Decimal): boolean {
  const [year, ...others] = numbersOf(first, decimal);
  if (year === undefined || others.length > 0 || !isYear(year) || !/^\p{L}/u.test((first[0] ?? '').trim()))
    return false;
  return !body.some((row) => numbersOf(row, decimal).some(isYear));
}

function isYear(value: number): boolean {
  return Number.isInteger(value) && value >= 1800 && value <= 2100;
}

/** Whether the first row's numbers are in order beside a corner that is none, and those of most rows below are not. */
function isInOrder(first: readonly string[], body: readonly string[][], decimal: Decimal): boolean {
  const [corner = ''] = first;
  if (isNumber(corner, decimal)) return false;
  const unnamed = corner.trim() === '';
  if (!unnamed && isNumericColumn(body, 0, decimal)) return false;
  const numbers = numbersOf(first, decimal);
  const steady = rises(numbers) || rises(numbers.toReversed());
  // Three or four numbers of a row of data are in order one time in six or twelve.
  const enough = unnamed
    ? numbers.length >= 2
    : numbers.length >= inOrderByDesign || (numbers.length >= 3 && isEvenlySpaced(numbers));
  if (!steady || !enough) return false;
  const below = body.map((row) => numbersOf(row, decimal)).filter((values) => values.length >= 2);
  const alike = below.filter((values) => rises(values) || rises(values.toReversed())).length;
  return alike <= below.length / 2;
}

function rises(numbers: readonly number[]): boolean {
  return numbers.every((value, index) => index === 0 || value > (numbers[index - 1] ?? 0));
}

function isEvenlySpaced(numbers: readonly number[]): boolean {
  const [first = 0, second = 0] = numbers;
  const step = second - first;
  return numbers.every((value, index) => Math.abs(value - first - index * step) <= 1e-6 * Math.abs(step));
}
