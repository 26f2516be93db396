import { randomSource } from '../../engine';
import type { DenseMatrix } from '../linear-algebra/dense';
import type { Factors } from '../factors';

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
