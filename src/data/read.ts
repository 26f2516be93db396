import { extname } from 'node:path';
import { defaultText } from './text/options';
import { readTable } from './table/csv';
import { DataError, type Dataset, type Source, type TableOptions } from './dataset';
import {
  imageExtensions,
  linesExtension,
  matrixExtensions,
  matrixFormats,
  tableExtensions,
  type MatrixFormat,
} from './extensions';
import { emptyFolder, folderPath, openFolder } from './folder';
import { readImage } from './images/image';
import { readImageFolder } from './images/folder';
import { gunzipped, unpackedName } from './formats/gzip';
import { readMatrixMarket } from './formats/matrix-market';
import { readNumpy } from './formats/numpy';
import { openSource, sourceName, type OpenSource } from './source';
import { withWeights } from './weights';
import { readJsonLines, readTextFolder, readTextLines } from './text/read-text';

export interface ReadOptions {
  table?: TableOptions;
  /** A matrix of weights for the entries. */
  weights?: Source;
  /** Fraction of the file that was read, 0 to 1. */
  onProgress?(fraction: number): void;
  /** When aborted, reading throws the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Reads a table or an image as a dataset. The extension, in any case, says which; the content must agree.
 * @throws DataError for everything that is wrong with the file: the message names it, the place and the remedy
 */
export async function readDataset(source: Source, options: ReadOptions = {}): Promise<Dataset> {
  const { weights, signal } = options;
  const dataset = await orTooLarge(source, () => readUnweighted(source, options));
  return weights
    ? await orTooLarge(weights, async () => await withWeights(dataset, await openSource(weights, { signal })))
    : dataset;
}

async function orTooLarge(source: Source, reading: () => Promise<Dataset>): Promise<Dataset> {
  try {
    return await reading();
  } catch (error) {
    if (error instanceof RangeError) {
      throw new DataError(
        `${sourceName(source)}: the data do not fit into memory; choose fewer columns or a part of the file.`,
        { cause: error },
      );
    }
    throw error;
  }
}

async function readUnweighted(source: Source, options: ReadOptions): Promise<Dataset> {
  const folder = await folderPath(source);
  if (folder !== undefined) {
    return await readFolder(folder, source, options);
  }
  const opened = await openSource(source, { onProgress: options.onProgress?.bind(options), signal: options.signal });
  return await readFile(opened, options.table);
}

const matrixReaders: { readonly [K in MatrixFormat]: (source: OpenSource) => Promise<Dataset> } = {
  numpy: readNumpy,
  'matrix-market': readMatrixMarket,
};

/** What a file is by how it begins, whatever its name says; undefined where that leaves it to the name. */
function formatOf(beginning: string): 'gzip' | MatrixFormat | undefined {
  if (beginning.startsWith('\x1f\x8b')) return 'gzip';
  const formats = Object.keys(matrixFormats) as MatrixFormat[];
  return formats.find((format) => beginning.startsWith(matrixFormats[format].begins));
}

async function readFile(source: OpenSource, table: TableOptions | undefined): Promise<Dataset> {
  const { beginning, whole } = await peek(source);
  const format = formatOf(beginning);
  if (format === 'gzip') {
    // The names of members are not asked: what they hold says what it is, and the file's own name what it does not.
    return await readFile(gunzipped({ ...whole, name: source.name }), table);
  }
  if (format !== undefined) {
    if (hasChoices(table) || table?.image !== undefined) {
      throw new DataError(
        `${source.name}: columns and layouts can be chosen in a text table, not in a file of numbers alone; leave that choice out.`,
      );
    }
    return await matrixReaders[format](whole);
  }
  return await readByName(whole, beginning, table);
}

/** Reads a table, an image or text, as the file's extension says in any case of letters; the content must agree. */
async function readByName(source: OpenSource, beginning: string, table: TableOptions | undefined): Promise<Dataset> {
  const { name } = source;
  const extension = extname(unpackedName(name)).toLowerCase();
  const isTable = extension === linesExtension || tableExtensions.some((known) => known === extension);
  const isImage = imageExtensions.some((known) => known === extension);
  if (!isTable && !isImage) {
    const damaged = matrixExtensions.some((known) => known === extension);
    const given = extension === '' ? 'no extension' : `the extension ${extension}`;
    throw new DataError(
      damaged
        ? `${name}: a file with ${given} must begin as one does, and this one does not; save it again.`
        : `${name}: a file with ${given} cannot be read; use ${[...tableExtensions, linesExtension, ...matrixExtensions, ...imageExtensions].join(' ')}, or one of them compressed to .gz.`,
    );
  }
  if (isImage && hasChoices(table)) {
    throw new DataError(`${name}: columns can be chosen in a table, not in an image; leave that choice out.`);
  }
  if (isTable && table?.image !== undefined) {
    throw new DataError(`${name}: a table is not read as an image; leave that choice out.`);
  }
  refuseOtherKinds(name, beginning, isTable ? 'table' : 'image');
  if (isImage) {
    return await readImage(source, table?.image);
  }
  const text = table?.text;
  if (extension === linesExtension) {
    return await readJsonLines(source, text ?? defaultText);
  }
  return text !== undefined && text.from === undefined
    ? await readTextLines(source, text, table?.encoding)
    : await readTable(source, table);
}

async function readFolder(path: string, source: Source, options: ReadOptions): Promise<Dataset> {
  const reading = { onProgress: options.onProgress?.bind(options), signal: options.signal };
  const images = await openFolder(path, imageExtensions, source.uri);
  const texts = await openFolder(path, ['.txt'], source.uri);
  const { table } = options;
  if (table?.text !== undefined || (images.files.length === 0 && texts.files.length > 0)) {
    if (texts.files.length === 0) {
      throw emptyFolder(texts.name, ['.txt']);
    }
    return await readTextFolder(texts, table?.text ?? defaultText, reading);
  }
  if (images.files.length === 0) {
    throw emptyFolder(images.name, [...imageExtensions, '.txt']);
  }
  if (hasChoices(table)) {
    throw new DataError(`${images.name}: columns can be chosen in a table, not in images; leave that choice out.`);
  }
  return await readImageFolder(images, table?.image ?? { as: 'gray' }, reading);
}

function hasChoices(options: TableOptions | undefined): boolean {
  return (
    options?.columns !== undefined ||
    options?.exclude !== undefined ||
    options?.label !== undefined ||
    options?.delimiter !== undefined ||
    options?.header !== undefined ||
    options?.skip !== undefined ||
    options?.missing !== undefined ||
    options?.detectionLimit !== undefined ||
    options?.encoding !== undefined ||
    options?.long !== undefined ||
    options?.text !== undefined
  );
}

/** How other kinds of files begin, and what to do about them. */
const signatures: { begins: string; kind: string; image: boolean; remedy: string }[] = [
  { begins: '\x89PNG', kind: 'a PNG image', image: true, remedy: 'rename it to .png' },
  { begins: '\xff\xd8\xff', kind: 'a JPEG image', image: true, remedy: 'rename it to .jpg' },
  { begins: 'GIF8', kind: 'a GIF image', image: true, remedy: 'rename it to .gif' },
  { begins: 'II*\0', kind: 'a TIFF image', image: true, remedy: 'rename it to .tif' },
  { begins: 'MM\0*', kind: 'a TIFF image', image: true, remedy: 'rename it to .tif' },
  { begins: 'PK\x03\x04', kind: 'a zip archive or spreadsheet', image: false, remedy: 'export the table as CSV' },
  { begins: '\xd0\xcf\x11\xe0', kind: 'an Excel workbook', image: false, remedy: 'export the table as CSV' },
  { begins: '%PDF', kind: 'a PDF document', image: false, remedy: 'export its table or image' },
  { begins: 'PAR1', kind: 'a Parquet table', image: false, remedy: 'export the table as CSV' },
  { begins: 'SQLite format 3', kind: 'an SQLite database', image: false, remedy: 'export the table as CSV' },
];

/** @throws DataError when a file that should be a table or an image begins like one of another kind */
function refuseOtherKinds(name: string, beginning: string, expected: 'table' | 'image'): void {
  const found = signatures.find((signature) => beginning.startsWith(signature.begins));
  if (found !== undefined && !(found.image && expected === 'image')) {
    throw new DataError(
      `${name}: this is ${found.kind}, not ${expected === 'table' ? 'a text table' : 'an image'}; ${found.remedy}.`,
    );
  }
}

/** How a source begins, and the whole of it, which can still be read once. */
async function peek(source: OpenSource): Promise<{ beginning: string; whole: OpenSource }> {
  const iterator = source.chunks()[Symbol.asyncIterator]();
  const first = await iterator.next();
  const beginning = first.done === true ? '' : Buffer.from(first.value.subarray(0, 16)).toString('latin1');
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { beginning, whole: { ...source, chunks } };
}
