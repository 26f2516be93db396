import type { FitStatistics } from '../result';
import { lossOf } from './losses';
import type { Model } from '../../model/model';
import { forEachObserved, isPartial, type Observations } from '../observations';
import { biasPenaltyOf, penaltyOf } from './penalties';
import type { Factors } from '../factors';

/**
 * The fit of W·H (and biases) to X, every sum accumulated in float64 and the errors taken from the residual itself: the
 * expanded form ‖X‖² − 2⟨XHᵀ,W⟩ + ⟨WᵀW,HHᵀ⟩ loses all digits when the fit is close.
 */
export function fitStatistics(observations: Observations, factors: Factors, rank: number, model: Model): FitStatistics {
  const { X, weights, observed, sumOfSquares, centredSumOfSquares } = observations;
  const { W, H, biases } = factors;
  const { loss, penalties } = model;
  let sse = 0;
  let total = 0;
  if (loss.kind === 'squared' && !isPartial(observations)) {
    const { columns } = observations;
    forEachModelledRow(observations, factors, rank, (row, y) => (sse += squaredDistance(X, row * columns, y)));
    total = sse;
  } else {
    const { value, expectation } = lossOf(loss);
    forEachModelled(observations, factors, rank, (at, y) => {
      const x = X[at]!;
      const residual = x - expectation(y);
      sse += residual * residual;
      total += (weights ? weights[at]! : 1) * value(x, y, loss);
    });
  }
  return {
    objective:
      total +
      penaltyOf(W, penalties.W, 'W', rank) +
      penaltyOf(H, penalties.H, 'H', rank) +
      biasPenaltyOf(biases, model),
    sse,
    relativeError: ratio(Math.sqrt(sse), Math.sqrt(sumOfSquares)),
    ...(!isNothing(centredSumOfSquares, sumOfSquares) && { explainedVariance: 1 - sse / centredSumOfSquares }),
    observed,
  };
}

/** Calls back for every observed entry: its place in X and what the model says there. A row's entries come one after another. */
function forEachModelled(
  observations: Observations,
  factors: Factors,
  rank: number,
  callback: (at: number, y: number) => void,
): void {
  const { columns, places, mask } = observations;
  const { W, H, biases } = factors;
  if (!places) {
    forEachModelledRow(observations, factors, rank, (row, y) => {
      for (let column = 0, at = row * columns; column < columns; column++, at++) {
        if (!mask || mask[at] !== 0) callback(at, y[column]!);
      }
    });
    return;
  }
  // Columns of H are then read one at a time, and should lie together.
  const byColumn = new Float32Array(H.length);
  H.forEach((value, at) => (byColumn[(at % columns) * rank + Math.floor(at / columns)] = value));
  forEachObserved(observations, (at, row, column) => {
    let y = biases ? biases.mean + biases.rows[row]! + biases.columns[column]! : 0;
    for (let k = 0; k < rank; k++) y += W[row * rank + k]! * byColumn[column * rank + k]!;
    callback(at, y);
  });
}

/** Calls back for every row: what the model says of it, which the next row overwrites. */
function forEachModelledRow(
  { rows, columns }: Pick<Observations, 'rows' | 'columns'>,
  { W, H, biases }: Factors,
  rank: number,
  callback: (row: number, y: Float64Array) => void,
): void {
  // Converted once, and not for every row.
  const components = Float64Array.from(H);
  const y = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    y.fill(0);
    const begin = row * rank;
    let k = 0;
    for (; k + 4 <= rank; k += 4) addFour(y, components, k * columns, W, begin + k);
    for (; k < rank; k++) addOne(y, components, k * columns, W[begin + k]!);
    if (biases) {
      const own = biases.mean + biases.rows[row]!;
      for (let j = 0; j < columns; j++) y[j] = y[j]! + own + biases.columns[j]!;
    }
    callback(row, y);
  }
}

/** Adds four rows of H, which begin at a place, with four weights: y is read and written once for all of them. */
function addFour(y: Float64Array, H: Float64Array, first: number, weights: Float32Array, at: number): void {
  const count = y.length;
  const w0 = weights[at]!;
  const w1 = weights[at + 1]!;
  const w2 = weights[at + 2]!;
  const w3 = weights[at + 3]!;
  // Factors are often sparse.
  if (w0 === 0 && w1 === 0 && w2 === 0 && w3 === 0) return;
  for (let j = 0, h = first; j < count; j++, h++) {
    y[j] = y[j]! + (w0 * H[h]! + w1 * H[h + count]! + w2 * H[h + 2 * count]! + w3 * H[h + 3 * count]!);
  }
}

function addOne(y: Float64Array, H: Float64Array, first: number, weight: number): void {
  if (weight === 0) return;
  for (let j = 0; j < y.length; j++) y[j] = y[j]! + weight * H[first + j]!;
}

function squaredDistance(X: Float32Array, start: number, y: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < y.length; j++) sum += (X[start + j]! - y[j]!) ** 2;
  return sum;
}

/** The objective of a constant model, against which a run's stationarity is judged: ΣX² for the squared loss. */
export function baselineOf(observations: Observations, { loss }: Model): number {
  const { X, weights, mean, sumOfSquares } = observations;
  if (loss.kind === 'squared' && !isPartial(observations)) return sumOfSquares;
  const { value, constant } = lossOf(loss);
  const y = constant(mean, loss);
  let total = 0;
  forEachObserved(observations, (at) => {
    total += (weights ? weights[at]! : 1) * value(X[at]!, y, loss);
  });
  return total;
}

/** Parts of a sum of squares that rounding makes: no ratio of or to them says anything. */
const nothing = 1e-12;

export const isNothing = (part: number, whole: number): boolean => part <= nothing * whole;

/** 0/0 counts as 0: data that are all zero, or all alike, are reproduced without error. */
function ratio(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}
