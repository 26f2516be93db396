import type { Scree } from './findings';
import type { Observations } from '../observations';
import type { Spectrum } from '../linear-algebra/spectrum';
import { isNothing } from '../objective/statistics';

/** Beyond the rank, so many singular values are looked for: an elbow is seen from both sides. */
export const beyondRank = 10;

/** What the spectrum of the observations says of every rank. */
export function screeOf(
  spectrum: Spectrum | { reason: string },
  { centredSumOfSquares, sumOfSquares }: Pick<Observations, 'centredSumOfSquares' | 'sumOfSquares'>,
): Scree {
  if ('reason' in spectrum) return { kind: 'none', reason: spectrum.reason };
  const { squares, total, complete } = spectrum;
  // Rounding leaves something of a square that vanishes beside the largest one.
  const noise = squares.length * Number.EPSILON * (squares[0] ?? 0);
  const kept = squares.map((square) => (square > noise ? square : 0));
  // What rank k leaves. Where the whole spectrum is known, the tail is summed itself, from its small end.
  const left = new Float64Array(kept.length);
  let sum = complete ? 0 : total;
  if (complete) {
    for (let k = kept.length - 1; k >= 0; k--) {
      left[k] = sum;
      sum += kept[k]!;
    }
  } else {
    kept.forEach((square, k) => {
      sum -= square;
      left[k] = Math.max(0, sum);
    });
  }
  return {
    kind: 'singular-values',
    values: listOf(kept.map(Math.sqrt)),
    complete,
    // Data that are all alike are explained whole by one component.
    explainedVariance: listOf(
      left.map((rest) => (isNothing(centredSumOfSquares, sumOfSquares) ? 1 : 1 - rest / centredSumOfSquares)),
    ),
  };
}

/** Of a few numbers, one a rank. */
const listOf = (values: Float64Array): number[] => Array.from({ length: values.length }, (_, k) => values[k]!);
