import { Buffer } from 'node:buffer';
import type { ReadReport, SourceIdentity, LongColumns } from '../reading-report';
import { DataError, type SparseDataset, type SparseEntries, type TableOptions } from '../dataset';
import { ColumnFinder, quote } from './columns';
import { isMissing, parseNumber, parsePlain } from './number';
import type { NumberedRow } from './rows';
import { layoutOf, type TableLayout } from './layout';

type LongReport = Extract<ReadReport, { kind: 'long' }>;

/** Lines that all have the same fault. */
interface Fault {
  count: number;
  /** The first such line of the file, and its cell. */
  line: number;
  cell: string;
}

/**
 * Builds a sparse matrix from a table of which each line is an entry of it: a name of its row, a name of its column, a
 * number and perhaps a weight. Rows and columns stand in the order of their first line, or of their numbers where all
 * their names are whole numbers.
 *
 * Lines without a value are left out, as are those of weight 0. A place that occurs on several lines is one entry: the mean of
 * its values, each as often as its weight says, with the sum of their weights where there are weights.
 */
export class LongTableBuilder {
  private readonly layout: TableLayout;
  private readonly names: string[];
  private readonly warnings: string[] = [];
  private readonly at: { row: number; column: number; value: number; weight: number | undefined };
  private readonly rows = new Names();
  private readonly columns = new Names();
  private readonly rowOf = new Growing((length) => new Uint32Array(length));
  private readonly columnOf = new Growing((length) => new Uint32Array(length));
  private readonly values = new Growing((length) => new Float32Array(length));
  private readonly weights = new Growing((length) => new Float32Array(length));
  private readonly lines = new Growing((length) => new Uint32Array(length));
  private readonly faults = new Map<string, Fault>();
  private headerRowsLeft: number;

  /**
   * @param file name, for messages
   * @param sample the first rows, header included; they are to be added all the same
   * @param options what is said of the lines in front and of the header
   * @throws DataError for columns that are not there, or asked for twice
   */
  constructor(
    private readonly file: string,
    private readonly delimiter: string,
    sample: readonly NumberedRow[],
    { row, column, value, weight }: LongColumns,
    private readonly options: Pick<TableOptions, 'header' | 'skip'> = {},
  ) {
    const layout = layoutOf(sample, delimiter, options);
    this.layout = layout;
    this.headerRowsLeft = layout.headerRows;
    this.names = layout.named.names;
    this.warnings.push(...layout.warnings, ...layout.named.warnings);
    const finder = new ColumnFinder(this.names, file);
    this.at = {
      row: finder.find(row),
      column: finder.find(column),
      value: finder.find(value),
      weight: weight === undefined ? undefined : finder.find(weight),
    };
    const indices = Object.values(this.at).filter((index) => index !== undefined);
    const twice = indices.find((index, k) => indices.indexOf(index) !== k);
    if (twice !== undefined) {
      throw new DataError(
        `${file}: column ${quote(this.names[twice] ?? '')} is asked for twice; name different columns.`,
      );
    }
  }

  /** Takes the next line. @throws DataError for a weight below 0 */
  add({ cells, line }: NumberedRow): void {
    if (line <= this.layout.skipped || cells.every((cell) => cell.trim() === '')) return;
    if (this.headerRowsLeft > 0) {
      this.headerRowsLeft--;
      return;
    }
    const value = this.read(cells[this.at.value] ?? '', line, 'value');
    // As it will be held: one that float32 rounds to 0 would leave nothing to divide a mean by.
    const weight =
      this.at.weight === undefined ? 1 : Math.fround(this.read(cells[this.at.weight] ?? '', line, 'weight'));
    const row = (cells[this.at.row] ?? '').trim();
    const column = (cells[this.at.column] ?? '').trim();
    if (row === '' || column === '') {
      this.fault(`no name of a ${row === '' ? 'row' : 'column'}`, line, '');
      return;
    }
    if (weight < 0) {
      throw new DataError(
        `${this.file}: the weight in line ${line} is ${weight}; weights are numbers of at least 0, and 0 means that nothing was observed.`,
      );
    }
    // Its row and column are there even where nothing was observed.
    const rowIndex = this.rows.indexOf(row);
    const columnIndex = this.columns.indexOf(column);
    if (Number.isNaN(value) || !(weight > 0)) return;
    this.rowOf.push(rowIndex);
    this.columnOf.push(columnIndex);
    this.values.push(value);
    this.lines.push(line);
    if (this.at.weight !== undefined) this.weights.push(weight);
  }

  /** The matrix. @throws DataError when there is no entry */
  finish(source: SourceIdentity, encoding: string, warnings: readonly string[]): SparseDataset {
    if (this.values.length === 0) {
      const value = quote(this.names[this.at.value] ?? '');
      throw new DataError(
        `${this.file}: no line has a number in column ${value}; name the columns of row, column and value in this order.`,
      );
    }
    const rowOrder = this.rows.order();
    const columnOrder = this.columns.order();
    const entries = this.merged(rowOrder.rank, columnOrder.rank);
    for (const [reason, { count, line, cell }] of this.faults) {
      const [subject, verb] = count === 1 ? ['1 line has', 'was'] : [`${count} lines have`, 'were'];
      const shown = cell === '' ? '' : `, with ${quote(cell)}`;
      this.warnings.push(`${subject} ${reason} and ${verb} left out, the first being line ${line}${shown}.`);
    }
    const [rows, columns] = [rowOrder.labels.length, columnOrder.labels.length];
    const used = Object.values(this.at);
    const name = (index: number): string => this.names[index] ?? '';
    return {
      rows,
      columns,
      missing: rows * columns - entries.values.length,
      rowLabels: rowOrder.labels,
      columnLabels: columnOrder.labels,
      source,
      reading: {
        kind: 'long',
        delimiter: this.delimiter,
        encoding,
        decimal: this.layout.decimal,
        header: this.layout.headerRows > 0,
        ...(this.options.skip !== undefined && { skip: this.options.skip }),
        row: name(this.at.row),
        column: name(this.at.column),
        value: name(this.at.value),
        ...(this.at.weight !== undefined && { weight: name(this.at.weight) }),
        leftOut: this.names.filter((_, index) => !used.includes(index)),
      } satisfies LongReport,
      warnings: [...warnings, ...this.warnings],
      entries,
    };
  }

  /** The entries in row-major order, each place once. */
  private merged(rowRank: Uint32Array, columnRank: Uint32Array): SparseEntries {
    const rowOf = this.rowOf.finish().map((row) => rowRank[row]!);
    const columnOf = this.columnOf.finish().map((column) => columnRank[column]!);
    const values = this.values.finish();
    const weights = this.at.weight === undefined ? undefined : this.weights.finish();
    const order = sorted(sorted(undefined, columnOf, columnRank.length), rowOf, rowRank.length);

    const kept = { rows: new Uint32Array(order.length), columns: new Uint32Array(order.length) };
    const means = new Float32Array(order.length);
    const sums = new Float32Array(order.length);
    let count = 0;
    let repeated = 0;
    let example: { first: number; second: number } | undefined;
    for (let k = 0; k < order.length;) {
      const [row, column] = [rowOf[order[k]!]!, columnOf[order[k]!]!];
      let sum = 0;
      let weight = 0;
      const begin = k;
      for (; k < order.length; k++) {
        const at = order[k]!;
        if (rowOf[at] !== row || columnOf[at] !== column) break;
        const w = weights ? weights[at]! : 1;
        sum += w * values[at]!;
        weight += w;
      }
      if (k - begin > 1) {
        repeated++;
        const lines = this.lines.finish();
        example ??= {
          first: lines[order[begin]!]!,
          second: lines[order[begin + 1]!]!,
        };
      }
      if (!Number.isFinite(Math.fround(weight))) {
        throw new DataError(
          `${this.file}: the weights of one entry, first in line ${this.lines.finish()[order[begin]!]}, sum to ${weight}, more than float32 holds; divide all weights by a common factor.`,
        );
      }
      kept.rows[count] = row;
      kept.columns[count] = column;
      means[count] = sum / weight;
      sums[count] = weight;
      count++;
    }
    if (example) {
      const pairs = repeated === 1 ? '1 pair of row and column occurs' : `${repeated} pairs of row and column occur`;
      this.warnings.push(
        `${pairs} on several lines, first in lines ${example.first} and ${example.second}; each counts as one entry, the mean of its values${weights ? ', with the sum of their weights' : ''}.`,
      );
    }
    return {
      rows: kept.rows.slice(0, count),
      columns: kept.columns.slice(0, count),
      values: means.slice(0, count),
      ...(weights && { weights: sums.slice(0, count) }),
    };
  }

  /** A cell's number; NaN where it is missing, or no number that a factorization can fit. */
  private read(raw: string, line: number, what: 'value' | 'weight'): number {
    const plain = parsePlain(raw, this.layout.decimal);
    if (!Number.isNaN(plain) && Number.isFinite(Math.fround(plain))) return plain;
    const cell = raw.trim();
    const value = isMissing(cell) ? NaN : parseNumber(cell, this.layout.decimal);
    if (Number.isFinite(Math.fround(value))) return value;
    this.fault(isMissing(cell) ? `no ${what}` : `a ${what} that is not a finite number`, line, cell);
    return NaN;
  }

  private fault(reason: string, line: number, cell: string): void {
    const known = this.faults.get(reason);
    if (known) known.count++;
    else this.faults.set(reason, { count: 1, line, cell });
  }
}

/** The names of rows or of columns, numbered as they come. */
class Names {
  private readonly known = new Map<string, number>();

  indexOf(name: string): number {
    const index = this.known.get(name);
    if (index !== undefined) return index;
    // A copy, which does not keep alive the text that it was cut from.
    this.known.set(Buffer.from(name, 'utf8').toString('utf8'), this.known.size);
    return this.known.size - 1;
  }

  /** The names in their final order, and the place of each number in it. */
  order(): { labels: string[]; rank: Uint32Array } {
    const names = [...this.known.keys()];
    const rank = Uint32Array.from({ length: names.length }, (_, index) => index);
    if (!names.every((name) => /^-?\d{1,15}$/.test(name))) return { labels: names, rank };
    const byNumber = [...names.keys()].sort((a, b) => Number(names[a]) - Number(names[b]));
    byNumber.forEach((index, place) => (rank[index] = place));
    return { labels: byNumber.map((index) => names[index]!), rank };
  }
}

/** Numbers whose count is not known beforehand. */
class Growing<A extends Float32Array | Uint32Array> {
  private array: A;
  length = 0;

  constructor(private readonly make: (length: number) => A) {
    this.array = make(1 << 12);
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = this.make(2 * this.length);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = value;
  }

  finish(): A {
    return this.array.subarray(0, this.length) as A;
  }
}

/** The places of `keys` by increasing key, from 0 to below `count`; equal keys keep the order that they have in `before`. */
function sorted(before: Uint32Array | undefined, keys: Uint32Array, count: number): Uint32Array {
  const next = new Uint32Array(count + 1);
  for (const key of keys) next[key + 1] = next[key + 1]! + 1;
  for (let key = 0; key < count; key++) next[key + 1] = next[key + 1]! + next[key]!;
  const order = new Uint32Array(keys.length);
  for (let k = 0; k < keys.length; k++) {
    const at = before ? before[k]! : k;
    const key = keys[at]!;
    order[next[key]!] = at;
    next[key] = next[key]! + 1;
  }
  return order;
}
