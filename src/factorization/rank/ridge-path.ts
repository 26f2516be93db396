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

/** Lines, and an order in which those with entries at the same places follow each other. */
interface GroupedLines {
  /** Entries of line i are `begins[i] … begins[i+1] − 1` of the lists below: where along it, value and weight. */
  begins: Uint32Array;
  places: Uint32Array;
  values: Float64Array;
  weights: Float64Array;
  order: Uint32Array;
  /**
   * Whether the line at this place of `order` has its entries where the one before has them, and of the same weights: the
   * matrix of its normal equations is the same, and most rows of a table lack nothing or the same few columns.
   */
  repeats: Uint8Array;
}

/** The observed entries line by line, listed once for all the penalties that they are fitted with. */
export interface RidgeData {
  observations: Observations;
  byRow: GroupedLines;
  byColumn: GroupedLines;
}

export function ridgeData(observations: Observations): RidgeData {
  const counts = entryCounts(observations);
  const along = (axis: 'rows' | 'columns'): GroupedLines =>
    grouped(observations, linesOf(observations, axis, counts[axis]));
  return { observations, byRow: along('rows'), byColumn: along('columns') };
}

function grouped({ X, weights: given }: Observations, { begins, places, at }: EntryLines): GroupedLines {
  const values = new Float64Array(at.length);
  const weights = new Float64Array(at.length).fill(1);
  at.forEach((place, e) => {
    values[e] = X[place]!;
    if (given) weights[e] = given[place]!;
  });
  const order = Uint32Array.from({ length: begins.length - 1 }, (_, line) => line);
  const repeats = new Uint8Array(order.length);
  // Equal lists have equal sums; that those of equal sums are equal is seen below.
  const sums = new Float64Array(order.length);
  for (const line of order) {
    for (let e = begins[line]!; e < begins[line + 1]!; e++) sums[line] = (31 * sums[line]! + places[e]! + 1) % 2 ** 40;
  }
  order.sort((one, other) => sums[one]! - sums[other]!);
  const samePlaces = (one: number, other: number): boolean => {
    const [first, second] = [begins[one]!, begins[other]!];
    const count = begins[one + 1]! - first;
    if (begins[other + 1]! - second !== count) return false;
    for (let e = 0; e < count; e++) {
      if (places[first + e] !== places[second + e]) return false;
      if (weights[first + e] !== weights[second + e]) return false;
    }
    return true;
  };
  for (let turn = 1; turn < order.length; turn++) repeats[turn] = Number(samePlaces(order[turn - 1]!, order[turn]!));
  return { begins, places, values, weights, order, repeats };
}

/**
 * Least squares over the observed entries with λ(ΣW² + ΣH²), line by line: by the normal equations, or by coordinate descent
 * where coefficients are bounded below by 0, with Nesterov's momentum (Mitchell, Ye & De Sterck 2020). Ends where it settles,
 * or after so many sweeps.
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
  const reached = H.slice();
  let [momentum, change] = [1, Infinity];
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const ofRows = descend(byRow, W, H, rank, lambda, nonNegative.W);
    const ofColumns = descend(byColumn, H, W, rank, lambda, nonNegative.H);
    if (Math.max(ofRows, ofColumns) < settled) break;
    // Momentum that made the change grow is given up (O'Donoghue & Candès 2015).
    if (ofColumns > change) momentum = 1;
    const next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    extrapolate(H, reached, (momentum - 1) / next, nonNegative.H);
    [momentum, change] = [next, ofColumns];
  }
  let squares = 0;
  for (let row = 0; row < rows; row++) {
    for (let e = byRow.begins[row]!; e < byRow.begins[row + 1]!; e++) {
      const error = byRow.values[e]! - productAt({ W, H }, rank, row, byRow.places[e]!);
      squares += byRow.weights[e]! * error * error;
    }
  }
  return { W, H, squares };
}

export function productAt({ W, H }: Pick<SmallFit, 'W' | 'H'>, rank: number, row: number, column: number): number {
  let sum = 0;
  for (let k = 0; k < rank; k++) sum += W[row * rank + k]! * H[column * rank + k]!;
  return sum;
}

/** H goes on by a part of the way that it came from `reached`, which becomes where it was. */
function extrapolate(H: Float64Array, reached: Float64Array, part: number, nonNegative: boolean): void {
  for (let k = 0; k < H.length; k++) {
    const now = H[k]!;
    const further = now + part * (now - reached[k]!);
    H[k] = nonNegative && further < 0 ? 0 : further;
    reached[k] = now;
  }
}

/** Takes each line of `own` to its minimum. Returns how far that was, as a part of its norm afterwards. */
function descend(
  { begins, places, values, weights, order, repeats }: GroupedLines,
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
  let regular = false;
  let moved = 0;
  let size = 0;
  for (let turn = 0; turn < order.length; turn++) {
    const line = order[turn]!;
    const [begin, end] = [begins[line]!, begins[line + 1]!];
    for (let k = 0; k < rank; k++) {
      let sum = 0;
      for (let e = begin; e < end; e++) sum += weights[e]! * values[e]! * other[places[e]! * rank + k]!;
      right[k] = sum;
    }
    if (!repeats[turn]) {
      for (let k = 0; k < rank; k++) {
        for (let l = 0; l <= k; l++) {
          let sum = 0;
          for (let e = begin; e < end; e++) {
            const start = places[e]! * rank;
            sum += weights[e]! * other[start + k]! * other[start + l]!;
          }
          gram[k * rank + l] = sum;
        }
      }
      regular = !nonNegative && cholesky(gram, rank, lambda, triangle);
    }
    const before = line * rank;
    if (regular) {
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
