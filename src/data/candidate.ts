import { Buffer } from 'node:buffer';
import { quote } from './columns';
import { DataError } from './dataset';
import { strayShare } from './header';
import { isCompactDate, namedKind } from './identifiers';
import { isGrouped, isInfinite, isMissing, parsePlain, parseUnusual, type Decimal } from './number';

/** A cell and where it stands. */
export interface Place {
  row: number;
  cell: string;
}

/** A column that may become a feature, with an account of what was met in it. */
export class Candidate {
  numbers = 0;
  missing = 0;
  strays = 0;
  infinities = 0;
  firstStray?: Place;
  firstInfinity?: Place;
  firstGrouped?: Place;
  private firstLeadingZero?: Place;
  /** Whether all numbers so far are whole and not negative. */
  private whole = true;
  /** Whether all numbers so far read as days. */
  private dates = true;
  /** The numbers so far, while they all differ and the column's name says that they identify something. */
  private different: Set<number> | undefined;
  private readonly kind: ReturnType<typeof namedKind>;

  /**
   * @param index of the column in the table
   * @param chosen asked for by name: taken whatever it looks like
   */
  constructor(
    readonly index: number,
    readonly name: string,
    readonly chosen: boolean,
    private readonly decimal: Decimal,
  ) {
    this.kind = chosen ? undefined : namedKind(name);
    this.different = this.kind === 'identifier' ? new Set() : undefined;
  }

  /** The value of a cell; NaN when it is missing or cannot be used. */
  read(raw: string, row: number): number {
    let cell = raw;
    let value = parsePlain(cell, this.decimal);
    if (Number.isNaN(value)) {
      cell = raw.trim();
      if (isMissing(cell)) {
        this.missing++;
        return NaN;
      }
      value = numberIn(cell, this.decimal);
      if (Number.isNaN(value) && !isInfinite(cell)) {
        this.strays++;
        this.firstStray ??= { row, cell: flat(cell) };
        return NaN;
      }
      if (isGrouped(cell, this.decimal)) {
        this.firstGrouped ??= { row, cell: flat(cell) };
      }
    }
    if (!Number.isFinite(Math.fround(value))) {
      this.infinities++;
      this.firstInfinity ??= { row, cell: flat(cell) };
      return NaN;
    }
    this.numbers++;
    if (this.whole) {
      if (value < 0 || !Number.isInteger(value)) {
        this.whole = false;
      } else if (cell.length > 1 && cell.charCodeAt(0) === 48 && /^\d+$/.test(cell)) {
        this.firstLeadingZero ??= { row, cell: flat(cell) };
      }
    }
    if (this.kind !== undefined) {
      this.identify(value);
    }
    return value;
  }

  /**
   * Why the column cannot be a feature; undefined when it can.
   * @throws DataError when it was chosen and holds no numbers
   */
  verdict(file: string): string | undefined {
    const { numbers, strays, infinities, firstStray } = this;
    if (this.chosen) {
      if (numbers === 0) {
        throw new DataError(
          `${file}: column ${quote(this.name)} was chosen but holds no numbers; choose other columns.`,
        );
      }
      return undefined;
    }
    if (firstStray !== undefined && strays > strayShare * (numbers + strays + infinities)) {
      const where = `${quote(firstStray.cell)} in row ${firstStray.row}`;
      return numbers === 0
        ? `text, such as ${where}`
        : `${percent(strays, numbers + strays)} of its cells are text, first ${where}`;
    }
    if (numbers === 0) {
      return 'no values';
    }
    const sign = this.identifierSign();
    return sign === undefined ? undefined : `looks like ${sign}; choose it by name to use it`;
  }

  private identify(value: number): void {
    this.dates &&= isCompactDate(value);
    if (this.different?.has(value) === true) {
      this.different = undefined;
    }
    this.different?.add(value);
  }

  private identifierSign(): string | undefined {
    const zero = this.firstLeadingZero;
    if (!this.whole) {
      return undefined;
    }
    if (zero !== undefined) {
      return `an identifier, since numbers have no leading zeros: ${quote(zero.cell)} in row ${zero.row}`;
    }
    if (this.kind === 'date' && this.dates) {
      return 'dates, by its name and since every number reads as a day';
    }
    if (this.kind === 'identifier' && this.different !== undefined && this.numbers > 1) {
      return 'an identifier, by its name and since all its numbers are whole and different';
    }
    return undefined;
  }
}

/** A trimmed cell as a number in any notation; NaN when it is none. */
export function numberIn(cell: string, decimal: Decimal): number {
  const plain = parsePlain(cell, decimal);
  return Number.isNaN(plain) ? parseUnusual(cell, decimal) : plain;
}

/** A copy that does not keep alive the large string it was cut from, as V8's slices do. */
export function flat(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function percent(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return `${share < 10 ? share.toFixed(1) : Math.round(share)} %`;
}
