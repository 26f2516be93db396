import type { Multiplier } from './row-products';

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
