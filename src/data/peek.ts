import type { LongColumns } from './reading-report';
import { extname } from 'node:path';
import { chooseColumns } from './table/column-choice';
import type { Source, TableOptions } from './dataset';
import { guessDelimiter } from './table/delimiter';
import { textReader } from './table/encoding';
import { gunzipped, unpackedName } from './formats/gzip';
import { linesExtension, tableExtensions } from './extensions';
import { RowReader } from './table/rows';
import { openSource, type OpenSource } from './source';
import { longColumnsOf } from './table/advice';
import { layoutOf } from './table/layout';

/** A column of a table, as far as its beginning tells. */
export interface PeekedColumn {
  name: string;
  kind: 'numbers' | 'text';
  /** Whether it would be a feature of the table, rather than name the rows or be left out. */
  feature: boolean;
  /** Different cells. */
  distinct: number;
  /** Its first cell that is not empty. */
  example: string;
  /** Whether its cells are sentences rather than names. */
  prose: boolean;
}

/** What the beginning of a file says of it, so that questions about the job can be put well. */
export type Peek =
  | {
      kind: 'table';
      columns: PeekedColumn[];
      /** Rows that were looked at, and whether these are all. */
      rows: number;
      whole: boolean;
      /** The lines are sentences, and each may be a document. */
      prose: boolean;
      /** The columns by which each line is one entry of a matrix, where it looks like that. */
      long?: LongColumns;
    }
  /** JSON lines, and their fields of text. */
  | { kind: 'lines'; fields: string[] };

/** So much of a file is looked at. */
const maxText = 1 << 20;
/** Words in a cell, on average, from which on cells are sentences. */
const wordsOfSentence = 4;
/** A name for a row or a column of a matrix comes back on other lines, so often on average. */
const minRepeats = 1.5;

/**
 * Looks at the beginning of a table or a text.
 * @returns undefined for other files, and where nothing can be told of it
 * @throws DataError as reading it would
 */
export async function peekAt(source: Source, options: TableOptions = {}): Promise<Peek | undefined> {
  const file = await openSource(source);
  // A source can be read once.
  const opened = (await isPacked(source)) ? gunzipped(file) : file;
  const extension = extname(unpackedName(opened.name)).toLowerCase();
  const lines = extension === linesExtension;
  if (!lines && !tableExtensions.some((known) => known === extension)) return undefined;
  const { text, whole } = await beginningOf(opened, options.encoding);
  if (text.trim() === '') return undefined;
  return lines ? fieldsOf(text, whole) : tableOf(opened.name, extension, text, whole, options);
}

async function beginningOf(
  source: OpenSource,
  encoding: string | undefined,
): Promise<{ text: string; whole: boolean }> {
  let reader: ReturnType<typeof textReader> | undefined;
  let text = '';
  for await (const chunk of source.chunks()) {
    reader ??= textReader(chunk, source.name, encoding);
    text += reader.decode(chunk);
    if (text.length >= maxText) return { text, whole: false };
  }
  return { text: text + (reader?.end() ?? ''), whole: true };
}

/** Whether a file is packed, by how it begins. */
async function isPacked(source: Source): Promise<boolean> {
  const chunks = (await openSource(source)).chunks()[Symbol.asyncIterator]();
  const first = await chunks.next();
  await chunks.return?.();
  return first.done !== true && first.value[0] === 0x1f && first.value[1] === 0x8b;
}

function fieldsOf(text: string, whole: boolean): Peek {
  const lines = text.split(/\r?\n/);
  const fields = new Set<string>();
  for (const line of whole ? lines : lines.slice(0, -1)) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      if (error instanceof SyntaxError) break;
      throw error;
    }
    if (typeof value !== 'object' || value === null) break;
    for (const [name, cell] of Object.entries(value)) if (typeof cell === 'string') fields.add(name);
  }
  return { kind: 'lines', fields: [...fields] };
}

function tableOf(file: string, extension: string, text: string, whole: boolean, options: TableOptions): Peek {
  const named = /^"?sep=([^\r\n])"?[\r\n]/i.exec(text)?.[1];
  const body = named === undefined ? text : text.replace(/^[^\r\n]*(?:\r\n|\r|\n)/, '');
  const delimiter = options.delimiter ?? named ?? guessDelimiter(body, { whole, extension });
  const mayBeProse = extension === '.txt';
  const prose = mayBeProse && isProse(body);
  let records;
  try {
    records = new RowReader(file, { delimiter }).push(body, whole);
  } catch (error) {
    // Quotation marks in prose are no table's.
    if (!prose) throw error;
    return { kind: 'table', columns: [], rows: 0, whole, prose };
  }
  const layout = layoutOf(records, delimiter, options);
  const { names } = layout.named;
  const reading = { decimal: layout.decimal, missing: options.missing ?? [], halfOfLimit: false };
  const choice = chooseColumns({ file, names, reading, rowNames: layout.rowNames, body: layout.body }, options);
  const numbers = new Set(choice.candidates.map(({ index }) => index));
  const columns = names.map((name, index): PeekedColumn => {
    const cells = layout.body.map((row) => (row[index] ?? '').trim()).filter((cell) => cell !== '');
    const words = cells.reduce((sum, cell) => sum + wordsIn(cell), 0);
    const kind = numbers.has(index) ? 'numbers' : 'text';
    return {
      name,
      kind,
      feature: kind === 'numbers',
      distinct: new Set(cells).size,
      example: (cells[0] ?? '').slice(0, 60),
      prose: kind === 'text' && words >= wordsOfSentence * cells.length,
    };
  });
  const rows = layout.body.length;
  const long = longColumnsOf(names) ?? longByKinds(columns, rows);
  return {
    kind: 'table',
    columns,
    rows,
    whole,
    prose: prose || (mayBeProse && !columns.some(({ feature }) => feature)),
    ...(long && { long }),
  };
}

const wordsIn = (text: string): number => text.match(/\p{L}{2,}/gu)?.length ?? 0;

/** Whether most lines have more words than numbers. */
function isProse(text: string): boolean {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  const sentences = lines.filter((line) => {
    const words = wordsIn(line);
    return words >= wordsOfSentence && words > (line.match(/\d[\d.,]*/g)?.length ?? 0);
  });
  return sentences.length > 0.5 * lines.length;
}

/** Two columns of names that come back and one of numbers are a matrix, an entry a line. */
function longByKinds(columns: readonly PeekedColumn[], rows: number): LongColumns | undefined {
  if (columns.length < 3 || columns.length > 6) return undefined;
  const [row, column] = columns.filter(
    ({ kind, prose, distinct }) => kind === 'text' && !prose && comesBack(distinct, rows),
  );
  const value = columns.findLast(({ kind }) => kind === 'numbers');
  const numbers = columns.filter(({ kind }) => kind === 'numbers').length;
  return row && column && value && numbers === 1
    ? { row: row.name, column: column.name, value: value.name }
    : undefined;
}

const comesBack = (distinct: number, rows: number): boolean => distinct > 1 && distinct * minRepeats <= rows;
