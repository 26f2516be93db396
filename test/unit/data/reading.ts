import { Buffer } from 'node:buffer';
import assert from 'node:assert/strict';
import { DataError, type Dataset, type SparseDataset, type TableOptions } from '../../../src/data/dataset';
import { readDataset } from '../../../src/data/read';
import '../../support/decoding';

/** Reads bytes or UTF-8 text as the file `name`. */
export function read(name: string, content: string | Uint8Array, table?: TableOptions): Promise<Dataset> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return readDataset({ kind: 'bytes', name, uri: `memory:/${name}`, bytes }, table === undefined ? {} : { table });
}

/** A sparse matrix in full; its entries must be in order, each once. */
function matrixOfEntries({ rows, columns, missing, entries }: SparseDataset): number[][] {
  const matrix = Array.from({ length: rows }, () => new Array<number>(columns).fill(NaN));
  let last = -1;
  entries.values.forEach((value, at) => {
    const [row, column] = [entries.rows[at] as number, entries.columns[at] as number];
    assert.ok(row < rows && column < columns && row * columns + column > last, 'entries are in row-major order');
    last = row * columns + column;
    (matrix[row] as number[])[column] = value;
  });
  assert.equal(rows * columns - entries.values.length, missing);
  return matrix;
}

/** The whole matrix as rows of numbers, NaN where missing; the blocks must join without gap. */
export async function matrixOf(dataset: Dataset): Promise<number[][]> {
  if ('entries' in dataset) return matrixOfEntries(dataset);
  const rows: number[][] = [];
  for await (const block of dataset.blocks()) {
    assert.equal(block.start, rows.length);
    assert.equal(block.values.length, block.count * dataset.columns);
    for (let row = 0; row < block.count; row++) {
      const start = row * dataset.columns;
      rows.push(
        Array.from(block.values.subarray(start, start + dataset.columns), (value, column) => {
          const observed = block.observed === undefined || block.observed[start + column] === 1;
          assert.ok(observed || value === 0, 'a missing entry holds 0');
          return observed ? value : NaN;
        }),
      );
    }
  }
  assert.equal(rows.length, dataset.rows);
  assert.equal(rows.flat().filter(Number.isNaN).length, dataset.missing);
  return rows;
}

/** How a table was read. */
export function tableReport(dataset: Dataset) {
  assert.ok(dataset.reading.kind === 'table');
  return dataset.reading;
}

/** Asserts that reading fails with a DataError whose one line names the file and matches. */
export async function assertDataError(promise: Promise<unknown>, ...patterns: RegExp[]): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof DataError, `a DataError, not ${String(error)}`);
    assert.doesNotMatch(error.message, /\n/);
    for (const pattern of patterns) {
      assert.match(error.message, pattern);
    }
    return true;
  });
}
