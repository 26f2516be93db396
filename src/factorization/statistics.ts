import type { FitStatistics } from './factorization';
import type { FactorPenalty, Model } from './model';
import type { Observations } from './observations';

/**
 * The fit of W·H to X, every sum accumulated in float64 and the squared error taken from the residual itself: the
 * expanded form ‖X‖² − 2⟨XHᵀ,W⟩ + ⟨WᵀW,HHᵀ⟩ loses all digits when the fit is close.
 *
 * @param W rows×rank, row-major
 * @param H rank×columns, row-major
 */
export function fitStatistics(
  { rows, columns, X, mask, observed, sumOfSquares, centredSumOfSquares }: Observations,
  W: Float32Array,
  H: Float32Array,
  rank: number,
  model: Model,
): FitStatistics {
  let sse = 0;
  const reconstruction = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    reconstruction.fill(0);
    for (let k = 0; k < rank; k++) {
      const w = W[i * rank + k] as number;
      if (w === 0) continue;
      const h = k * columns;
      for (let j = 0; j < columns; j++) reconstruction[j] = (reconstruction[j] as number) + w * (H[h + j] as number);
    }
    const x = i * columns;
    for (let j = 0; j < columns; j++) {
      if (mask && mask[x + j] === 0) continue;
      const residual = (X[x + j] as number) - (reconstruction[j] as number);
      sse += residual * residual;
    }
  }
  return {
    objective: sse + penaltyOf(W, model.penalties.W) + penaltyOf(H, model.penalties.H),
    sse,
    relativeError: ratio(Math.sqrt(sse), Math.sqrt(sumOfSquares)),
    explainedVariance: 1 - ratio(sse, centredSumOfSquares),
    observed,
  };
}

/** l1·Σ|F| + l2·ΣF², in float64. */
function penaltyOf(factor: Float32Array, { l1, l2 }: FactorPenalty): number {
  let absolute = 0;
  let squared = 0;
  for (const value of factor) {
    absolute += Math.abs(value);
    squared += value * value;
  }
  return l1 * absolute + l2 * squared;
}

/** 0/0 counts as 0: data that are all zero, or all alike, are reproduced without error. */
function ratio(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}
