import { Parser, type ParseResult } from 'papaparse';
import { DataError } from './dataset';

/** How a text table is laid out. */
export interface Layout {
  /** ' ' stands for any run of spaces and tabs. */
  delimiter: string;
  newline: '\n' | '\r';
  /** Number of records after which to stop. */
  preview?: number;
}

/** A record with its number in the file, counted from 1; blank lines and the header count too. */
export interface NumberedRow {
  number: number;
  cells: string[];
}

/** Longest single record: beyond it the file is no table, or a quotation mark never closes. */
const recordLimit = 1 << 27;

/**
 * Cuts text that arrives in pieces into records, by PapaParse's own parser. Quoted cells may hold delimiters, doubled
 * quotation marks and line breaks. Blank lines are left out.
 */
export class RowReader {
  private readonly parser: Parser;
  private readonly collapses: boolean;
  private pieces: string[] = [];
  private pending = 0;
  /** Parsing waits until this much text is there, so that a record longer than many chunks is not parsed anew at each. */
  private parseAt = 0;

  /**
   * @param name of the file, for messages
   * @param count records that were read before these
   */
  constructor(
    private readonly name: string,
    layout: Layout,
    private count = 0,
  ) {
    this.parser = new Parser(layout);
    this.collapses = layout.delimiter === ' ';
  }

  /**
   * The records that `text` completes.
   * @param last whether the file ends here
   * @throws DataError for quotation marks out of order
   */
  push(text: string, last: boolean): NumberedRow[] {
    this.pieces.push(text);
    this.pending += text.length;
    if (!last && this.pending < this.parseAt) {
      return [];
    }
    const joined = this.pieces.join('');
    const input = this.collapses ? collapseSpaces(last ? joined.trimEnd() : joined) : joined;
    // `parse` is typed as any.
    const result = this.parser.parse(input, 0, !last) as ParseResult<string[]>;
    // Errors in a record that is not complete yet may vanish once it is.
    const error = result.errors.find((candidate) => (candidate.row ?? 0) < result.data.length);
    if (error !== undefined) {
      throw this.quoteError(error.code, this.count + (error.row ?? 0) + 1);
    }
    const rest = input.slice(result.meta.cursor);
    this.pieces = last || rest === '' ? [] : [rest];
    this.pending = rest.length;
    this.parseAt = 2 * rest.length;
    if (this.pending > recordLimit) {
      throw this.quoteError('MissingQuotes', this.count + result.data.length + 1);
    }
    return this.number(result.data);
  }

  private number(records: string[][]): NumberedRow[] {
    const rows: NumberedRow[] = [];
    for (const cells of records) {
      this.count++;
      const end = cells.length - 1;
      const lastCell = cells[end];
      // Lines are cut at \n, so a file with \r\n leaves the \r behind.
      if (lastCell?.endsWith('\r') === true) {
        cells[end] = lastCell.slice(0, -1);
      }
      if (cells.length > 1 || (cells[0] ?? '').trim() !== '') {
        rows.push({ number: this.count, cells });
      }
    }
    return rows;
  }

  private quoteError(code: string, row: number): DataError {
    return code === 'MissingQuotes'
      ? new DataError(`${this.name}: a quotation mark opened in row ${row} never closes; close it or remove it.`)
      : new DataError(
          `${this.name}: in row ${row} a quoted cell goes on after its closing quotation mark; double the quotation marks inside it.`,
        );
  }
}

/** Makes one space of every run of spaces and tabs outside quotation marks, and none at a line's ends. */
function collapseSpaces(text: string): string {
  return text
    .replace(/"[^"]*(?:"|$)|[ \t]+/g, (match) => (match.startsWith('"') ? match : ' '))
    .replace(/ ?([\r\n]) ?/g, '$1')
    .replace(/^ /, '');
}

/** How a file's lines end: `\r` only where there is no `\n` outside quoted cells. */
export function detectNewline(sample: string): '\n' | '\r' {
  if (!sample.includes('\r')) {
    return '\n';
  }
  const unquoted = sample.replace(/"[^"]*"/g, '');
  return unquoted.includes('\r') && !unquoted.includes('\n') ? '\r' : '\n';
}
