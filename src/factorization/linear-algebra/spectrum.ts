import { performance } from 'node:perf_hooks';
import { isPartial, type Observations } from '../observations';
import { shortSide, type DenseMatrix } from './dense';
import { gramMatrix } from './gram';
import { OutOfTime } from './deadline';
import { dominantSubspace, type SubspaceOptions } from './subspace';
import { symmetricEigenvalues } from './symmetric';

/** The squared singular values of X, as far as they are known. */
export interface Spectrum {
  /** From the largest; at least as many as were asked for, where there are as many. */
  squares: Float64Array;
  /** Sum of the squares of all singular values: ΣX². */
  total: number;
  /**
   * Whether all are here, each to rounding (about 1e-15 of the largest). Otherwise the largest ones are here, found by
   * iterations until they were proven right within 1e-7 of themselves, and can only fall short of the true values.
   */
  complete: boolean;
}

/** Up to this short side all singular values are computed: with a larger one the worker would not answer for seconds. */
const completeSide = 512;

/** At least the `count` largest squared singular values of X; all of them where its short side is at most 512. */
export async function singularSpectrum(
  dense: DenseMatrix,
  count: number,
  options: SubspaceOptions = {},
): Promise<Omit<Spectrum, 'total'>> {
  const short = shortSide(dense);
  if (short > completeSide) {
    const { values } = await dominantSubspace(dense, Math.min(count, short), options);
    return { squares: values.slice(0, count), complete: false };
  }
  const squares = symmetricEigenvalues(await gramMatrix(dense, options), short);
  return { squares: squares.map((value) => Math.max(0, value)), complete: true };
}

export interface SpectrumOptions {
  signal?: AbortSignal;
  /** Most seconds to spend. */
  seconds: number;
  /** What is said where they were too few, as a sentence. */
  outOfTime?: string;
}

/** {@link singularSpectrum} of the observations, or why it is not known, as a sentence for the user. */
export async function findSpectrum(
  observations: Observations,
  count: number,
  { signal, seconds, outOfTime = 'The singular values that it needs were not found in time.' }: SpectrumOptions,
): Promise<Spectrum | { reason: string }> {
  if (observations.places || isPartial(observations)) {
    return { reason: 'It needs the singular values of whole data, and entries are missing, held out or weighted.' };
  }
  try {
    const deadline = performance.now() + 1000 * seconds;
    const known = await singularSpectrum(observations, count, { ...(signal && { signal }), deadline });
    return { ...known, total: observations.sumOfSquares };
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    return { reason: outOfTime };
  }
}
