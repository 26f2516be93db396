import type { FitStatistics } from './factorization';
import { lossOf } from './losses/losses';
import type { Model } from './model';
import { forEachObserved, type Observations } from './observations';
import { biasPenaltyOf, penaltyOf } from './penalties';
import type { Factors } from './solvers/solver';

/**
 * The fit of W·H (and biases) to X, every sum accumulated in float64 and the errors taken from the residual itself: the
 * expanded form ‖X‖² − 2⟨XHᵀ,W⟩ + ⟨WᵀW,HHᵀ⟩ loses all digits when the fit is close.
 */
export function fitStatistics(observations: Observations, factors: Factors, rank: number, model: Model): FitStatistics {
  const { X, weights, observed, sumOfSquares, centredSumOfSquares } = observations;
  const { W, H, biases } = factors;
  const { loss, penalties } = model;
  const { value, expectation } = lossOf(loss);
  let sse = 0;
  let total = 0;
  forEachModelled(observations, factors, rank, (at, y) => {
    const x = X[at] as number;
    const residual = x - expectation(y);
    sse += residual * residual;
    total += (weights ? (weights[at] as number) : 1) * value(x, y, loss);
  });
  return {
    objective:
      total +
      penaltyOf(W, penalties.W, 'W', rank) +
      penaltyOf(H, penalties.H, 'H', rank) +
      biasPenaltyOf(biases, model),
    sse,
    relativeError: ratio(Math.sqrt(sse), Math.sqrt(sumOfSquares)),
    explainedVariance: 1 - ratio(sse, centredSumOfSquares),
    observed,
  };
}

/** Calls back for every observed entry: its place in X and what the model says there. A row's entries come one after another. */
function forEachModelled(
  observations: Observations,
  { W, H, biases }: Factors,
  rank: number,
  callback: (at: number, y: number) => void,
): void {
  const { columns, places } = observations;
  const bias = (row: number, column: number): number =>
    biases ? biases.mean + (biases.rows[row] as number) + (biases.columns[column] as number) : 0;
  if (places) {
    // Columns of H are then read one at a time, and should lie together.
    const byColumn = new Float32Array(H.length);
    H.forEach((value, at) => (byColumn[(at % columns) * rank + Math.floor(at / columns)] = value));
    forEachObserved(observations, (at, row, column) => {
      let y = bias(row, column);
      for (let k = 0; k < rank; k++) y += (W[row * rank + k] as number) * (byColumn[column * rank + k] as number);
      callback(at, y);
    });
    return;
  }
  const product = new Float64Array(columns);
  let present = -1;
  forEachObserved(observations, (at, row, column) => {
    if (row !== present) {
      present = row;
      product.fill(0);
      for (let k = 0; k < rank; k++) {
        const w = W[row * rank + k] as number;
        if (w === 0) continue;
        const h = k * columns;
        for (let j = 0; j < columns; j++) product[j] = (product[j] as number) + w * (H[h + j] as number);
      }
    }
    callback(at, (product[column] as number) + bias(row, column));
  });
}

/** The objective of a constant model, against which a run's slope is judged: ΣX² for the squared loss. */
export function baselineOf(observations: Observations, { loss }: Model): number {
  const { X, weights, mean } = observations;
  const { value, constant } = lossOf(loss);
  const y = constant(mean, loss);
  let total = 0;
  forEachObserved(observations, (at) => {
    total += (weights ? (weights[at] as number) : 1) * value(X[at] as number, y, loss);
  });
  return total;
}

/** 0/0 counts as 0: data that are all zero, or all alike, are reproduced without error. */
function ratio(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}
