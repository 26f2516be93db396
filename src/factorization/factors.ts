/**
 * What a model with biases adds to W·H: entry (i, j) is mean + rows[i] + columns[j] + (WH)ij. The mean is that of the
 * observed entries; the others are learned.
 */
export interface Biases {
  mean: number;
  rows: Float32Array;
  columns: Float32Array;
}

/** W (rows×rank) and H (rank×columns), row-major, and the biases of a model that has them. */
export interface Factors {
  W: Float32Array;
  H: Float32Array;
  biases?: Biases;
}

/** What W·H says of an entry, biases included, in float64: before the inverse link of a loss that has one. */
export function predictor({ W, H, biases }: Factors, rank: number): (row: number, column: number) => number {
  const columns = H.length / rank;
  return (row, column) => {
    let y = biases ? biases.mean + biases.rows[row]! + biases.columns[column]! : 0;
    for (let k = 0; k < rank; k++) y += W[row * rank + k]! * H[k * columns + column]!;
    return y;
  };
}
