import { Buffer } from 'node:buffer';
import type { ReadReport } from '../factorization/factorization';
import { BlockStore } from './blocks';
import { columnNames, findColumn, findExactly, list, quote } from './columns';
import { DataError, type RowBlock, type TableOptions } from './dataset';
import { detectHeader, isShortHeader, strayShare } from './header';
import { detectDecimal, isGrouped, isInfinite, isMissing, parsePlain, parseUnusual, type Decimal } from './number';
import type { NumberedRow } from './rows';

type TableReport = Extract<ReadReport, { kind: 'table' }>;

export interface FinishedTable extends Pick<TableReport, 'decimal' | 'header' | 'features' | 'label' | 'leftOut'> {
  rows: number;
  missing: number;
  rowLabels?: string[];
  warnings: string[];
  blocks: RowBlock[];
}

/** Cells beyond this many do not change a verdict on the decimal separator. */
const decimalSample = 50_000;

/** A cell and where it stands. */
interface Place {
  row: number;
  cell: string;
}

/** A column that may become a feature. */
interface Candidate {
  index: number;
  /** Asked for by name: taken whatever it looks like. */
  chosen: boolean;
  numbers: number;
  missing: number;
  strays: number;
  firstStray?: Place;
  infinities: number;
  firstInfinity?: Place;
  leadingZeros: number;
  firstLeadingZero?: Place;
  /** Whether all numbers so far are whole and not negative. */
  whole: boolean;
}

/** Builds a matrix from a table's rows, the first of which also decide what each column is. */
export class TableBuilder {
  private readonly names: string[];
  private readonly header: boolean;
  private readonly decimal: Decimal;
  private readonly candidates: Candidate[] = [];
  private readonly leftOut = new Map<number, string>();
  private readonly store: BlockStore;
  private readonly warnings: string[] = [];
  private readonly label: number | undefined;
  private readonly labels: string[] = [];
  private readonly known = new Map<string, string>();
  private readonly shift: number;
  private headerPending: boolean;
  private short = { count: 0, first: 0, cells: 0 };
  private grouped: Place | undefined;
  private unobserved = { count: 0, first: 0 };

  /**
   * @param file name, for messages
   * @param sample the first rows, header included; they are to be added all the same
   * @throws DataError for columns that are asked for and not there
   */
  constructor(
    private readonly file: string,
    delimiter: string,
    sample: readonly NumberedRow[],
    options: TableOptions,
  ) {
    const rows = sample.map((row) => row.cells);
    const { decimal, doubtful } = detectDecimal(sampledCells(rows), delimiter);
    this.decimal = decimal;
    const finding = detectHeader(rows, decimal);
    this.header = finding.header;
    this.headerPending = finding.header;
    this.shift = finding.header && isShortHeader(rows) ? 1 : 0;
    const [first = []] = rows;
    const header = finding.header ? [...Array.from({ length: this.shift }, () => ''), ...first] : undefined;
    const named = columnNames(header, header?.length ?? first.length);
    this.names = named.names;
    this.warnings.push(...named.warnings, ...(finding.warning === undefined ? [] : [finding.warning]));
    if (doubtful !== undefined) {
      this.warnings.push(
        decimal === ','
          ? `The comma in numbers such as ${quote(doubtful)} was taken for a decimal comma; if it separates thousands, remove it.`
          : `The comma in numbers such as ${quote(doubtful)} was taken to separate thousands; if it is a decimal comma, put semicolons between the cells.`,
      );
    }
    this.label = this.sort(finding.header ? rows.slice(1) : rows, options);
    this.store = new BlockStore(this.candidates.length);
  }

  /** Takes the next row. @throws DataError when it has more cells than the table has columns */
  add(row: NumberedRow): void {
    if (this.headerPending) {
      this.headerPending = false;
      return;
    }
    const { cells, number } = row;
    const width = this.names.length;
    if (cells.length > width && cells.slice(width).some((cell) => cell.trim() !== '')) {
      const reference = `${this.header ? 'the header names' : 'the first row has'} ${width}`;
      throw new DataError(
        `${this.file}: row ${number} has ${cells.length} cells, but ${reference}; put cells that hold the delimiter in quotation marks, and remove lines that are not part of the table.`,
      );
    }
    if (cells.length < width) {
      if (this.short.count++ === 0) {
        this.short = { count: 1, first: number, cells: cells.length };
      }
    }
    this.store.addRow();
    let observed = 0;
    for (let position = 0; position < this.candidates.length; position++) {
      const candidate = this.candidates[position];
      if (candidate !== undefined) {
        const value = this.read(candidate, cells[candidate.index] ?? '', number);
        if (Number.isNaN(value)) {
          this.store.miss(position);
        } else {
          this.store.set(position, value);
          observed++;
        }
      }
    }
    if (observed === 0 && this.unobserved.count++ === 0) {
      this.unobserved.first = number;
    }
    if (this.label !== undefined) {
      this.labels.push(this.keep((cells[this.label] ?? '').trim()));
    }
  }

  /** The matrix. @throws DataError when no column holds numbers, or there are no rows */
  finish(): FinishedTable {
    if (this.store.rows === 0) {
      throw new DataError(`${this.file}: there are no rows below the header; choose a table with data.`);
    }
    const kept = this.candidates.flatMap((candidate, position) => {
      const reason = this.verdict(candidate);
      if (reason !== undefined) {
        this.leftOut.set(candidate.index, reason);
        return [];
      }
      return [position];
    });
    const features = kept.flatMap((position) => this.candidates[position] ?? []);
    if (features.length === 0) {
      throw new DataError(this.withoutNumbers());
    }
    const missing = features.reduce((sum, column) => sum + column.missing + column.strays + column.infinities, 0);
    if (missing === this.store.rows * features.length) {
      throw new DataError(`${this.file}: no entry of the chosen columns is a number; choose other columns.`);
    }
    this.warn(features);
    return {
      rows: this.store.rows,
      missing,
      decimal: this.decimal,
      header: this.header,
      features: features.map((column) => this.name(column.index)),
      ...(this.label === undefined ? {} : { label: this.name(this.label), rowLabels: this.labels }),
      leftOut: [...this.leftOut]
        .sort(([a], [b]) => a - b)
        .map(([index, reason]) => ({ column: this.name(index), reason })),
      warnings: this.warnings,
      blocks: this.store.finish(kept),
    };
  }

  /** Sorts the columns into candidates, left out and label, by the sampled rows and the user's choices. */
  private sort(body: readonly string[][], options: TableOptions): number | undefined {
    const find = (wanted: string) => findColumn(wanted, this.names, this.file);
    const { columns } = options;
    const chosen =
      columns === undefined
        ? undefined
        : new Set(options.exact === true ? findExactly(columns, this.names, this.file) : columns.map(find));
    const excluded = new Set((options.exclude ?? []).map(find));
    const wantedLabel = options.label === undefined ? undefined : find(options.label);
    for (const index of chosen ?? []) {
      if (excluded.has(index) || index === wantedLabel) {
        const other = excluded.has(index) ? 'excluded' : 'the row label';
        throw new DataError(
          `${this.file}: column ${quote(this.name(index))} is both chosen and ${other}; ask for one of the two.`,
        );
      }
    }
    const texts: { index: number; distinct: boolean }[] = [];
    this.names.forEach((_, index) => {
      if (index === wantedLabel) {
        return;
      }
      if (excluded.has(index)) {
        this.leftOut.set(index, 'excluded as asked');
        return;
      }
      const text = chosen?.has(index) === true ? undefined : this.asText(body, index);
      if (text !== undefined) {
        this.leftOut.set(index, `text, such as ${quote(text.example)}`);
        texts.push({ index, distinct: text.distinct });
      } else if (chosen?.has(index) === false) {
        this.leftOut.set(index, 'not among the chosen columns');
      } else {
        this.candidates.push(newCandidate(index, chosen !== undefined));
      }
    });
    const label = wantedLabel ?? (texts.find((text) => text.distinct) ?? texts[0])?.index;
    if (label !== undefined) {
      this.leftOut.delete(label);
    }
    return label;
  }

  /** What a column of text looks like in the sample; undefined when it may hold numbers. */
  private asText(body: readonly string[][], index: number): { example: string; distinct: boolean } | undefined {
    let numbers = 0;
    const texts: string[] = [];
    for (const row of body) {
      const cell = (row[index] ?? '').trim();
      if (isMissing(cell)) {
        continue;
      }
      if (Number.isNaN(this.number(cell)) && !isInfinite(cell)) {
        texts.push(cell);
      } else {
        numbers++;
      }
    }
    const [example] = texts;
    // A column with some numbers is a candidate until the whole of it is known, unless most of it is text.
    if (example === undefined || texts.length <= numbers) {
      return undefined;
    }
    return { example, distinct: new Set(texts).size > 0.5 * texts.length };
  }

  private number(cell: string): number {
    const plain = parsePlain(cell, this.decimal);
    return Number.isNaN(plain) ? parseUnusual(cell, this.decimal) : plain;
  }

  /** The value of a cell; NaN when it is missing or cannot be used. Keeps the column's account. */
  private read(column: Candidate, raw: string, row: number): number {
    let cell = raw;
    let value = parsePlain(cell, this.decimal);
    if (Number.isNaN(value)) {
      cell = raw.trim();
      if (isMissing(cell)) {
        column.missing++;
        return NaN;
      }
      value = this.number(cell);
      if (Number.isNaN(value) && !isInfinite(cell)) {
        column.strays++;
        column.firstStray ??= { row, cell: flat(cell) };
        return NaN;
      }
      if (isGrouped(cell, this.decimal)) {
        this.grouped ??= { row, cell: flat(cell) };
      }
    }
    if (!Number.isFinite(Math.fround(value))) {
      column.infinities++;
      column.firstInfinity ??= { row, cell: flat(cell) };
      return NaN;
    }
    column.numbers++;
    if (column.whole) {
      if (value < 0 || !Number.isInteger(value)) {
        column.whole = false;
      } else if (cell.length > 1 && cell.charCodeAt(0) === 48 && /^\d+$/.test(cell)) {
        column.leadingZeros++;
        column.firstLeadingZero ??= { row, cell: flat(cell) };
      }
    }
    return value;
  }

  /** Why a column cannot be a feature; undefined when it can. */
  private verdict(column: Candidate): string | undefined {
    const { numbers, strays, infinities, firstStray } = column;
    if (column.chosen) {
      if (numbers === 0) {
        throw new DataError(
          `${this.file}: column ${quote(this.name(column.index))} was chosen but holds no numbers; choose other columns.`,
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
    const zero = column.firstLeadingZero;
    if (column.whole && zero !== undefined) {
      return `looks like an identifier, since numbers have no leading zeros: ${quote(zero.cell)} in row ${zero.row}; choose it by name to use it`;
    }
    return undefined;
  }

  private warn(features: readonly Candidate[]): void {
    const { warnings } = this;
    for (const [kind, count, first] of [
      ['not numbers', 'strays', 'firstStray'],
      ['infinite or too large for float32', 'infinities', 'firstInfinity'],
    ] as const) {
      const concerned = features.filter((column) => column[count] > 0);
      const total = concerned.reduce((sum, column) => sum + column[count], 0);
      const [column] = concerned;
      const place = column?.[first];
      if (column !== undefined && place !== undefined) {
        const cells = total === 1 ? '1 cell is' : `${total} cells are`;
        warnings.push(
          `${cells} ${kind} and count as missing, the first being ${quote(place.cell)} in row ${place.row}, column ${quote(this.name(column.index))}.`,
        );
      }
    }
    if (this.short.count > 0) {
      const { count, first, cells } = this.short;
      warnings.push(
        `${count === 1 ? '1 row has' : `${count} rows have`} fewer cells than the table has columns, the first being row ${first} with ${cells} of ${this.names.length}; what lacks counts as missing.`,
      );
    }
    if (this.grouped !== undefined) {
      warnings.push(
        `Thousands separators were removed from numbers, first from ${quote(this.grouped.cell)} in row ${this.grouped.row}.`,
      );
    }
    if (this.unobserved.count > 0) {
      const { count, first } = this.unobserved;
      warnings.push(
        `${count === 1 ? '1 row holds' : `${count} rows hold`} no number at all, the first being row ${first}.`,
      );
    }
  }

  private withoutNumbers(): string {
    const columns = list(
      this.names.filter((_, index) => this.leftOut.get(index) !== undefined || index === this.label),
    );
    return `${this.file}: no column holds numbers (columns: ${columns}); choose a table with numbers, check its delimiter and decimal separator, or read it as text (--text).`;
  }

  private name(index: number): string {
    return this.names[index] ?? `column ${index + 1}`;
  }

  /** One copy of each label, free of the text that it was cut from. */
  private keep(label: string): string {
    let kept = this.known.get(label);
    if (kept === undefined) {
      kept = flat(label);
      this.known.set(kept, kept);
    }
    return kept;
  }
}

function newCandidate(index: number, chosen: boolean): Candidate {
  return { index, chosen, numbers: 0, missing: 0, strays: 0, infinities: 0, leadingZeros: 0, whole: true };
}

/** A copy that does not keep alive the large string it was cut from, as V8's slices do. */
function flat(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function percent(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return `${share < 10 ? share.toFixed(1) : Math.round(share)} %`;
}

function* sampledCells(rows: readonly string[][]): Generator<string> {
  let count = 0;
  for (const row of rows) {
    for (const cell of row) {
      if (count++ > decimalSample) {
        return;
      }
      yield cell.trim();
    }
  }
}
