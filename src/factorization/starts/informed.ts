import { randomSource, randomNormal } from '../../engine';
import type { DenseMatrix } from '../linear-algebra/dense';
import type { Factors } from '../factors';
import type { SingularTriplets } from '../linear-algebra/svd';

/** What W has for the clusters that a row is not in, against 1 for its own: a solver could not leave a zero. */
const elsewhere = 0.2;

/**
 * Rows of H are centres of `rank` clusters of the rows of X; W says which cluster a row is in. The clusters are those
 * around rows that k-means++ draws (Arthur & Vassilvitskii 2007): each with a chance that grows with its squared
 * distance from the ones drawn before. Duplicates of a drawn row are never drawn while there are others.
 */
export function clusteredStart({ rows, columns, X }: DenseMatrix, rank: number, seed: number): Factors {
  const random = randomSource(seed);
  const distance = new Float64Array(rows).fill(Infinity);
  const cluster = new Int32Array(rows);
  let drawn = Math.floor(random() * rows);
  for (let k = 0; k < rank; k++) {
    if (k > 0) drawn = drawFrom(distance, random());
    for (let i = 0; i < rows; i++) {
      const square = squaredDistance(X, i * columns, drawn * columns, columns);
      if (square < distance[i]!) {
        distance[i] = square;
        cluster[i] = k;
      }
    }
  }

  const sums = new Float64Array(rank * columns);
  const sizes = new Float64Array(rank);
  for (let i = 0; i < rows; i++) {
    const k = cluster[i]!;
    sizes[k] = sizes[k]! + 1;
    for (let j = 0; j < columns; j++) {
      sums[k * columns + j] = sums[k * columns + j]! + X[i * columns + j]!;
    }
  }
  const H = Float32Array.from({ length: sums.length }, (_, at) => {
    const sum = sums[at]!;
    const size = sizes[Math.floor(at / columns)]!;
    // More clusters than different rows: what is left begins at a random row, shrunk so that it does not count twice.
    return size > 0 ? sum / size : elsewhere * X[Math.floor(random() * rows) * columns + (at % columns)]!;
  });
  const W = new Float32Array(rows * rank).fill(elsewhere);
  for (let i = 0; i < rows; i++) W[i * rank + cluster[i]!] = 1;
  return { W, H };
}

/** An index drawn with chances in proportion to `weights`; the first where all are 0. */
function drawFrom(weights: Float64Array, random: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = random * total;
  let last = 0;
  for (const [index, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = index;
    left -= weight;
    if (left < 0) return index;
  }
  return last;
}

function squaredDistance(X: Float32Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let j = 0; j < length; j++) sum += (X[a + j]! - X[b + j]!) ** 2;
  return sum;
}

/** W = U·√Σ and H = √Σ·Vᵀ: of the squared loss without penalties, a minimum. */
export function singularStart({ values, left, right }: SingularTriplets, rank: number): Factors {
  return assemble(
    rank,
    left.length / values.length,
    right.length / values.length,
    Array.from({ length: values.length }, (_, k) => {
      const scale = Math.sqrt(values[k]!);
      return {
        column: vectorOf(left, k, values.length).map((entry) => entry * scale),
        row: vectorOf(right, k, values.length).map((entry) => entry * scale),
      };
    }),
  );
}

/** What stands in for the zeros: nothing (`nndsvd`), the mean of X (`nndsvda`), small random numbers (`nndsvdar`). */
export type ZeroFilling =
  { kind: 'nndsvd' } | { kind: 'nndsvda'; mean: number } | { kind: 'nndsvdar'; mean: number; seed: number };

/** Entries below this count as zeros, as in scikit-learn. */
const zero = 1e-6;

/**
 * The non-negative double singular value decomposition of Boutsidis & Gallopoulos (2008): of each pair of singular
 * vectors, both their positive parts or both their negative parts, whichever have the larger product of norms.
 */
export function nonNegativeSingularStart(
  { values, left, right }: SingularTriplets,
  rank: number,
  filling: ZeroFilling,
): Factors {
  const { W, H } = assemble(
    rank,
    left.length / values.length,
    right.length / values.length,
    Array.from({ length: values.length }, (_, k) => {
      const value = values[k]!;
      const u = vectorOf(left, k, values.length);
      const v = vectorOf(right, k, values.length);
      // The leading pair of a non-negative X has one sign throughout; rounding may say otherwise.
      if (k === 0) {
        const scale = Math.sqrt(value);
        return { column: u.map((entry) => Math.abs(entry) * scale), row: v.map((entry) => Math.abs(entry) * scale) };
      }
      const halves = [1, -1].map((sign) => {
        const column = u.map((entry) => Math.max(0, sign * entry));
        const row = v.map((entry) => Math.max(0, sign * entry));
        return { column, row, columnNorm: normOf(column), rowNorm: normOf(row) };
      });
      const { column, row, columnNorm, rowNorm } = halves.reduce((a, b) =>
        b.columnNorm * b.rowNorm > a.columnNorm * a.rowNorm ? b : a,
      );
      const scale = Math.sqrt(value * columnNorm * rowNorm);
      const scaled = (vector: Float64Array, norm: number): Float64Array =>
        vector.map((entry) => (norm > 0 ? (entry * scale) / norm : 0));
      return { column: scaled(column, columnNorm), row: scaled(row, rowNorm) };
    }),
  );
  const fill = fillingOf(filling, W.length + H.length);
  return {
    W: W.map((entry, at) => (entry < zero ? fill(at) : entry)),
    H: H.map((entry, at) => (entry < zero ? fill(W.length + at) : entry)),
  };
}

function fillingOf(filling: ZeroFilling, count: number): (at: number) => number {
  switch (filling.kind) {
    case 'nndsvd':
      return () => 0;
    case 'nndsvda':
      return () => filling.mean;
    case 'nndsvdar': {
      const { data } = randomNormal([count], { seed: filling.seed });
      return (at) => (Math.abs(data[at]!) * filling.mean) / 100;
    }
  }
}

function assemble(
  rank: number,
  rows: number,
  columns: number,
  components: readonly { column: Float64Array; row: Float64Array }[],
): Factors {
  const W = new Float32Array(rows * rank);
  const H = new Float32Array(rank * columns);
  components.forEach(({ column, row }, k) => {
    column.forEach((value, i) => (W[i * rank + k] = value));
    H.set(row, k * columns);
  });
  return { W, H };
}

function vectorOf(vectors: Float64Array, k: number, count: number): Float64Array {
  const length = vectors.length / count;
  return vectors.slice(k * length, (k + 1) * length);
}

const normOf = (vector: Float64Array): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
