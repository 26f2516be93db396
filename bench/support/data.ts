import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DenseDataset } from '../../src/data/dataset';
import { decodeImagesIn } from '../../src/data/images/decoder';
import { readDataset } from '../../src/data/read';

decodeImagesIn(join(process.cwd(), 'dist', 'image-decoder.js'));

/** A matrix of numbers, row-major. */
export interface Data {
  rows: number;
  columns: number;
  values: Float32Array;
}

/** Where Debian's package dataset-fashion-mnist has its images. */
export const fashionImages = '/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz';

/** The first of these images, in [0, 1]. */
export function fashion(rows: number): Data {
  const columns = 784;
  const bytes = gunzipSync(readFileSync(fashionImages)).subarray(16, 16 + rows * columns);
  return { rows, columns, values: Float32Array.from(bytes, (byte) => byte / 255) };
}

/** A file of test/data. */
export async function fromFile(name: string): Promise<Data> {
  const path = join(process.cwd(), 'test', 'data', name);
  const dataset = await readDataset({ kind: 'path', path });
  if (!('blocks' in dataset)) throw new Error(`${name} is not read as a whole matrix.`);
  const values = new Float32Array(dataset.rows * dataset.columns);
  for await (const block of dataset.blocks()) values.set(block.values, block.start * dataset.columns);
  return { rows: dataset.rows, columns: dataset.columns, values };
}

/** The numbers as a dataset. */
export const inMemory = ({ rows, columns, values }: Data): DenseDataset => ({
  rows,
  columns,
  missing: 0,
  source: { name: 'bench', bytes: values.byteLength, sha256: '0'.repeat(64) },
  reading: { kind: 'image', format: 'raw', width: columns, height: rows, bands: 1, bits: 8 },
  warnings: [],
  blocks: () => [{ start: 0, count: rows, values }],
});
