import { randomNormal } from '../engine/tensor';
import type { Observations } from './observations';

/**
 * A random start: entries of W and H are independent normal with mean 0 and variance √(meanSquare(X)/rank), so that an
 * entry of W·H has the mean square of the observed entries of X.
 */
export function randomStart(
  { rows, columns, observed, sumOfSquares }: Observations,
  rank: number,
  seed: number,
): { W: Float32Array; H: Float32Array } {
  const deviation = Math.pow(sumOfSquares / Math.max(1, observed) / rank, 1 / 4);
  const drawn = randomNormal([(rows + columns) * rank], { seed }).data;
  const scaled = Float32Array.from(drawn, (value) => value * deviation);
  return { W: scaled.slice(0, rows * rank), H: scaled.slice(rows * rank) };
}
