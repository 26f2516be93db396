import { symmetricEigen } from './symmetric';
import { isPartial, type Observations, forEachObserved } from '../observations';
import type { Factors } from '../factors';

/** Components that are weaker than this part of the strongest one are lost in the rounding of float32. */
const vanishing = 1e-7;

const rowsAtOnce = 256;

/**
 * W = U·Σ (rows×rank) and H = Vᵀ (rank×columns) from singular triplets; where there are fewer than the rank, zeros.
 *
 * @param left unit vectors of `rows` numbers, one after another
 * @param right unit vectors of `columns` numbers, one after another
 */
export function orderedComponents(
  values: Float64Array,
  left: Float64Array,
  right: Float64Array,
  rank: number,
): Factors {
  const rows = left.length / values.length;
  const columns = right.length / values.length;
  const W = new Float32Array(rows * rank);
  const H = new Float32Array(rank * columns);
  H.set(right);
  // Some rows at a time, which stay in the processor's cache.
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const end = Math.min(rows, first + rowsAtOnce);
    values.forEach((value, k) => scaleColumn(W, k, rank, left, k * rows, value, first, end));
  }
  return { W, H };
}

/** Entries `first` to `end` of column k of W, from a unit vector that begins at a place. */
function scaleColumn(
  W: Float32Array,
  k: number,
  rank: number,
  vectors: Float64Array,
  at: number,
  value: number,
  first: number,
  end: number,
): void {
  for (let i = first; i < end; i++) W[i * rank + k] = value * vectors[at + i]!;
}

/**
 * The same product W·H with orthonormal rows of H and orthogonal columns of W, from the longest: its singular value
 * decomposition, by way of the Gram matrices of both factors. The entry of largest magnitude of each row of H is positive.
 *
 * @param tells which rows the directions are those of, as far as they are free: columns of W are orthogonal over these
 */
export function orthogonalized({ W, H }: Factors, rank: number, tells: (row: number) => boolean = () => true): Factors {
  const rows = W.length / rank;
  const columns = H.length / rank;
  const entryOfW = (i: number, k: number): number => W[i * rank + k]!;
  const entryOfH = (j: number, k: number): number => H[k * columns + j]!;
  // H = QΛ^½·V₀ᵀ, and W·QΛ^½ has the singular values and left vectors of the product.
  const { values: squares, vectors: Q } = symmetricEigen(gramOf(entryOfH, columns, rank), rank);
  const lengths = squares.map((square) => Math.sqrt(Math.max(0, square)));
  const rounding = vanishing * (lengths[0] ?? 0);
  const mixed = new Float64Array(rows * rank);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < rank; k++) {
      let sum = 0;
      for (let l = 0; l < rank; l++) sum += entryOfW(i, l) * Q[k * rank + l]!;
      mixed[i * rank + k] = sum * lengths[k]!;
    }
  }
  const { vectors: P } = symmetricEigen(
    gramOf((i, k) => (tells(i) ? mixed[i * rank + k]! : 0), rows, rank),
    rank,
  );
  const left = new Float32Array(rows * rank);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < rank; k++) {
      let sum = 0;
      for (let l = 0; l < rank; l++) sum += mixed[i * rank + l]! * P[k * rank + l]!;
      left[i * rank + k] = sum;
    }
  }
  const right = new Float32Array(rank * columns);
  for (let k = 0; k < rank; k++) {
    // Row k of Pᵀ·Λ^−½·Qᵀ, by which the rows of H are mixed.
    const mixing = Float64Array.from({ length: rank }, (_, l) => {
      let sum = 0;
      for (let t = 0; t < rank; t++) {
        const length = lengths[t]!;
        if (length > rounding) sum += (P[k * rank + t]! * Q[t * rank + l]!) / length;
      }
      return sum;
    });
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let l = 0; l < rank; l++) sum += mixing[l]! * entryOfH(j, l);
      right[k * columns + j] = sum;
    }
  }
  return withSignsFixed({ W: left, H: right }, rank);
}

function withSignsFixed({ W, H }: Factors, rank: number): Factors {
  const columns = H.length / rank;
  for (let k = 0; k < rank; k++) {
    const row = H.subarray(k * columns, (k + 1) * columns);
    const largest = row.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    if (largest >= 0) continue;
    row.forEach((value, j) => (row[j] = -value));
    for (let i = k; i < W.length; i += rank) W[i] = -W[i]!;
  }
  return { W, H };
}

/** Entry (k, l) is Σ_i entry(i, k)·entry(i, l). */
export function gramOf(entry: (i: number, k: number) => number, length: number, rank: number): Float64Array {
  const gram = new Float64Array(rank * rank);
  for (let i = 0; i < length; i++) {
    for (let k = 0; k < rank; k++) {
      const value = entry(i, k);
      for (let l = 0; l <= k; l++) gram[k * rank + l] = gram[k * rank + l]! + value * entry(i, l);
    }
  }
  for (let k = 0; k < rank; k++) for (let l = 0; l < k; l++) gram[l * rank + k] = gram[k * rank + l]!;
  return gram;
}

/** The part of ΣX² that each of some orthogonal components explains, over the observed entries: they add up to what all explain. */
export function componentVariance(observations: Observations, factors: Factors, rank: number): number[] {
  if (isPartial(observations)) return componentShares(observations, factors, rank);
  const { sumOfSquares } = observations;
  return Array.from({ length: rank }, (_, k) => {
    let square = 0;
    for (let i = k; i < factors.W.length; i += rank) square += factors.W[i]! ** 2;
    return square === 0 ? 0 : square / sumOfSquares;
  });
}

/**
 * The part of ΣX², over the observed entries, that each component explains: Σ y_k·(2x − y)/ΣX², with y_k what component k
 * says of an entry and y what all of them say. For whole data and orthogonal components that is Σy_k²/ΣX²; in any case the
 * parts add up to 1 − Σ(x−y)²/ΣX². With missing entries a component may make the others worse, and its part be below 0.
 */
function componentShares(observations: Observations, { W, H }: Factors, rank: number): number[] {
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
