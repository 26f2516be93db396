import { randomSource } from '../../engine';
import { entryCounts } from '../linear-algebra/entry-lines';
import { lossOf } from '../objective/losses';
import type { Model } from '../../model/model';
import type { FactorizationSettings } from '../../model/settings';
import { forEachObserved, positionOf, withoutEntries, type Observations } from '../observations';
import { predictor, type Factors } from '../factors';

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
  const { rows, columns } = entryCounts(observations);
  const repeated = (counts: Uint32Array): Float64Array =>
    Float64Array.from({ length: folds * counts.length }, (_, at) => maxOfLine * counts[at % counts.length]!);
  return { rows: repeated(rows), columns: repeated(columns) };
}

/** Sets the held-out entries aside. They depend on the seed alone, so that a continued run has the same ones. */
export function holdOut(
  all: Observations,
  { holdout, seed }: Pick<FactorizationSettings, 'holdout' | 'seed'>,
): { observations: Observations; heldOut?: Entries } {
  if (holdout === undefined) return { observations: all };
  const [heldOut] = drawFolds(all, { folds: 1, fraction: holdout, seed });
  return heldOut && heldOut.length > 0
    ? { observations: withoutEntries(all, heldOut), heldOut }
    : { observations: all };
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

/** A number for every entry that takes no factors. */
export type PlainModel = (row: number, column: number) => number;

/** Each column's mean of the observed entries; where it has none, that of all. */
export function columnMeans(observations: Observations): PlainModel {
  const { columns, mean } = observations;
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  forEachObserved(observations, (at, _, column) => {
    sums[column] = sums[column]! + observations.X[at]!;
    counts[column] = counts[column]! + 1;
  });
  return (_, column) => (counts[column]! > 0 ? sums[column]! / counts[column]! : mean);
}

/** How far biases are drawn to 0: as if each line had so many more entries of no bias. */
const priorEntries = 1;
const biasSweeps = 10;

/** A mean, a number for each row and one for each column: least squares, drawn a little to 0. */
export function additive(observations: Observations): PlainModel {
  const { rows, columns, mean, X } = observations;
  const ofRow = new Float64Array(rows);
  const ofColumn = new Float64Array(columns);
  const learn = (own: Float64Array, other: Float64Array, axis: 'rows' | 'columns'): void => {
    const sums = new Float64Array(own.length);
    const counts = new Float64Array(own.length).fill(priorEntries);
    forEachObserved(observations, (at, row, column) => {
      const [line, along] = axis === 'rows' ? [row, column] : [column, row];
      sums[line] = sums[line]! + X[at]! - mean - other[along]!;
      counts[line] = counts[line]! + 1;
    });
    own.forEach((__, line) => (own[line] = sums[line]! / counts[line]!));
  };
  for (let sweep = 0; sweep < biasSweeps; sweep++) {
    learn(ofColumn, ofRow, 'columns');
    learn(ofRow, ofColumn, 'rows');
  }
  return (row, column) => mean + ofRow[row]! + ofColumn[column]!;
}
