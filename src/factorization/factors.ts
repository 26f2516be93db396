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
