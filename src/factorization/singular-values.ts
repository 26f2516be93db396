import { dominantSquares, type DecompositionOptions } from './decomposition';
import { gramMatrix, shortSide, type DenseMatrix } from './decomposition-gram';
import { symmetricEigenvalues } from './decomposition-symmetric';

/** The squared singular values of X, as far as they are known. */
export interface Spectrum {
  /** From the largest; at least as many as were asked for, where there are as many. */
  squares: Float64Array;
  /** Sum of the squares of all singular values: ΣX². */
  total: number;
  /**
   * Whether all are here, each to rounding (about 1e-15 of the largest). Otherwise the largest ones are here, found by
   * iterations that settled within 1e-9 and that can only fall short of the true values.
   */
  complete: boolean;
}

/** Up to this short side all singular values are computed: with a larger one the worker would not answer for seconds. */
const completeSide = 512;

/** At least the `count` largest squared singular values of X; all of them where its short side is at most 512. */
export async function singularSpectrum(
  dense: DenseMatrix,
  count: number,
  options: DecompositionOptions = {},
): Promise<Spectrum> {
  let total = 0;
  for (const x of dense.X) total += x * x;
  const short = shortSide(dense);
  if (short > completeSide) return { squares: await dominantSquares(dense, count, options), total, complete: false };
  const squares = symmetricEigenvalues(await gramMatrix(dense, options), short);
  return { squares: squares.map((value) => Math.max(0, value)), total, complete: true };
}
