import type { Multiplier } from './row-products';

/** A pivot below this part of the largest diagonal entry is rounding. */
const minPivot = 1e-10;

/**
 * The lower triangle L of L·Lᵀ = A + shift·I for a symmetric A of which the lower triangle is read (Golub & Van Loan, 4th
 * ed., algorithm 4.2.1). It is called for every row of X by itself, so that it allocates nothing. (ml-matrix
 * does: with the solution it took 7 times as long for 5 rows, and 9 times for 20.)
 *
 * @param L where the triangle is written
 * @returns whether the matrix is positive definite beyond rounding; where it is not, pivots are raised until it would be
 */
export function cholesky(A: Float64Array, size: number, shift: number, L: Float64Array): boolean {
  let largest = 0;
  for (let k = 0; k < size; k++) largest = Math.max(largest, A[k * size + k]! + shift);
  const least = minPivot * largest;
  let definite = true;
  for (let i = 0; i < size; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = A[i * size + k]! + (i === k ? shift : 0);
      for (let t = 0; t < k; t++) sum -= L[i * size + t]! * L[k * size + t]!;
      if (i !== k) L[i * size + k] = sum / L[k * size + k]!;
      else {
        if (!(sum > least)) definite = false;
        L[i * size + i] = Math.sqrt(sum > least ? sum : least);
      }
    }
  }
  return definite;
}

/** L·Lᵀ·x = b, in place of b. */
export function solveTriangles(L: Float64Array, x: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= L[i * size + k]! * x[k]!;
    x[i] = sum / L[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < size; k++) sum -= L[k * size + i]! * x[k]!;
    x[i] = sum / L[i * size + i]!;
  }
}

/** A row that the rows before it span but for this part of its square is lost in rounding. */
const dependent = 1e-11;

/** Where this part of every row's square is left, the result is orthonormal to some 1e-13. */
const wellConditioned = 1e-3;

const maxPasses = 6;

/**
 * Orthonormal rows that span what the given ones span, by Cholesky QR, done again where rounding has spoilt it (Yamamoto,
 * Nakatsukasa, Yanagisawa & Fukaya 2015). A row that those before it span is replaced by a new direction.
 *
 * @param rows `count` of them, one after another, at least as long as they are many
 * @param fresh numbers for new directions
 */
export async function orthonormalRows(
  rows: Float64Array,
  count: number,
  { innerProducts, combinations }: Multiplier,
  fresh: () => number,
): Promise<Float64Array> {
  const length = rows.length / count;
  let result = rows;
  for (let pass = 0; pass < maxPasses; pass++) {
    const { mixing, lost, least } = inverseCholesky(await innerProducts(result, count, result, count), count);
    result = await combinations(mixing, count, result, count);
    if (least > wellConditioned) break;
    for (const k of lost) for (let t = 0; t < length; t++) result[k * length + t] = fresh();
  }
  return result;
}

/**
 * The inverse of L in S = L·Lᵀ for the inner products S of some rows, so that its rows combine them to orthonormal ones; a
 * row of zeros, and among `lost`, for one that those before it span. `least` is the least part of a row's square that those
 * before it leave.
 */
function inverseCholesky(S: Float64Array, size: number): { mixing: Float64Array; lost: number[]; least: number } {
  const mixing = new Float64Array(size * size);
  const lost: number[] = [];
  let least = 1;
  // Row k of the inverse makes row k orthogonal to all before it: its inner products with them are subtracted.
  for (let k = 0; k < size; k++) {
    const square = S[k * size + k]!;
    const row = mixing.subarray(k * size, (k + 1) * size);
    let rest = 1;
    if (square > 0) {
      const scale = 1 / Math.sqrt(square);
      row[k] = scale;
      for (let j = 0; j < k; j++) {
        let overlap = 0;
        for (let l = 0; l <= j; l++) overlap += mixing[j * size + l]! * S[k * size + l]!;
        overlap *= scale;
        rest -= overlap * overlap;
        for (let l = 0; l <= j; l++) row[l] = row[l]! - overlap * mixing[j * size + l]!;
      }
    }
    if (!(square > 0)) rest = 0;
    least = Math.min(least, rest);
    if (rest > dependent) {
      const length = Math.sqrt(rest);
      for (let l = 0; l <= k; l++) row[l] = row[l]! / length;
    } else {
      row.fill(0);
      lost.push(k);
    }
  }
  return { mixing, lost, least };
}
