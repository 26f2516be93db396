import { randomSource } from '../engine/tensor';
import { lossOf } from './losses/losses';
import type { Model } from './model';
import { sumsOf, type Observations } from './observations';
import type { Factors } from './solvers/solver';

/** Places of entries in X, row-major, increasing. */
export type Entries = Uint32Array;

export interface FoldOptions {
  folds: number;
  /** Of the observed entries in each fold, about; at most 1/folds. */
  fraction: number;
  seed: number;
}

/** Most of a row or column that one fold may take: the rest has to tell the factors something about it. */
const mostOfLine = 0.5;

/**
 * Disjoint sets of observed entries, each drawn at random over all rows and columns: the speckled folds of Wold (1978;
 * Owen & Perry 2009 compare them with blocks). The same seed draws the same folds. No fold takes more than half of a row or column.
 */
export function drawFolds({ rows, columns, mask }: Observations, { folds, fraction, seed }: FoldOptions): Entries[] {
  const random = randomSource(seed);
  const left = lineBudgets(rows, columns, folds, mask);
  const drawn = Array.from({ length: folds }, (): number[] => []);
  for (let at = 0; at < rows * columns; at++) {
    if (mask && mask[at] === 0) continue;
    const fold = Math.floor(random() / fraction);
    const entries = drawn[fold];
    if (!entries) continue;
    const row = fold * rows + Math.floor(at / columns);
    const column = fold * columns + (at % columns);
    if ((left.rows[row] as number) < 1 || (left.columns[column] as number) < 1) continue;
    left.rows[row] = (left.rows[row] as number) - 1;
    left.columns[column] = (left.columns[column] as number) - 1;
    entries.push(at);
  }
  return drawn.map((entries) => Uint32Array.from(entries));
}

/** How many entries each fold may still take of each row and column. */
function lineBudgets(
  rows: number,
  columns: number,
  folds: number,
  mask: Float32Array | undefined,
): { rows: Float64Array; columns: Float64Array } {
  const inRow = new Float64Array(rows).fill(mask ? 0 : columns);
  const inColumn = new Float64Array(columns).fill(mask ? 0 : rows);
  mask?.forEach((observed, at) => {
    if (observed === 0) return;
    const row = Math.floor(at / columns);
    inRow[row] = (inRow[row] as number) + 1;
    inColumn[at % columns] = (inColumn[at % columns] as number) + 1;
  });
  const repeated = (counts: Float64Array): Float64Array =>
    Float64Array.from(
      { length: folds * counts.length },
      (_, at) => mostOfLine * (counts[at % counts.length] as number),
    );
  return { rows: repeated(inRow), columns: repeated(inColumn) };
}

/** The observations without some entries, which become missing: their values are gone, not only weighted 0. */
export function withoutEntries(observations: Observations, entries: Entries): Observations {
  const { rows, columns } = observations;
  const X = observations.X.slice();
  const mask = observations.mask?.slice() ?? new Float32Array(rows * columns).fill(1);
  const weights = observations.weights?.slice() ?? mask.slice();
  for (const at of entries) {
    X[at] = 0;
    mask[at] = 0;
    weights[at] = 0;
  }
  return { rows, columns, X, mask, weights, ...sumsOf(X, mask) };
}

/** How well factors foretell entries that they were not fitted to. */
export interface HeldOutError {
  /** √ of the mean of (x−x̂)², x̂ the model's expectation. */
  rmse: number;
  /** Mean of |x−x̂|. */
  mae: number;
  /** Mean of the model's own loss: what rank selection compares. */
  meanLoss: number;
  /** Number of entries. */
  entries: number;
}

export function heldOutError(
  { X, columns }: Observations,
  entries: Entries,
  { W, H }: Factors,
  rank: number,
  { loss }: Model,
): HeldOutError {
  const { value, expectation } = lossOf(loss);
  let squares = 0;
  let absolute = 0;
  let total = 0;
  for (const at of entries) {
    const row = Math.floor(at / columns) * rank;
    let y = 0;
    for (let k = 0; k < rank; k++) y += (W[row + k] as number) * (H[k * columns + (at % columns)] as number);
    const x = X[at] as number;
    const error = x - expectation(y);
    squares += error * error;
    absolute += Math.abs(error);
    total += value(x, y, loss);
  }
  const count = entries.length;
  return { rmse: Math.sqrt(squares / count), mae: absolute / count, meanLoss: total / count, entries: count };
}
