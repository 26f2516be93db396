import { randomSource } from '../../engine';
import { lossOf } from '../objective/losses/losses';
import type { Model } from '../../model/model';
import { forEachObserved, positionOf, type Observations } from '../observations';
import { predictor } from '../objective/predict';
import type { Factors } from '../factors';

/** Places of entries in the observations' X, increasing. */
export type Entries = Uint32Array;

export interface FoldOptions {
  folds: number;
  /** Of the observed entries in each fold, about; at most 1/folds. */
  fraction: number;
  seed: number;
}

/** Most of a row or column that one fold may take: the rest has to tell the factors something about it. */
const maxOfLine = 0.5;

/**
 * Disjoint sets of observed entries, each drawn at random over all rows and columns: the speckled folds of Wold (1978;
 * Owen & Perry 2009 compare them with blocks). The same seed draws the same folds. No fold takes more than half of a row or column.
 */
export function drawFolds(observations: Observations, { folds, fraction, seed }: FoldOptions): Entries[] {
  const { rows, columns } = observations;
  const random = randomSource(seed);
  const left = lineBudgets(observations, folds);
  const drawn = Array.from({ length: folds }, (): number[] => []);
  forEachObserved(observations, (at, i, j) => {
    const fold = Math.floor(random() / fraction);
    const entries = drawn[fold];
    if (!entries) return;
    const row = fold * rows + i;
    const column = fold * columns + j;
    if (left.rows[row]! < 1 || left.columns[column]! < 1) return;
    left.rows[row] = left.rows[row]! - 1;
    left.columns[column] = left.columns[column]! - 1;
    entries.push(at);
  });
  return drawn.map((entries) => Uint32Array.from(entries));
}

/** How many entries each fold may still take of each row and column. */
function lineBudgets(observations: Observations, folds: number): { rows: Float64Array; columns: Float64Array } {
  const inRow = new Float64Array(observations.rows);
  const inColumn = new Float64Array(observations.columns);
  forEachObserved(observations, (_, row, column) => {
    inRow[row] = inRow[row]! + 1;
    inColumn[column] = inColumn[column]! + 1;
  });
  const repeated = (counts: Float64Array): Float64Array =>
    Float64Array.from({ length: folds * counts.length }, (_, at) => maxOfLine * counts[at % counts.length]!);
  return { rows: repeated(inRow), columns: repeated(inColumn) };
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
  observations: Observations,
  entries: Entries,
  factors: Factors,
  rank: number,
  { loss }: Model,
): HeldOutError {
  const { value, expectation } = lossOf(loss);
  const predict = predictor(factors, rank);
  let squares = 0;
  let absolute = 0;
  let total = 0;
  for (const at of entries) {
    const { row, column } = positionOf(observations, at);
    const y = predict(row, column);
    const x = observations.X[at]!;
    const error = x - expectation(y);
    squares += error * error;
    absolute += Math.abs(error);
    total += value(x, y, loss);
  }
  const count = entries.length;
  return { rmse: Math.sqrt(squares / count), mae: absolute / count, meanLoss: total / count, entries: count };
}
