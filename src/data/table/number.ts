/** Which character separates the decimals of a file's numbers. */
export type Decimal = '.' | ',';

/** Cells that mean "not observed", compared in lower case after trimming. */
const missingTokens = new Set(['', 'na', 'nan', 'null', '?', '-', 'n/a', '#n/a']);

/** Whether a trimmed cell means "not observed". */
export function isMissing(cell: string): boolean {
  return cell.length <= 4 && missingTokens.has(cell.toLowerCase());
}

const infinity = /^[+-]?(?:inf|infinity|∞)$/i;

/** Whether a trimmed cell spells an infinity. */
export function isInfinite(cell: string): boolean {
  return infinity.test(cell);
}

/** Powers of ten that float64 holds exactly. */
const exactPowers = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/** Groups of three, or as in India: the last of three digits and those before of two. */
const grouped = {
  '.': /^[+-]?(?:\d{1,3}(?:(?:,\d{3})+|(?:[ '\u2019\u00A0\u202F]\d{3})+)|\d{1,2}(?:,\d{2})+,\d{3})(?:\.\d*)?$/,
  ',': /^[+-]?\d{1,3}(?:(?:\.\d{3})+|(?:[ '\u2019\u00A0\u202F]\d{3})+)(?:,\d*)?$/,
};
/** A run of digits is matched in one way only: in two, a long one that no `e` follows would take time that grows with its square. */
const scientific = {
  '.': /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)e[+-]?\d+$/i,
  ',': /^[+-]?(?:\d+(?:,\d*)?|,\d+)e[+-]?\d+$/i,
};
const separators = /[.,'\u2019\s]/g;

/** A number with thousands separators, such as "1,234.5" with a decimal point or "1.234,5" with a decimal comma. */
export function isGrouped(cell: string, decimal: Decimal): boolean {
  return grouped[decimal].test(cell);
}

/**
 * Reads a trimmed cell of a sign, digits and one decimal separator as a number.
 * @returns NaN for anything else, including numbers in other notations; see {@link parseUnusual}
 */
export function parsePlain(cell: string, decimal: Decimal): number {
  // By hand, since nearly every cell is of this kind: up to 15 digits make an exact integer, divided by an exact
  // power of ten, so the quotient is correctly rounded (Clinger 1990, "How to read floating point numbers accurately").
  const separator = decimal === '.' ? 46 : 44;
  const length = cell.length;
  const first = cell.charCodeAt(0);
  const negative = first === 45;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (let index = negative || first === 43 ? 1 : 0; index < length; index++) {
    const code = cell.charCodeAt(index);
    if (code >= 48 && code <= 57) {
      mantissa = mantissa * 10 + (code - 48);
      digits++;
      if (decimals >= 0) {
        decimals++;
      }
    } else if (code === separator && decimals < 0) {
      decimals = 0;
    } else {
      return NaN;
    }
  }
  if (digits === 0) {
    return NaN;
  }
  if (digits > 15) {
    return Number(decimal === ',' ? cell.replace(',', '.') : cell);
  }
  const magnitude = decimals > 0 ? mantissa / (exactPowers[decimals] ?? NaN) : mantissa;
  return negative ? -magnitude : magnitude;
}

/** A minus that is no hyphen, one behind the number, or an accountant's parentheses. */
const negated = /^(?:[\u2212\u2013](?=[\d.,])(.+)|(\d[^()]*)[-\u2212]|\(\s*([\d.,][^()]*?)\s*\))$/;

/** The number, without its sign, in a trimmed cell that says in another way than by a hyphen in front that it is negative. */
export function negatedIn(cell: string): string | undefined {
  const match = negated.exec(cell);
  return match?.[1] ?? match?.[2] ?? match?.[3];
}

/**
 * Reads a trimmed cell in scientific notation, with digits in proper groups, or negative by a typographic minus, one
 * behind the number or parentheses. Nothing else is a number: no hexadecimal, no per cent, no units.
 * @returns NaN when it is none of these; ±Infinity when it exceeds float64
 */
export function parseUnusual(cell: string, decimal: Decimal): number {
  const positive = negatedIn(cell);
  if (positive !== undefined) return -parseNumber(positive, decimal);
  if (scientific[decimal].test(cell)) {
    return Number(decimal === ',' ? cell.replace(',', '.') : cell);
  }
  if (grouped[decimal].test(cell)) {
    return Number(cell.replace(separators, (character) => (character === decimal ? '.' : '')));
  }
  return NaN;
}

/** Reads a trimmed cell as a number in any notation understood; NaN when it is none. */
export function parseNumber(cell: string, decimal: Decimal): number {
  const plain = parsePlain(cell, decimal);
  return Number.isNaN(plain) ? parseUnusual(cell, decimal) : plain;
}

/** What a cell says about the file's decimal separator. */
type Evidence = 'point' | 'comma' | 'point-unclear' | 'comma-unclear' | 'none';

function evidence(cell: string): Evidence {
  if (/^[+-]?\d*\.\d+(?:e[+-]?\d+)?$/i.test(cell)) {
    // "1.234" may be a thousand or one and a bit.
    return /^[+-]?[1-9]\d{0,2}\.\d{3}$/.test(cell) ? 'point-unclear' : 'point';
  }
  if (/^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i.test(cell)) {
    return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(cell) ? 'comma-unclear' : 'comma';
  }
  if (grouped['.'].test(cell) && (cell.includes('.') || /,\d+,/.test(cell))) {
    return 'point';
  }
  if (/^[+-]?\d{1,3}(?:\.\d{3})+,\d*$/.test(cell) || /^[+-]?\d{1,3}(?:\.\d{3}){2,}$/.test(cell)) {
    return 'comma';
  }
  return 'none';
}

/**
 * Decides between decimal point and decimal comma by the majority of the sampled cells that leave no doubt. When only
 * doubtful ones such as "1,234" or "1.234" are there, a semicolon between cells speaks for the comma (that is why such
 * files have semicolons) and anything else for the point.
 * @returns the separator, and the first doubtful cell where it decided against how that is read elsewhere
 */
export function detectDecimal(cells: Iterable<string>, delimiter: string): { decimal: Decimal; doubtful?: string } {
  let point = 0;
  let comma = 0;
  let unclearPoint: string | undefined;
  let unclearComma: string | undefined;
  for (const cell of cells) {
    switch (evidence(cell)) {
      case 'point':
        point++;
        break;
      case 'comma':
        comma++;
        break;
      case 'point-unclear':
        unclearPoint ??= cell;
        break;
      case 'comma-unclear':
        unclearComma ??= cell;
        break;
      case 'none':
        break;
    }
  }
  if (point > 0 || comma > 0) {
    return { decimal: comma > point ? ',' : '.' };
  }
  const decimal = delimiter === ';' ? ',' : '.';
  const doubtful = unclearComma ?? (decimal === ',' ? unclearPoint : undefined);
  return doubtful === undefined ? { decimal: '.' } : { decimal, doubtful };
}
