import { randomNormal } from '../../engine';
import type { Observations } from '../observations';

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
  const scaled = (from: number, length: number): Float32Array =>
    Float32Array.from({ length }, (_, k) => drawn[from + k]! * deviation);
  return { W: scaled(0, rows * rank), H: scaled(rows * rank, rank * columns) };
}
