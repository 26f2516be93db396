import { Parser, type ParseResult } from 'papaparse';
import { DataError } from '../dataset';

/** How a text table is laid out. */
export interface Layout {
  /** ' ' stands for any run of spaces and tabs. */
  delimiter: string;
  /** Number of records after which to stop. */
  preview?: number;
}

/** A record with the line of the file on which it begins, counted from 1 as an editor does. */
export interface NumberedRow {
  line: number;
  cells: string[];
}

/** A carriage return that ends a line by itself. */
const loneReturn = /\r(?!\n)/;

/** Longest single record: beyond it the file is no table, or a quotation mark never closes. */
const recordLimit = 1 << 27;

/**
 * Cuts text that arrives in pieces into records, by PapaParse's own parser. Quoted cells may hold delimiters, doubled
 * quotation marks and line breaks. A line ends in `\n`, `\r\n` or `\r`, whichever comes. Blank lines are left out.
 */
export class RowReader {
  private readonly parser: Parser;
  private readonly delimiter: string;
  /** A carriage return that may be half of a line end. */
  private held = '';
  private pieces: string[] = [];
  private pending = 0;
  /** Parsing waits until this much text is there, so that a record longer than many chunks is not parsed anew at each. */
  private parseAt = 0;

  /**
   * @param name of the file, for messages
   * @param lines of the file before these
   */
  constructor(
    private readonly name: string,
    layout: Layout,
    private lines = 0,
  ) {
    this.parser = new Parser({ ...layout, newline: '\n' });
    this.delimiter = layout.delimiter;
  }

  /**
   * The records that `text` completes.
   * @param last whether the file ends here
   * @throws DataError for quotation marks out of order
   */
  push(text: string, last: boolean): NumberedRow[] {
    this.take(text, last);
    if (!last && this.pending < this.parseAt) {
      return [];
    }
    const joined = this.pieces.join('');
    const input = this.normalized(joined, last);
    // `parse` is typed as any.
    const result = this.parser.parse(input, 0, !last) as ParseResult<string[]>;
    // Errors in a record that is not complete yet may vanish once it is.
    const error = result.errors.find((candidate) => (candidate.row ?? 0) < result.data.length);
    if (error !== undefined) {
      throw this.quoteError(error.code, this.lineAfter(result.data.slice(0, error.row ?? 0)));
    }
    const rest = input.slice(result.meta.cursor);
    this.pieces = last || rest === '' ? [] : [rest];
    this.pending = rest.length;
    this.parseAt = 2 * rest.length;
    if (this.pending > recordLimit) {
      throw this.quoteError('MissingQuotes', this.lineAfter(result.data));
    }
    return this.number(result.data);
  }

  private take(text: string, last: boolean): void {
    const whole = this.held + text;
    this.held = !last && whole.endsWith('\r') ? '\r' : '';
    const taken = this.held === '' ? whole : whole.slice(0, -1);
    this.pieces.push(taken);
    this.pending += taken.length;
  }

  /** The text as the parser takes it: lines end in `\n`, nothing stands between a delimiter and a quotation mark. */
  private normalized(text: string, last: boolean): string {
    let result = text;
    if (loneReturn.test(result))
      result = result.replace(/"[^"]*(?:"|$)|\r\n?/g, (match) => (match.startsWith('"') ? match : '\n'));
    if (this.delimiter === ' ') return collapseSpaces(last ? result.trimEnd() : result);
    // A tab may be the delimiter itself.
    const blank = this.delimiter === '\t' ? ' ' : '[ \\t]';
    const delimiter = this.delimiter.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    if (new RegExp(`(?:${delimiter}|\\n)${blank}+"`).test(result)) {
      const blanks = new RegExp(
        `("(?:[^"]|"")*(?:"|$))(?:${blank}+(?=${delimiter}|\\r?\\n|$))?|(${delimiter}|\\n)${blank}+(?=")`,
        'g',
      );
      result = result.replace(
        blanks,
        (_, quoted: string | undefined, before: string | undefined) => quoted ?? before ?? '',
      );
    }
    return result;
  }

  private number(records: string[][]): NumberedRow[] {
    const rows: NumberedRow[] = [];
    for (const cells of records) {
      const line = this.lines + 1;
      const end = cells.length - 1;
      const lastCell = cells[end];
      // Lines are cut at \n, so a file with \r\n leaves the \r behind.
      if (lastCell?.endsWith('\r') === true) {
        cells[end] = lastCell.slice(0, -1);
      }
      this.lines += linesOf(cells);
      // Ctrl-Z ended files once.
      if (cells.length > 1 || !/^\s*\x1a?\s*$/.test(cells[0] ?? '')) {
        rows.push({ line, cells });
      }
    }
    return rows;
  }

  /** The line that follows on records which are not counted yet. */
  private lineAfter(records: readonly string[][]): number {
    return records.reduce((sum, cells) => sum + linesOf(cells), this.lines) + 1;
  }

  private quoteError(code: string, line: number): DataError {
    return code === 'MissingQuotes'
      ? new DataError(`${this.name}: a quotation mark opened in line ${line} never closes; close it or remove it.`)
      : new DataError(
          `${this.name}: in line ${line} a quoted cell goes on after its closing quotation mark; double the quotation marks inside it.`,
        );
  }
}

/** The lines that a record takes: quoted cells may hold breaks. */
function linesOf(cells: readonly string[]): number {
  let lines = 1;
  for (const cell of cells) {
    for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) lines++;
    // By itself it ends a line as well; the one at a record's end belongs to the line break.
    if (cell.includes('\r')) lines += cell.match(/\r(?!\n|$)/g)?.length ?? 0;
  }
  return lines;
}

/** Makes one space of every run of spaces and tabs outside quotation marks, and none at a line's ends. */
function collapseSpaces(text: string): string {
  return text
    .replace(/"[^"]*(?:"|$)|[ \t]+/g, (match) => (match.startsWith('"') ? match : ' '))
    .replace(/ ?([\r\n]) ?/g, '$1')
    .replace(/^ /, '');
}
