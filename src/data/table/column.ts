import { Buffer } from 'node:buffer';
import { quote } from './columns';
import { DataError } from '../dataset';
import { strayShare } from './header';
import { isCompactDate, namedKind } from './identifiers';
import { isGrouped, isInfinite, isMissing, negatedIn, parsePlain, parseUnusual, type Decimal } from './number';
import { Sentinels, type AxisSign } from './signs';
import { boundIn, isMissingWord, numberAs, type Notation } from './notation';

/** A cell and where it stands. */
export interface Place {
  line: number;
  cell: string;
}

/** A text that stands where numbers do. */
interface Stray extends Place {
  count: number;
}

/** How the cells of all columns are understood, as far as the user or the file says. */
export interface Reading {
  decimal: Decimal;
  /** Texts that mean "not observed" here besides the usual ones. */
  missing: readonly string[];
  /** A number below the limit of detection, `<x`, is x/2 instead of missing. */
  halfOfLimit: boolean;
}

/** Different texts that are told apart, so that marks of what is missing are known from texts of any kind. */
const textsKept = 8;

/** A column of numbers has at most so many marks of its own for what is missing. */
const maxMarks = 2;

/** Of an identifier's numbers at least this share differ. */
const differentShare = 0.9;

/** So many numbers in a row that each are one more than the last number the rows. */
const minRun = 5;

/** A column that may become a feature, with an account of what was met in it. */
export class Column {
  numbers = 0;
  missing = 0;
  infinities = 0;
  /** Numbers given as `<x` or `>x`. */
  bounds = 0;
  firstBound?: Place;
  firstInfinity?: Place;
  firstGrouped?: Place;
  firstNegated?: Place;
  readonly sentinels = new Sentinels();
  private readonly strayTexts = new Map<string, Stray>();
  private otherStrays: Stray | undefined;
  private firstLeadingZero?: Place;
  /** Whether all numbers so far are whole and not negative. */
  private whole = true;
  /** Whether all numbers so far read as days. */
  private dates = true;
  /** The number that the next row has to hold if the column numbers them; undefined once it does not. */
  private nextOfRun: number | undefined | 'first' = 'first';
  /** The numbers so far, where the column's name says that they identify something. */
  private different: Set<number> | undefined;
  private readonly kind: ReturnType<typeof namedKind>;
  private readonly missingNumbers: ReadonlySet<number>;

  /**
   * @param index of the column in the table
   * @param chosen asked for by name: taken whatever it looks like
   * @param axis watches whether the column is an axis; absent for one that is not asked
   */
  constructor(
    readonly index: number,
    readonly name: string,
    readonly chosen: boolean,
    readonly notation: Notation,
    private readonly reading: Reading,
    readonly axis?: AxisSign,
  ) {
    this.kind = chosen ? undefined : namedKind(name);
    this.different = this.kind === 'identifier' ? new Set() : undefined;
    this.missingNumbers = new Set(
      reading.missing.map((text) => numberIn(text, reading.decimal)).filter((value) => !Number.isNaN(value)),
    );
  }

  get halvesBounds(): boolean {
    return this.reading.halfOfLimit;
  }

  get namesIdentifier(): boolean {
    return this.kind === 'identifier';
  }

  /** Cells that are neither numbers nor known to mean that there is none. */
  get strays(): number {
    return [...this.strayTexts.values()].reduce((sum, { count }) => sum + count, this.otherStrays?.count ?? 0);
  }

  /** A cell's number as this column writes it, NaN where it has none; nothing is counted. */
  numberIn(raw: string): number {
    const cell = raw.trim();
    return this.notation.kind === 'plain' ? numberIn(cell, this.reading.decimal) : this.noted(cell);
  }

  /** The value of a cell; NaN when it is missing or cannot be used. */
  read(raw: string, line: number): number {
    const { decimal } = this.reading;
    let cell = raw;
    let value = this.notation.kind === 'plain' ? parsePlain(cell, decimal) : NaN;
    if (Number.isNaN(value)) {
      cell = raw.trim();
      if (isMissing(cell) || this.reading.missing.includes(cell)) return this.miss();
      value = this.notation.kind === 'plain' ? numberIn(cell, decimal) : this.noted(cell);
      if (Number.isNaN(value) && !isInfinite(cell)) return this.readNoNumber(cell, line);
      if (isGrouped(cell, decimal)) this.firstGrouped ??= { line, cell: flat(cell) };
      if (negatedIn(cell) !== undefined) this.firstNegated ??= { line, cell: flat(cell) };
    }
    if (!Number.isFinite(Math.fround(value))) {
      this.infinities++;
      this.firstInfinity ??= { line, cell: flat(cell) };
      return NaN;
    }
    if (this.missingNumbers.has(value)) return this.miss();
    this.numbers++;
    if (this.whole) {
      if (value < 0 || !Number.isInteger(value)) {
        this.whole = false;
      } else if (cell.length > 1 && cell.charCodeAt(0) === 48 && /^\d+$/.test(cell)) {
        this.firstLeadingZero ??= { line, cell: flat(cell) };
      }
    }
    if (this.nextOfRun !== undefined) {
      const begins = this.nextOfRun === 'first' && (value === 0 || value === 1);
      this.nextOfRun = begins || value === this.nextOfRun ? value + 1 : undefined;
    }
    this.sentinels.add(value);
    this.axis?.add(value);
    if (this.kind !== undefined) this.identify(value);
    return value;
  }

  /**
   * Why the column cannot be a feature; undefined when it can.
   * @throws DataError when it was chosen and holds no numbers
   */
  verdict(file: string): string | undefined {
    const { numbers, infinities } = this;
    if (this.chosen) {
      if (numbers === 0) {
        throw new DataError(
          `${file}: column ${quote(this.name)} was chosen but holds no numbers; choose other columns.`,
        );
      }
      return undefined;
    }
    const { strays } = this;
    const first = this.firstStray();
    if (first !== undefined && this.marks() === undefined && strays > strayShare * (numbers + strays + infinities)) {
      const where = `${quote(first.cell)} in line ${first.line}`;
      return numbers === 0
        ? `text, such as ${where}`
        : `${percent(strays, numbers + strays)} of its cells are text, first ${where}`;
    }
    if (numbers === 0) {
      return 'no values';
    }
    const sign = this.identifierSign();
    return sign === undefined ? undefined : `${sign}; choose it by name to use it`;
  }

  /**
   * The texts by which this column marks what is missing, with how often each stands there: words known for that, and at
   * most two others that come again, in a column of which at least half are numbers. Undefined where texts are no marks.
   */
  marks(): ReadonlyMap<string, number> | undefined {
    const texts = [...this.strayTexts.values()];
    const own = texts.filter(({ cell }) => !isMissingWord(cell));
    const repeated = own.length <= maxMarks && own.every(({ count }) => count > 1);
    const unknown = own.reduce((sum, { count }) => sum + count, 0);
    if (this.otherStrays !== undefined || !repeated || unknown > this.numbers) return undefined;
    return new Map(texts.map(({ cell, count }) => [cell, count]));
  }

  /** The first cell that is text, of a column that does not mark what is missing by texts. */
  firstStray(): Place | undefined {
    return [...this.strayTexts.values(), ...(this.otherStrays ? [this.otherStrays] : [])].sort(
      (a, b) => a.line - b.line,
    )[0];
  }

  private noted(cell: string): number {
    // Nothing is nothing in any unit.
    return cell === '0' ? 0 : numberAs(cell, this.notation, this.reading.decimal);
  }

  private miss(): number {
    this.missing++;
    this.nextOfRun = undefined;
    this.axis?.gap();
    return NaN;
  }

  private readNoNumber(cell: string, line: number): number {
    this.nextOfRun = undefined;
    this.axis?.gap();
    const bound = boundIn(cell, this.reading.decimal);
    if (bound !== undefined) {
      this.firstBound ??= { line, cell: flat(cell) };
      this.bounds++;
      if (!bound.below || !this.reading.halfOfLimit) return NaN;
      this.numbers++;
      return bound.value / 2;
    }
    const known = this.strayTexts.get(cell);
    if (known !== undefined) known.count++;
    else if (this.strayTexts.size < textsKept) this.strayTexts.set(flat(cell), { line, cell: flat(cell), count: 1 });
    else if (this.otherStrays !== undefined) this.otherStrays.count++;
    else this.otherStrays = { line, cell: flat(cell), count: 1 };
    return NaN;
  }

  private identify(value: number): void {
    this.dates &&= isCompactDate(value);
    this.different?.add(value);
    // What repeats that often groups rows, and need not be remembered any more.
    if (this.different !== undefined && this.numbers > 1000 && this.different.size < 0.5 * this.numbers) {
      this.different = undefined;
    }
  }

  private identifierSign(): string | undefined {
    const zero = this.firstLeadingZero;
    if (!this.whole) {
      return undefined;
    }
    if (zero !== undefined) {
      return `looks like an identifier, since numbers have no leading zeros: ${quote(zero.cell)} in line ${zero.line}`;
    }
    if (this.kind === 'date' && this.dates) {
      return 'looks like dates, by its name and since every number reads as a day';
    }
    if (typeof this.nextOfRun === 'number' && this.numbers >= minRun) {
      return 'numbers the rows, since each number is one more than the last';
    }
    const different = this.different?.size ?? 0;
    if (this.numbers > 1 && different >= differentShare * this.numbers) {
      return different === this.numbers
        ? 'looks like an identifier, by its name and since all its numbers are whole and different'
        : `looks like an identifier, by its name and since ${different} of its ${this.numbers} numbers are different, and all whole`;
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
