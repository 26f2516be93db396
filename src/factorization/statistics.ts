import type { FitStatistics } from './factorization';
import { lossOf } from './losses/losses';
import type { Model } from './model';
import type { Observations } from './observations';
import { penaltyOf } from './penalties';

/**
 * The fit of W·H to X, every sum accumulated in float64 and the errors taken from the residual itself: the expanded form
 * ‖X‖² − 2⟨XHᵀ,W⟩ + ⟨WᵀW,HHᵀ⟩ loses all digits when the fit is close.
 *
 * @param W rows×rank, row-major
 * @param H rank×columns, row-major
 */
export function fitStatistics(
  { rows, columns, X, mask, weights, observed, sumOfSquares, centredSumOfSquares }: Observations,
  W: Float32Array,
  H: Float32Array,
  rank: number,
  { loss, penalties }: Model,
): FitStatistics {
  const { value, expectation } = lossOf(loss);
  let sse = 0;
  let total = 0;
  const product = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    product.fill(0);
    for (let k = 0; k < rank; k++) {
      const w = W[i * rank + k] as number;
      if (w === 0) continue;
      const h = k * columns;
      for (let j = 0; j < columns; j++) product[j] = (product[j] as number) + w * (H[h + j] as number);
    }
    const row = i * columns;
    for (let j = 0; j < columns; j++) {
      if (mask && mask[row + j] === 0) continue;
      const x = X[row + j] as number;
      const y = product[j] as number;
      const residual = x - expectation(y);
      sse += residual * residual;
      total += (weights ? (weights[row + j] as number) : 1) * value(x, y, loss);
    }
  }
  return {
    objective: total + penaltyOf(W, penalties.W, 'W', rank) + penaltyOf(H, penalties.H, 'H', rank),
    sse,
    relativeError: ratio(Math.sqrt(sse), Math.sqrt(sumOfSquares)),
    explainedVariance: 1 - ratio(sse, centredSumOfSquares),
    observed,
  };
}

/** The objective of a constant model, against which a run's slope is judged: ΣX² for the squared loss. */
export function baselineOf({ X, mask, weights, mean }: Observations, { loss }: Model): number {
  const { value, constant } = lossOf(loss);
  const y = constant(mean, loss);
  let total = 0;
  X.forEach((x, k) => {
    if (!mask || mask[k] !== 0) total += (weights ? (weights[k] as number) : 1) * value(x, y, loss);
  });
  return total;
}

/** 0/0 counts as 0: data that are all zero, or all alike, are reproduced without error. */
function ratio(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}
