import type { ReadReport } from '../factorization/factorization';
import { BlockStore } from './blocks';
import { flat, numberIn, type Candidate } from './candidate';
import { chooseColumns } from './column-choice';
import { columnNames, list, quote } from './columns';
import { DataError, type RowBlock, type TableOptions } from './dataset';
import { headerOf, isShortHeader } from './header';
import { detectDecimal, type Decimal } from './number';
import type { NumberedRow } from './rows';

type TableReport = Extract<ReadReport, { kind: 'table' }>;

export interface FinishedTable extends Pick<TableReport, 'decimal' | 'header' | 'features' | 'label' | 'leftOut'> {
  rows: number;
  missing: number;
  rowLabels?: string[];
  warnings: string[];
  blocks: RowBlock[];
  /** See {@link DenseDataset.narrow}. */
  narrow: number[];
}

/** Cells beyond this many do not change a verdict on the decimal separator. */
const decimalSample = 50_000;

/** Builds a matrix from a table's rows, the first of which also decide what each column is. */
export class TableBuilder {
  private readonly names: string[];
  private readonly header: boolean;
  private readonly decimal: Decimal;
  private readonly candidates: readonly Candidate[];
  private readonly leftOut: Map<number, string>;
  private readonly store: BlockStore;
  private readonly warnings: string[] = [];
  private readonly label: number | undefined;
  private readonly labels: string[] = [];
  private readonly known = new Map<string, string>();
  private readonly shift: number;
  private headerPending: boolean;
  private short = { count: 0, first: 0, cells: 0 };
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
    const finding = headerOf(rows, decimal, options.header);
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
    const body = finding.header ? rows.slice(1) : rows;
    const choice = chooseColumns({ file, names: this.names, decimal, body }, options);
    this.candidates = choice.candidates;
    this.leftOut = choice.leftOut;
    this.label = choice.label;
    this.store = new BlockStore(this.candidates.length, undefined, narrowColumns(this.candidates, body, decimal));
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
        const value = candidate.read(cells[candidate.index] ?? '', number);
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
      const reason = candidate.verdict(this.file);
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
      features: features.map((column) => column.name),
      ...(this.label === undefined ? {} : { label: this.name(this.label), rowLabels: this.labels }),
      leftOut: [...this.leftOut]
        .sort(([a], [b]) => a - b)
        .map(([index, reason]) => ({ column: this.name(index), reason })),
      warnings: this.warnings,
      narrow: this.store.narrowAmong(kept),
      blocks: this.store.finish(kept),
    };
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
          `${cells} ${kind} and count as missing, the first being ${quote(place.cell)} in row ${place.row}, column ${quote(column.name)}.`,
        );
      }
    }
    if (this.short.count > 0) {
      const { count, first, cells } = this.short;
      warnings.push(
        `${count === 1 ? '1 row has' : `${count} rows have`} fewer cells than the table has columns, the first being row ${first} with ${cells} of ${this.names.length}; what lacks counts as missing.`,
      );
    }
    const [grouped] = this.candidates.flatMap(({ firstGrouped }) => firstGrouped ?? []).sort((a, b) => a.row - b.row);
    if (grouped !== undefined) {
      warnings.push(
        `Thousands separators were removed from numbers, first from ${quote(grouped.cell)} in row ${grouped.row}.`,
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

/** Numbers that differ by less than this part of their size have few digits of their own left in float32. */
const narrowRange = 2 ** -8;

/** Places of the candidates whose numbers in the sample are such. */
function narrowColumns(candidates: readonly Candidate[], body: readonly string[][], decimal: Decimal): number[] {
  return candidates.flatMap(({ index }, place) => {
    let [least, most] = [Infinity, -Infinity];
    for (const row of body) {
      const value = numberIn((row[index] ?? '').trim(), decimal);
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return most >= least && most - least < narrowRange * Math.max(Math.abs(least), Math.abs(most)) ? [place] : [];
  });
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
