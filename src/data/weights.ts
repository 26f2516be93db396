import { extname } from 'node:path';
import { entryName, type EntryNames } from './entry-names';
import { readTable } from './table/csv';
import { DataError, type Dataset, type DenseDataset, type RowBlock } from './dataset';
import { decodeNpy, NpyError } from './formats/npy';
import type { OpenSource } from './source';
import { ZipArchive, ZipError } from './formats/zip';

/** Extensions of the files that weights can be read from. */
export const weightExtensions = ['.csv', '.tsv', '.tab', '.txt', '.npz', '.npy'] as const;

/** What NumPy's header may add to an array's elements, of which none takes more than 8 bytes. */
const headerAllowance = 1 << 17;
const elementBytes = 8;

interface Weights {
  rows: number;
  columns: number;
  /** rows×columns, row-major; NaN where a table has no number. */
  values: Float32Array;
  lineOf?: EntryNames['lineOf'];
}

/**
 * The dataset with a weight for every entry, which its loss is multiplied by. An entry of weight 0 counts as missing.
 * @param source a table or NumPy array of the dataset's shape, all numbers at least 0
 * @throws DataError naming the file and the place where it is something else
 */
export async function withWeights(dataset: Dataset, source: OpenSource): Promise<Dataset> {
  if ('entries' in dataset) {
    throw new DataError(
      `${source.name}: a table that has a line an entry has its weights in a column; name that column as the fourth.`,
    );
  }
  const { rows, columns, values, lineOf } = await readWeights(source, dataset);
  if (rows !== dataset.rows || columns !== dataset.columns) {
    throw new DataError(
      `${source.name}: the weights are ${rows} × ${columns}, but the data ${dataset.source.name} are ${dataset.rows} × ${dataset.columns}; give a weight for every entry.`,
    );
  }
  const wrong = values.findIndex((value) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) {
    const place = entryName({ ...(lineOf && { lineOf }) }, Math.floor(wrong / columns), wrong % columns);
    const found = values[wrong]!;
    throw new DataError(
      `${source.name}: the weight in ${place} is ${Number.isNaN(found) ? 'no number' : found}; weights are numbers of at least 0, and 0 means that nothing was observed.`,
    );
  }
  return await weighted(dataset, values, source);
}

async function weighted(dataset: DenseDataset, values: Float32Array, source: OpenSource): Promise<DenseDataset> {
  const { columns } = dataset;
  const blocks: RowBlock[] = [];
  let missing = 0;
  let equal = true;
  for await (const block of dataset.blocks()) {
    const weights = values.slice(block.start * columns, (block.start + block.count) * columns);
    const observed = new Uint8Array(weights.length);
    weights.forEach((weight, at) => (observed[at] = weight > 0 && block.observed?.[at] !== 0 ? 1 : 0));
    missing += observed.reduce((count, one) => count + 1 - one, 0);
    equal &&= weights.every((weight) => weight === 1 || weight === 0);
    const kept = block.values.map((value, at) => (observed[at] === 1 ? value : 0));
    blocks.push({ ...block, values: kept, observed, weights });
  }
  if (missing === dataset.rows * columns) {
    throw new DataError(`${source.name}: no observed entry has a weight above 0; give some a weight of 1.`);
  }
  return {
    ...dataset,
    missing,
    weights: source.identity(),
    // Weights of 0 and 1 say no more than which entries are there.
    blocks: () => (equal ? blocks.map(({ weights: _, ...block }) => block) : blocks),
  };
}

async function readWeights(source: OpenSource, dataset: DenseDataset): Promise<Weights> {
  const extension = extname(source.name).toLowerCase();
  if (!weightExtensions.some((known) => known === extension)) {
    throw new DataError(
      `${source.name}: weights are read from ${weightExtensions.join(' ')}; save them as one of these.`,
    );
  }
  return extension === '.npz' || extension === '.npy'
    ? await fromNumpy(source, extension, dataset)
    : await fromTable(source);
}

async function fromTable(source: OpenSource): Promise<Weights> {
  // Whatever the weights look like, there is one for each entry.
  const dataset = await readTable(source, { everyNumber: true });
  const { rows, columns } = dataset;
  const values = new Float32Array(rows * columns);
  if (!('blocks' in dataset)) throw new Error('A table that is not long is read whole.');
  for await (const block of dataset.blocks()) {
    values.set(
      block.values.map((value, at) => (block.observed?.[at] === 0 ? NaN : value)),
      block.start * columns,
    );
  }
  return { rows, columns, values, ...(dataset.lineOf && { lineOf: dataset.lineOf }) };
}

async function fromNumpy(source: OpenSource, extension: string, dataset: DenseDataset): Promise<Weights> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks()) chunks.push(chunk.slice());
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  chunks.reduce((at, chunk) => (bytes.set(chunk, at), at + chunk.length), 0);
  try {
    const { array, shape } = decodeNpy(
      extension === '.npy' ? bytes : onlyArray(new ZipArchive(bytes), source.name, dataset),
    );
    const [rows, columns] = shape;
    if (shape.length !== 2 || rows === undefined || columns === undefined) {
      throw new DataError(`${source.name}: the array has ${shape.length} axes; weights are a matrix, which has 2.`);
    }
    return { rows, columns, values: Float32Array.from({ length: array.length }, (_, at) => Number(array[at])) };
  } catch (error) {
    if (!(error instanceof NpyError) && !(error instanceof ZipError)) throw error;
    throw new DataError(`${source.name}: the weights cannot be read, since ${error.message}; save them again.`, {
      cause: error,
    });
  }
}

/** The array, which is not unpacked where it is larger than a weight for every entry: little can be packed for much. */
function onlyArray(archive: ZipArchive, name: string, { rows, columns, source }: DenseDataset): Uint8Array {
  const arrays = archive.names().filter((entry) => entry.endsWith('.npy'));
  const [first] = arrays.includes('weights.npy') ? ['weights.npy'] : arrays;
  if (first === undefined || (arrays.length > 1 && first !== 'weights.npy')) {
    throw new DataError(
      `${name}: the archive holds ${arrays.length} arrays; save one alone, or call the one with the weights "weights".`,
    );
  }
  const most = headerAllowance + elementBytes * rows * columns;
  if (archive.sizeOf(first) > most) {
    throw new DataError(
      `${name}: ${first} takes ${archive.sizeOf(first)} bytes, more than a weight for every entry of the data ${source.name}, which are ${rows} × ${columns}; give a weight for every entry.`,
    );
  }
  return archive.unpack(first, most);
}
