import { performance } from 'node:perf_hooks';

/** X whole and without missing entries, row-major. */
export interface DenseMatrix {
  rows: number;
  columns: number;
  X: Float32Array;
}

/**
 * Everything here is about A: X itself, or its transpose where X is wider than tall, so that A has `shortSide(X)` columns
 * and the Gram matrix AᵀA is the smaller of XᵀX and XXᵀ. Sums are accumulated in float64.
 */
export const shortSide = ({ rows, columns }: DenseMatrix): number => Math.min(rows, columns);
export const longSide = ({ rows, columns }: DenseMatrix): number => Math.max(rows, columns);

/** Some rows of A. */
export interface Band<Values = Float64Array> {
  /** Index of the first row. */
  start: number;
  /** Number of rows. */
  count: number;
  /** count×short, or short×count where its transpose was asked for. The next band overwrites it. */
  values: Values;
}

/** Numbers in one band of A: large enough for fast products, and all that A ever takes in float64. */
const bandNumbers = 1 << 21;

/** So many rows are transposed at a time, so that what they fill of a cache line is still there for the next. */
const tile = 8;

/**
 * A from its first row to its last.
 * @param layout the rows one after another, or the columns of each band (its transpose)
 * @param most numbers in one band
 */
export function* bandsOf(dense: DenseMatrix, layout: 'rows' | 'columns', most = bandNumbers): Generator<Band> {
  const { rows, columns, X } = dense;
  const [short, long] = [shortSide(dense), longSide(dense)];
  const height = Math.max(1, Math.min(long, Math.floor(most / short)));
  const buffer = new Float64Array(height * short);
  /** The rows of A lie one after another in X. */
  const upright = rows >= columns;
  for (let start = 0; start < long; start += height) {
    const count = Math.min(height, long - start);
    const values = buffer.subarray(0, count * short);
    if (upright && layout === 'rows') values.set(X.subarray(start * short, (start + count) * short));
    else if (upright) transpose(X.subarray(start * short, (start + count) * short), count, short, short, values);
    else if (layout === 'rows') transpose(X.subarray(start), short, count, long, values);
    else {
      for (let i = 0; i < short; i++) values.set(X.subarray(i * long + start, i * long + start + count), i * count);
    }
    yield { start, count, values };
  }
}

/**
 * A from its first row to its last in float32, the rows one after another.
 * @param most numbers in one band, about
 */
export function* rowBandsOf(dense: DenseMatrix, most = bandNumbers): Generator<Band<Float32Array>> {
  const [short, long] = [shortSide(dense), longSide(dense)];
  const { X } = dense;
  /** The rows of A lie one after another in X, and need not be copied. */
  const upright = dense.rows >= dense.columns;
  // Bands of about one height, since low ones make for slow products.
  const height = Math.ceil(long / Math.ceil((long * short) / most));
  const buffer = new Float32Array(upright ? 0 : height * short);
  for (let start = 0; start < long; start += height) {
    const count = Math.min(height, long - start);
    if (!upright) transpose(X.subarray(start), short, count, long, buffer);
    const values = upright ? X.subarray(start * short, (start + count) * short) : buffer.subarray(0, count * short);
    yield { start, count, values };
  }
}

/**
 * Writes the transpose of the first `columns` columns of a matrix.
 * @param stride numbers from the beginning of one of its rows to the next
 */
function transpose(
  from: Float32Array,
  rows: number,
  columns: number,
  stride: number,
  to: Float64Array | Float32Array,
): void {
  for (let first = 0; first < rows; first += tile) {
    const end = Math.min(rows, first + tile);
    for (let j = 0; j < columns; j++) {
      for (let i = first, at = first * stride + j; i < end; i++, at += stride) to[j * rows + i] = from[at]!;
    }
  }
}

/** When to give up, asked between parts of a long computation, which then rejects. */
export interface Deadline {
  /** Rejects with the signal's reason when it fires. */
  signal?: AbortSignal;
  /** Rejects with {@link OutOfTime} once `performance.now()` has passed this. */
  deadline?: number;
}

/** A computation was not finished by its deadline. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

export function checkDeadline({ signal, deadline = Infinity }: Deadline): void {
  signal?.throwIfAborted();
  if (performance.now() > deadline) throw new OutOfTime('The computation was not finished by its deadline.');
}
