import type { ReadReport, Advice } from '../reading-report';
import { BlockStore } from '../blocks';
import { chooseColumns } from './column-choice';
import { list, quote } from './columns';
import { DataError, type RowBlock, type TableOptions } from '../dataset';
import type { NumberedRow } from './rows';
import { adviceOn } from './advice';
import { flat, type Column } from './column';
import { isComment, layoutOf, type TableLayout } from './layout';
import { remarksOn, type Counted } from './remarks';
import { RowLines } from './row-lines';

type TableReport = Extract<ReadReport, { kind: 'table' }>;

export interface FinishedTable extends Pick<
  TableReport,
  'decimal' | 'header' | 'features' | 'label' | 'leftOut' | 'skip' | 'missing' | 'detectionLimit'
> {
  rows: number;
  missingEntries: number;
  rowLabels?: string[];
  warnings: string[];
  advice: Advice[];
  blocks: RowBlock[];
  lineOf: (row: number) => number;
  /** See {@link DenseDataset.narrow}. */
  narrow: number[];
}

/** Narrow lines that wait for a row of the table below them; more than this are rows, whatever they hold. */
const maxFooters = 1000;

/** How the last line of a table begins that sums it up or says where it is from. */
const footerWords = /^(?:grand |sub)?(?:total|sum|mean|average|summe|source|note|notes|quelle)\b/i;

/** Builds a matrix from a table's rows, the first of which also decide what each column is. */
export class TableBuilder {
  private readonly layout: TableLayout;
  private readonly names: string[];
  private readonly columns: readonly Column[];
  private readonly leftOut: Map<number, string>;
  private readonly store: BlockStore;
  private readonly warnings: string[] = [];
  private readonly label: number | undefined;
  /** The column of an identifier, which labels the rows if it turns out to be one and no text does. */
  private readonly identifier: number | undefined;
  private readonly labels: string[] = [];
  private readonly known = new Map<string, string>();
  private readonly lines = new RowLines();
  private headerRowsLeft: number;
  private short = { count: 0, first: 0, cells: 0 };
  private readonly unobserved: Counted = { count: 0, first: 0 };
  private readonly empty: Counted = { count: 0, first: 0 };
  private readonly comments: Counted = { count: 0, first: 0 };
  /** Narrow lines since the last row. */
  private footers: NumberedRow[] = [];

  /**
   * @param file name, for messages
   * @param sample the first rows, header included; they are to be added all the same
   * @throws DataError for columns that are asked for and not there
   */
  constructor(
    private readonly file: string,
    delimiter: string,
    sample: readonly NumberedRow[],
    private readonly options: TableOptions,
  ) {
    const layout = layoutOf(sample, delimiter, options);
    this.layout = layout;
    this.headerRowsLeft = layout.headerRows;
    this.names = layout.named.names;
    this.warnings.push(...layout.warnings, ...layout.named.warnings);
    const reading = {
      decimal: layout.decimal,
      missing: options.missing ?? [],
      halfOfLimit: options.detectionLimit === 'half',
    };
    const { rowNames, body } = layout;
    const choice = chooseColumns({ file, names: this.names, reading, rowNames, body }, options);
    this.columns = choice.candidates;
    this.leftOut = choice.leftOut;
    this.label = choice.label;
    const identifier = this.columns.find((column) => column.namesIdentifier);
    this.identifier = choice.label === undefined ? identifier?.index : undefined;
    this.store = new BlockStore(this.columns.length, undefined, narrowColumns(this.columns, body));
  }

  /** Takes the next row. @throws DataError when it has more cells than the table has columns */
  add(row: NumberedRow): void {
    const { cells, line } = row;
    if (line <= this.layout.skipped) return;
    if (this.headerRowsLeft > 0) {
      this.headerRowsLeft--;
      return;
    }
    const width = this.names.length;
    if (cells.length > width && cells.slice(width).some((cell) => cell.trim() !== '')) {
      const reference = `${this.layout.headerRows > 0 ? 'the header names' : 'the first row has'} ${width}`;
      throw new DataError(
        `${this.file}: line ${line} has ${cells.length} cells, but ${reference}; put cells that hold the delimiter in quotation marks, and remove lines that are not part of the table, such as those above it (--skip N)${this.orText()}.`,
      );
    }
    if (cells.every((cell) => cell.trim() === '')) {
      count(this.empty, line);
      return;
    }
    if (cells.length < width) {
      if (isComment(cells)) {
        count(this.comments, line);
        return;
      }
      if (this.mayBeFooter(cells) && this.footers.length < maxFooters) {
        this.footers.push(row);
        return;
      }
    }
    // What stands above a row of the table is part of it.
    for (const waiting of this.footers.splice(0)) this.take(waiting);
    this.take(row);
  }

  /** The matrix. @throws DataError when no column holds numbers, or there are no rows */
  finish(): FinishedTable {
    if (this.store.rows === 0) {
      throw new DataError(
        `${this.file}: there are no rows below the header; choose a table with data${this.orText()}.`,
      );
    }
    const kept = this.columns.flatMap((column, position) => {
      const reason = column.verdict(this.file);
      if (reason !== undefined) {
        this.leftOut.set(column.index, reason);
        return [];
      }
      return [position];
    });
    const features = kept.flatMap((position) => this.columns[position] ?? []);
    if (features.length === 0) {
      throw new DataError(this.withoutNumbers());
    }
    const missing = features.reduce((sum, column) => sum + (this.store.rows - column.numbers), 0);
    if (missing === this.store.rows * features.length) {
      throw new DataError(`${this.file}: no entry of the chosen columns is a number; choose other columns.`);
    }
    this.warnings.push(...remarksOn(features), ...this.remarksOnRows());
    const advice = this.options.columns === undefined ? adviceOn(this.names, features) : [];
    const { decimal, headerRows } = this.layout;
    const identifies = this.identifier !== undefined && this.leftOut.has(this.identifier);
    const label = this.label ?? (identifies ? this.identifier : undefined);
    const { skip, missing: marks, detectionLimit } = this.options;
    return {
      rows: this.store.rows,
      missingEntries: missing,
      decimal,
      header: headerRows > 0,
      features: features.map((column) => column.name),
      ...(label === undefined ? {} : { label: this.name(label), rowLabels: this.labels }),
      leftOut: [...this.leftOut]
        .sort(([a], [b]) => a - b)
        .map(([index, reason]) => ({ column: this.name(index), reason })),
      ...(skip !== undefined && { skip }),
      ...(marks !== undefined && { missing: marks }),
      ...(detectionLimit !== undefined && { detectionLimit }),
      warnings: this.warnings,
      advice,
      narrow: this.store.narrowAmong(kept),
      blocks: this.store.finish(kept),
      lineOf: this.lines.lineOf,
    };
  }

  private take({ cells, line }: NumberedRow): void {
    if (cells.length < this.names.length && this.short.count++ === 0) {
      this.short = { count: 1, first: line, cells: cells.length };
    }
    this.store.addRow();
    this.lines.add(line);
    let observed = 0;
    for (let position = 0; position < this.columns.length; position++) {
      const column = this.columns[position];
      if (column !== undefined) {
        const value = column.read(cells[column.index] ?? '', line);
        if (Number.isNaN(value)) {
          this.store.miss(position);
        } else {
          this.store.set(position, value);
          observed++;
        }
      }
    }
    if (observed === 0) count(this.unobserved, line);
    const label = this.label ?? this.identifier;
    if (label !== undefined) {
      this.labels.push(this.keep((cells[label] ?? '').trim()));
    }
  }

  /** Whether a narrow line may stand below the table: it holds no number, or sums the table up. */
  private mayBeFooter(cells: readonly string[]): boolean {
    return (
      footerWords.test((cells[0] ?? '').trim()) ||
      !this.columns.some((column) => !Number.isNaN(column.numberIn(cells[column.index] ?? '')))
    );
  }

  private remarksOnRows(): string[] {
    const remarks: string[] = [];
    if (this.short.count > 0) {
      const { count, first, cells } = this.short;
      remarks.push(
        `${count === 1 ? '1 row has' : `${count} rows have`} fewer cells than the table has columns, the first being line ${first} with ${cells} of ${this.names.length}; what lacks counts as missing.`,
      );
    }
    const tell = ({ count, first }: Counted, one: string, several: string): void => {
      if (count > 0)
        remarks.push(`${count === 1 ? `1 row ${one}` : `${count} rows ${several}`}, the first being line ${first}.`);
    };
    tell(this.empty, 'without any content was left out', 'without any content were left out');
    tell(
      this.comments,
      'within the table is a comment and was left out',
      'within the table are comments and were left out',
    );
    const [footer] = this.footers;
    if (footer !== undefined) {
      tell(
        { count: this.footers.length, first: footer.line },
        'below the table was left out',
        'below the table were left out',
      );
    }
    tell(this.unobserved, 'holds no number at all', 'hold no number at all');
    return remarks;
  }

  private withoutNumbers(): string {
    const numbers = this.columns.filter((column) => column.numbers > 0 && column.strays === 0);
    const [first] = numbers;
    if (first !== undefined) {
      const reason = this.leftOut.get(first.index) ?? '';
      return `${this.file}: all columns of numbers were left out, such as ${quote(first.name)}, which ${reason}.`;
    }
    const columns = list(
      this.names.filter((_, index) => this.leftOut.get(index) !== undefined || index === this.label),
    );
    return `${this.file}: no column holds numbers (columns: ${columns}); choose a table with numbers, check its delimiter and decimal separator, or read it as text (--text COLUMN).`;
  }

  /** What may be meant by a file whose ending is that of prose as well. */
  private orText(): string {
    return /\.txt$/i.test(this.file) ? ', or read it as text (--text lines)' : '';
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

/** Places of the columns whose numbers in the sample are such. */
function narrowColumns(columns: readonly Column[], body: readonly string[][]): number[] {
  return columns.flatMap((column, place) => {
    let [least, most] = [Infinity, -Infinity];
    for (const row of body) {
      const value = column.numberIn(row[column.index] ?? '');
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return most >= least && most - least < narrowRange * Math.max(Math.abs(least), Math.abs(most)) ? [place] : [];
  });
}

function count(counted: Counted, line: number): void {
  if (counted.count++ === 0) counted.first = line;
}
