import type { Dataset } from '../data/dataset';

/** X whole, with its mask, as the in-memory solvers need it. */
export interface Observations {
  rows: number;
  columns: number;
  /** rows×columns, row-major; 0 where missing. */
  X: Float32Array;
  /** rows×columns, 1 where observed and 0 where missing; absent when all are observed. */
  mask?: Float32Array;
  /** rows×columns, what each entry's loss is multiplied by, 0 where missing; absent when all count 1. */
  weights?: Float32Array;
  /** Mean of the observed entries. */
  mean: number;
  /** Number of observed entries. */
  observed: number;
  /** ΣX² and Σ(X−mean)² over observed entries, accumulated in float64. */
  sumOfSquares: number;
  centredSumOfSquares: number;
}

/** Gathers a dataset's row blocks. A missing entry's value is set to 0 whatever the block holds there, so that it cannot influence anything. */
export async function gatherObservations(dataset: Dataset): Promise<Observations> {
  const { rows, columns } = dataset;
  const X = new Float32Array(rows * columns);
  const mask = dataset.missing > 0 ? new Float32Array(rows * columns) : undefined;
  let given: Float32Array | undefined;
  for await (const block of dataset.blocks()) {
    const offset = block.start * columns;
    X.set(block.values, offset);
    if (block.weights) (given ??= new Float32Array(rows * columns).fill(1)).set(block.weights, offset);
    if (!mask) continue;
    for (let k = 0; k < block.values.length; k++) {
      if (block.observed && !block.observed[k]) X[offset + k] = 0;
      else mask[offset + k] = 1;
    }
  }

  const weights = given && mask ? given.map((weight, k) => weight * (mask[k] as number)) : (given ?? mask);
  return { rows, columns, ...(mask && { mask }), ...(weights && { weights }), X, ...sumsOf(X, mask) };
}

/** The same entries with other values. */
export const withValues = (observations: Observations, X: Float32Array): Observations => ({
  ...observations,
  X,
  ...sumsOf(X, observations.mask),
});

/** Sums over the observed entries, accumulated in float64; X is 0 where nothing is observed. */
export function sumsOf(
  X: Float32Array,
  mask: Float32Array | undefined,
): Pick<Observations, 'mean' | 'observed' | 'sumOfSquares' | 'centredSumOfSquares'> {
  let sum = 0;
  let sumOfSquares = 0;
  let observed = 0;
  for (let k = 0; k < X.length; k++) {
    if (mask && mask[k] === 0) continue;
    const x = X[k] as number;
    observed++;
    sum += x;
    sumOfSquares += x * x;
  }
  const mean = observed > 0 ? sum / observed : 0;
  let centredSumOfSquares = 0;
  for (let k = 0; k < X.length; k++) {
    if (mask && mask[k] === 0) continue;
    const deviation = (X[k] as number) - mean;
    centredSumOfSquares += deviation * deviation;
  }
  return { mean, observed, sumOfSquares, centredSumOfSquares };
}
