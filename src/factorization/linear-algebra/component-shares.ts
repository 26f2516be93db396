import { forEachObserved, type Observations } from '../observations';
import type { Factors } from '../factors';

/**
 * The part of ΣX², over the observed entries, that each component explains: Σ y_k·(2x − y)/ΣX², with y_k what component k
 * says of an entry and y what all of them say. For whole data and orthogonal components that is Σy_k²/ΣX²; in any case the
 * parts add up to 1 − Σ(x−y)²/ΣX². With missing entries a component may make the others worse, and its part be below 0.
 */
export function componentShares(observations: Observations, { W, H }: Factors, rank: number): number[] {
  const { X, columns, sumOfSquares } = observations;
  const shares = new Float64Array(rank);
  if (sumOfSquares === 0) return new Array<number>(rank).fill(0);
  const parts = new Float64Array(rank);
  forEachObserved(observations, (at, row, column) => {
    let y = 0;
    for (let k = 0; k < rank; k++) {
      const part = W[row * rank + k]! * H[k * columns + column]!;
      parts[k] = part;
      y += part;
    }
    const factor = 2 * X[at]! - y;
    for (let k = 0; k < rank; k++) shares[k] = shares[k]! + parts[k]! * factor;
  });
  return Array.from({ length: rank }, (_, k) => shares[k]! / sumOfSquares);
}
