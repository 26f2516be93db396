import { randomNormal } from '../../engine';
import { cholesky, solveTriangles } from '../linear-algebra/cholesky';
import { entryCounts, linesOf, type EntryLines } from '../linear-algebra/entry-lines';
import type { Observations } from '../observations';

/** A small fit in float64, for comparing penalties on held-out entries without compiling anything. */
export interface SmallFit {
  /** rows×rank and columns×rank. */
  W: Float64Array;
  H: Float64Array;
  /** Σ of weight·(x − wh)² over the entries that it was fitted to. */
  squares: number;
}

/** Multiplications of one sweep over both factors. */
export const workOfSweep = ({ observed, rows, columns }: Observations, rank: number): number =>
  2 * (observed + sweepsOfLine * (rows + columns)) * rank * rank;

/** Passes over a line's coefficients, each of which takes every one to its minimum. */
const sweepsOfLine = 4;

/**
 * A sweep that changes neither factor by more than this part of its norm ends a fit. Ending early is a penalty of its own
 * and would make small penalties look better than they are: ten times this part does so, a tenth of it changes nothing.
 */
const settled = 1e-4;

/** The observed entries line by line, listed once for all the penalties that they are fitted with. */
export interface RidgeData {
  observations: Observations;
  byRow: EntryLines;
  byColumn: EntryLines;
}

export function ridgeData(observations: Observations): RidgeData {
  const counts = entryCounts(observations);
  return {
    observations,
    byRow: linesOf(observations, 'rows', counts.rows),
    byColumn: linesOf(observations, 'columns', counts.columns),
  };
}

/**
 * Least squares over the observed entries with λ(ΣW² + ΣH²), line by line: by the normal equations, or by coordinate descent
 * where coefficients are bounded below by 0. Ends where it settles, or after so many sweeps.
 *
 * @param from where it begins; at random where absent
 */
export function ridgeFit(
  { observations, byRow, byColumn }: RidgeData,
  rank: number,
  lambda: number,
  { nonNegative, seed, sweeps }: { nonNegative: { W: boolean; H: boolean }; seed: number; sweeps: number },
  from?: SmallFit,
): SmallFit {
  const { rows, columns, observed, sumOfSquares } = observations;
  const size = Math.pow(sumOfSquares / Math.max(1, observed) / rank, 1 / 4);
  const drawn = (count: number, offset: number, positive: boolean): Float64Array =>
    new Float64Array(randomNormal([count * rank], { seed: seed + offset }).data).map((value) =>
      positive ? Math.abs(value) * size : value * size,
    );
  const W = from?.W.slice() ?? drawn(rows, 0, nonNegative.W);
  const H = from?.H.slice() ?? drawn(columns, 1, nonNegative.H);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const ofRows = descend(observations, byRow, W, H, rank, lambda, nonNegative.W);
    const ofColumns = descend(observations, byColumn, H, W, rank, lambda, nonNegative.H);
    if (Math.max(ofRows, ofColumns) < settled) break;
  }
  let squares = 0;
  for (let row = 0; row < rows; row++) {
    for (let e = byRow.begins[row]!; e < byRow.begins[row + 1]!; e++) {
      const place = byRow.at[e]!;
      const error = observations.X[place]! - productAt({ W, H }, rank, row, byRow.places[e]!);
      squares += (observations.weights?.[place] ?? 1) * error * error;
    }
  }
  return { W, H, squares };
}

export function productAt({ W, H }: Pick<SmallFit, 'W' | 'H'>, rank: number, row: number, column: number): number {
  let sum = 0;
  for (let k = 0; k < rank; k++) sum += W[row * rank + k]! * H[column * rank + k]!;
  return sum;
}

/** Takes each line of `own` to its minimum. Returns how far that was, as a part of its norm afterwards. */
function descend(
  { X, weights }: Observations,
  { begins, places, at }: EntryLines,
  own: Float64Array,
  other: Float64Array,
  rank: number,
  lambda: number,
  nonNegative: boolean,
): number {
  const gram = new Float64Array(rank * rank);
  const right = new Float64Array(rank);
  const triangle = new Float64Array(rank * rank);
  const solution = new Float64Array(rank);
  let moved = 0;
  let size = 0;
  for (let line = 0; line < begins.length - 1; line++) {
    gram.fill(0);
    right.fill(0);
    for (let e = begins[line]!; e < begins[line + 1]!; e++) {
      const place = at[e]!;
      const weight = weights ? weights[place]! : 1;
      const x = X[place]!;
      const start = places[e]! * rank;
      for (let k = 0; k < rank; k++) {
        const value = weight * other[start + k]!;
        right[k]! += value * x;
        for (let l = 0; l <= k; l++) gram[k * rank + l]! += value * other[start + l]!;
      }
    }
    const before = line * rank;
    if (!nonNegative && cholesky(gram, rank, lambda, triangle)) {
      solution.set(right);
      solveTriangles(triangle, solution, rank);
    } else {
      for (let k = 0; k < rank; k++) solution[k] = own[before + k]!;
      descendLine(gram, right, lambda, rank, solution, nonNegative);
    }
    for (let k = 0; k < rank; k++) {
      const value = solution[k]!;
      moved += (value - own[before + k]!) ** 2;
      size += value * value;
      own[before + k] = value;
    }
  }
  return size > 0 ? Math.sqrt(moved / size) : 0;
}

/** Coordinate descent on one line's quadratic, whose matrix is given by its lower half. */
function descendLine(
  gram: Float64Array,
  right: Float64Array,
  lambda: number,
  rank: number,
  solution: Float64Array,
  nonNegative: boolean,
): void {
  for (let pass = 0; pass < sweepsOfLine; pass++) {
    for (let k = 0; k < rank; k++) {
      const curvature = gram[k * rank + k]! + lambda;
      if (curvature <= 0) continue;
      let rest = right[k]!;
      for (let l = 0; l < k; l++) rest -= gram[k * rank + l]! * solution[l]!;
      for (let l = k + 1; l < rank; l++) rest -= gram[l * rank + k]! * solution[l]!;
      const value = rest / curvature;
      solution[k] = nonNegative && value < 0 ? 0 : value;
    }
  }
}
