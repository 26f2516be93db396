import { isMissing, parseNumber, type Decimal } from './number';

/** Whether the first row names the columns, and a sentence for the user where that could be disputed. */
export interface HeaderFinding {
  header: boolean;
  warning?: string;
}

/** Of a column's observed cells, at most this share may be something else in a column of numbers. */
export const strayShare = 0.05;

/**
 * Decides whether the first row is a header: it is when a column of numbers begins with text. When numbers stand
 * over numbers it is one only if they count columns (0, 1, 2 … or 1, 2, 3 …) or are years in order, and no row below
 * does so too.
 * @param rows the sampled rows, the first one included
 */
export function detectHeader(rows: readonly string[][], decimal: Decimal): HeaderFinding {
  const [first = [], ...body] = rows;
  if (body.length === 0) {
    return { header: !first.some((cell) => isNumber(cell, decimal)) };
  }
  const width = Math.max(first.length, body[0]?.length ?? 0);
  // Where names of rows have no name of their own, as R writes it, the header is one cell short.
  const shift = isShortHeader(rows) ? 1 : 0;
  for (let column = 0; column < width; column++) {
    const cell = (first[column - shift] ?? '').trim();
    if (!isMissing(cell) && !isNumber(cell, decimal) && isNumeric(body, column, decimal)) {
      return { header: true };
    }
  }
  const anyNumeric = first.some((_, column) => isNumeric(body, column, decimal));
  if (!anyNumeric) {
    return { header: true };
  }
  if (countsColumns(first, decimal) && !body.some((row) => countsColumns(row, decimal))) {
    return {
      header: true,
      warning:
        'The first row was taken for the names of the columns, since its numbers only count them or are years; if it is data, put a row of names above it.',
    };
  }
  return { header: false };
}

/** What was said of the header, or else what the rows tell. */
export function headerOf(rows: readonly string[][], decimal: Decimal, given: boolean | undefined): HeaderFinding {
  return given === undefined ? detectHeader(rows, decimal) : { header: given };
}

/** Whether every row below the first has exactly one cell more than the first. */
export function isShortHeader(rows: readonly string[][]): boolean {
  const [first = [], ...body] = rows;
  return body.length > 0 && body.every((row) => row.length === first.length + 1);
}

function isNumber(cell: string, decimal: Decimal): boolean {
  return !Number.isNaN(parseNumber(cell.trim(), decimal));
}

function isNumeric(rows: readonly string[][], column: number, decimal: Decimal): boolean {
  let numbers = 0;
  let strays = 0;
  for (const row of rows) {
    const cell = (row[column] ?? '').trim();
    if (isNumber(cell, decimal)) {
      numbers++;
    } else if (!isMissing(cell)) {
      strays++;
    }
  }
  return numbers > 0 && strays <= strayShare * (numbers + strays);
}

function countsColumns(row: readonly string[], decimal: Decimal): boolean {
  const numbers = row.map((cell) => parseNumber(cell.trim(), decimal)).filter((value) => !Number.isNaN(value));
  const [first, second] = numbers;
  if (first === undefined || second === undefined) {
    return false;
  }
  const years =
    numbers.every((value) => Number.isInteger(value) && value >= 1800 && value <= 2100) &&
    numbers.every((value, index) => index === 0 || value > (numbers[index - 1] ?? 0));
  const counting = (first === 0 || first === 1) && numbers.every((value, index) => value === first + index);
  return (years && numbers.length >= 2) || (counting && numbers.length >= 4);
}
