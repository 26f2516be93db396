import { extname } from 'node:path';
import { guessDelimiter } from './delimiter';
import { DataError, type Dataset, type TableOptions } from '../dataset';
import { textReader, type TextReader } from './encoding';
import { LongTableBuilder } from './long-table';
import { RowReader } from './rows';
import type { OpenSource } from '../source';
import { TableBuilder } from './table';
import { TextColumnBuilder } from '../text/column';

/** The beginning of a file that delimiter, header and kinds of columns are judged by: this much text … */
const sampleText = 1 << 18;
/** … and this many lines, but never more than so much text. */
const sampleLines = 32;
const sampleTextLimit = 1 << 24;

/**
 * Reads a delimited text table in one pass, holding the matrix and never the text. Delimiter, encoding, header and
 * decimal separator are found out and reported. Columns of numbers become features; a text column names the rows;
 * what is left out is reported with its reason.
 *
 * Missing are empty cells and `NA`, `N/A`, `NaN`, `null`, `?`, `-` in any case. Infinities, and numbers beyond
 * float32, are treated as missing, with a warning, since no factorization can fit them.
 *
 * With `long` each line is an entry of a sparse matrix instead; see {@link LongTableBuilder}.
 * @throws DataError when the text is no table, or holds no numbers
 */
export async function readTable(source: OpenSource, options: TableOptions = {}): Promise<Dataset> {
  let text: TextReader | undefined;
  let sample: string[] | undefined = [];
  let sampled = 0;
  let lines = 0;
  let table: Table | undefined;
  for await (const chunk of source.chunks()) {
    text ??= textReader(chunk, source.name, options.encoding);
    const decoded = text.decode(chunk);
    if (table !== undefined) {
      table.push(decoded, false);
      continue;
    }
    sample?.push(decoded);
    sampled += decoded.length;
    lines += countLines(decoded);
    if (sampled >= sampleTextLimit || (sampled >= sampleText && lines >= sampleLines)) {
      table = new Table(source.name, (sample ?? []).join(''), false, options);
      sample = undefined;
    }
  }
  const rest = text?.end() ?? '';
  if (table === undefined) {
    table = new Table(source.name, (sample ?? []).join('') + rest, true, options);
  } else {
    table.push(rest, true);
  }
  return table.finish(source, text);
}

/** A table being read, once enough of it is there to know its layout. */
class Table {
  private readonly delimiter: string;
  private readonly rows: RowReader;
  private readonly builder: TableBuilder | LongTableBuilder | TextColumnBuilder;

  constructor(name: string, sample: string, whole: boolean, options: TableOptions) {
    if (sample.trim() === '') {
      throw new DataError(`${name}: the file holds only blank lines; choose one that holds a table.`);
    }
    // Spreadsheets let a first line such as `sep=;` name the delimiter.
    const named = /^"?sep=([^\r\n])"?[\r\n]/i.exec(sample)?.[1];
    const body = named === undefined ? sample : sample.replace(/^[^\r\n]*(?:\r\n|\r|\n)/, '');
    this.delimiter =
      options.delimiter ?? named ?? guessDelimiter(body, { whole, extension: extname(name).toLowerCase() });
    this.rows = new RowReader(name, { delimiter: this.delimiter }, named === undefined ? 0 : 1);
    const first = this.rows.push(body, whole);
    const { text } = options;
    this.builder =
      text?.from !== undefined
        ? new TextColumnBuilder(name, this.delimiter, first, text.from, text, options)
        : options.long
          ? new LongTableBuilder(name, this.delimiter, first, options.long, options)
          : new TableBuilder(name, this.delimiter, first, options);
    for (const row of first) {
      this.builder.add(row);
    }
  }

  push(text: string, last: boolean): void {
    for (const row of this.rows.push(text, last)) {
      this.builder.add(row);
    }
  }

  finish(source: OpenSource, text: TextReader | undefined): Dataset {
    const encoding = text?.encoding() ?? 'UTF-8';
    if (this.builder instanceof LongTableBuilder) {
      return this.builder.finish(source.identity(), encoding, text?.warnings() ?? []);
    }
    if (this.builder instanceof TextColumnBuilder) {
      return this.builder.finish(source.identity(), encoding, text?.warnings() ?? []);
    }
    const table = this.builder.finish();
    return {
      rows: table.rows,
      columns: table.features.length,
      missing: table.missingEntries,
      ...(table.rowLabels === undefined ? {} : { rowLabels: table.rowLabels }),
      ...(table.header ? { columnLabels: table.features } : {}),
      source: source.identity(),
      reading: {
        kind: 'table',
        delimiter: this.delimiter,
        encoding,
        decimal: table.decimal,
        header: table.header,
        features: table.features,
        ...(table.label === undefined ? {} : { label: table.label }),
        leftOut: table.leftOut,
        ...(table.skip !== undefined && { skip: table.skip }),
        ...(table.missing && { missing: table.missing }),
        ...(table.detectionLimit && { detectionLimit: table.detectionLimit }),
      },
      warnings: [...(text?.warnings() ?? []), ...table.warnings, ...table.advice.map((advice) => advice.text)],
      ...(table.advice.length > 0 && { advice: table.advice }),
      ...(table.narrow.length > 0 && { narrow: table.narrow }),
      lineOf: table.lineOf,
      blocks: () => table.blocks,
    };
  }
}

function countLines(text: string): number {
  return text.match(/[\r\n]+/g)?.length ?? 0;
}
