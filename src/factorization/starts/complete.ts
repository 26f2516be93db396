import type { DenseMatrix } from '../linear-algebra/dense';
import type { DenseObservations } from '../observations';

/** X with every missing entry filled by the mean of its column's observed ones, or of all where the column has none. */
export function completed({ rows, columns, X, mask, observed }: DenseObservations): DenseMatrix {
  if (!mask) return { rows, columns, X };
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (mask[i * columns + j] === 0) continue;
      const x = X[i * columns + j]!;
      sums[j] = sums[j]! + x;
      counts[j] = counts[j]! + 1;
      total += x;
    }
  }
  const mean = observed > 0 ? total / observed : 0;
  const means = sums.map((sum, j) => (counts[j]! > 0 ? sum / counts[j]! : mean));
  return { rows, columns, X: X.map((x, at) => (mask[at] === 0 ? means[at % columns]! : x)) };
}
