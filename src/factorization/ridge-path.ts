import { randomNormal } from '../engine';
import { entryCounts, linesOf, type EntryLines } from './entry-lines';
import type { Observations } from './observations';

/** A small fit in float64, for comparing penalties on held-out entries without compiling anything. */
export interface SmallFit {
  /** rows×rank and columns×rank. */
  W: Float64Array;
  H: Float64Array;
}

/** Multiplications of one sweep over both factors. */
export const workOfSweep = ({ observed, rows, columns }: Observations, rank: number): number =>
  2 * (observed + sweepsOfLine * (rows + columns)) * rank * rank;

/** Passes over a line's coefficients, each of which takes every one to its minimum. */
const sweepsOfLine = 4;

/**
 * Least squares over the observed entries with λ(ΣW² + ΣH²), line by line: by the normal equations, or by coordinate descent
 * where coefficients are bounded below by 0.
 *
 * @param from where it begins; at random where absent
 */
export function ridgeFit(
  observations: Observations,
  rank: number,
  lambda: number,
  { nonNegative, seed, sweeps }: { nonNegative: { W: boolean; H: boolean }; seed: number; sweeps: number },
  from?: SmallFit,
): SmallFit {
  const { rows, columns, observed, sumOfSquares } = observations;
  const counts = entryCounts(observations);
  const byRow = linesOf(observations, 'rows', counts.rows);
  const byColumn = linesOf(observations, 'columns', counts.columns);
  const size = Math.pow(sumOfSquares / Math.max(1, observed) / rank, 1 / 4);
  const drawn = (count: number, offset: number, positive: boolean): Float64Array =>
    new Float64Array(randomNormal([count * rank], { seed: seed + offset }).data).map((value) =>
      positive ? Math.abs(value) * size : value * size,
    );
  const W = from?.W.slice() ?? drawn(rows, 0, nonNegative.W);
  const H = from?.H.slice() ?? drawn(columns, 1, nonNegative.H);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    descend(observations, byRow, W, H, rank, lambda, nonNegative.W);
    descend(observations, byColumn, H, W, rank, lambda, nonNegative.H);
  }
  return { W, H };
}

function descend(
  { X, weights }: Observations,
  { begins, places, at }: EntryLines,
  own: Float64Array,
  other: Float64Array,
  rank: number,
  lambda: number,
  nonNegative: boolean,
): void {
  const gram = new Float64Array(rank * rank);
  const right = new Float64Array(rank);
  for (let line = 0; line < begins.length - 1; line++) {
    gram.fill(0);
    right.fill(0);
    for (let e = begins[line] as number; e < (begins[line + 1] as number); e++) {
      const place = at[e] as number;
      const weight = weights ? (weights[place] as number) : 1;
      const start = (places[e] as number) * rank;
      for (let k = 0; k < rank; k++) {
        const value = weight * (other[start + k] as number);
        right[k] = (right[k] as number) + value * (X[place] as number);
        for (let l = 0; l < rank; l++) {
          gram[k * rank + l] = (gram[k * rank + l] as number) + value * (other[start + l] as number);
        }
      }
    }
    const solution = nonNegative ? undefined : solved(gram, right, lambda, rank);
    if (solution) {
      own.set(solution, line * rank);
      continue;
    }
    for (let pass = 0; pass < sweepsOfLine; pass++) {
      for (let k = 0; k < rank; k++) {
        const curvature = (gram[k * rank + k] as number) + lambda;
        if (curvature <= 0) continue;
        let rest = right[k] as number;
        for (let l = 0; l < rank; l++) {
          if (l !== k) rest -= (gram[k * rank + l] as number) * (own[line * rank + l] as number);
        }
        const value = rest / curvature;
        own[line * rank + k] = nonNegative && value < 0 ? 0 : value;
      }
    }
  }
}

/** A pivot below this part of the largest diagonal entry is rounding. */
const leastPivot = 1e-10;

/** (G + λI)⁻¹·b by Cholesky's decomposition; undefined where the matrix is singular to rounding. */
function solved(gram: Float64Array, right: Float64Array, lambda: number, rank: number): Float64Array | undefined {
  const L = gram.slice();
  let largest = 0;
  for (let k = 0; k < rank; k++) {
    L[k * rank + k] = (L[k * rank + k] as number) + lambda;
    largest = Math.max(largest, L[k * rank + k] as number);
  }
  for (let k = 0; k < rank; k++) {
    for (let i = k; i < rank; i++) {
      let sum = L[i * rank + k] as number;
      for (let t = 0; t < k; t++) sum -= (L[i * rank + t] as number) * (L[k * rank + t] as number);
      if (i > k) L[i * rank + k] = sum / (L[k * rank + k] as number);
      else if (sum > leastPivot * largest) L[k * rank + k] = Math.sqrt(sum);
      else return undefined;
    }
  }
  const x = right.slice();
  for (let k = 0; k < rank; k++) {
    for (let t = 0; t < k; t++) x[k] = (x[k] as number) - (L[k * rank + t] as number) * (x[t] as number);
    x[k] = (x[k] as number) / (L[k * rank + k] as number);
  }
  for (let k = rank - 1; k >= 0; k--) {
    for (let t = k + 1; t < rank; t++) x[k] = (x[k] as number) - (L[t * rank + k] as number) * (x[t] as number);
    x[k] = (x[k] as number) / (L[k * rank + k] as number);
  }
  return x;
}
