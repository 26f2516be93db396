import { bandsOf, longSide, shortSide, type DenseMatrix, checkDeadline, type Deadline, OutOfTime } from './dense';
import { multiplierFor } from './row-products';
import { productsInFloat32, gramMatrix } from './gram';
import { dominantSubspace, type SubspaceOptions } from './subspace';
import { performance } from 'node:perf_hooks';
import { isPartial, type Observations } from '../observations';
import { symmetricEigenvalues } from './symmetric';

/** The largest singular triplets of X: X ≈ Σ_i values[i]·left_i·right_iᵀ. */
export interface SingularTriplets {
  /** From the largest. */
  values: Float64Array;
  /** Unit vectors of `rows` numbers, one after another; zeros where the singular value vanishes. */
  left: Float64Array;
  /** Unit vectors of `columns` numbers, one after another. */
  right: Float64Array;
}

/** A singular value below this part of the largest is lost in the rounding of AᵀA. */
const vanishing = 1e-8;

/**
 * The `count` largest singular values and their vectors, or all where there are fewer: v from the eigenvectors of AᵀA (see
 * {@link dominantSubspace} for how exact they are), σ and u from A·v, whose error is that of v squared. Everything is in
 * float64. Each pair's sign makes the right vector's entry of largest magnitude positive.
 */
export async function truncatedSvd(
  dense: DenseMatrix,
  count: number,
  options: SubspaceOptions = {},
): Promise<SingularTriplets> {
  const [short, long] = [shortSide(dense), longSide(dense)];
  const wanted = Math.min(count, short);
  const { vectors, inFloat32 } = await dominantSubspace(dense, wanted, options);
  let shortVectors = vectors.slice(0, wanted * short);
  let longVectors = new Float64Array(wanted * long);
  for await (const { start, count: rows, products } of productsOf(dense, shortVectors, wanted, inFloat32, options)) {
    for (let k = 0; k < wanted; k++) longVectors.set(products.subarray(k * rows, (k + 1) * rows), k * long + start);
  }
  const lengths = Float64Array.from({ length: wanted }, (_, k) => lengthOf(longVectors, k * long, long));
  // Two that nearly vanish may have changed places.
  const order = Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]!);
  if (order.some((from, k) => from !== k)) {
    shortVectors = inOrder(shortVectors, order);
    longVectors = inOrder(longVectors, order);
  }
  const values = Float64Array.from({ length: wanted }, (_, k) => lengths[order[k]!]!);
  values.forEach((value, k) => {
    const scale = value <= vanishing * values[0]! ? 0 : 1 / value;
    multiply(longVectors, k * long, long, scale);
  });
  const [left, right] = dense.rows >= dense.columns ? [longVectors, shortVectors] : [shortVectors, longVectors];
  fixSigns(left, right, wanted);
  return { values, left, right };
}

/** Products of `count` vectors with some rows of A. */
interface Products {
  /** Index of the first row. */
  start: number;
  /** Number of rows. */
  count: number;
  /** A row for each vector. */
  products: Float64Array | Float32Array;
}

/** V·Aᵀ for `count` vectors V of `shortSide` numbers, one after another, band by band; in float32 where that suffices. */
async function* productsOf(
  dense: DenseMatrix,
  V: Float64Array,
  count: number,
  inFloat32 = false,
  deadline: Deadline,
): AsyncGenerator<Products> {
  if (inFloat32) {
    yield* productsInFloat32(dense, V, count, deadline);
    return;
  }
  const { innerProducts, dispose } = await multiplierFor(dense.X.length * count);
  try {
    for (const { start, count: rows, values } of bandsOf(dense, 'rows')) {
      checkDeadline(deadline);
      yield { start, count: rows, products: await innerProducts(V, count, values, rows) };
    }
  } finally {
    await dispose();
  }
}

// Small functions are the first that an engine of JavaScript makes fast.

function lengthOf(vectors: Float64Array, start: number, count: number): number {
  let sum = 0;
  for (let t = start; t < start + count; t++) sum += vectors[t]! ** 2;
  return Math.sqrt(sum);
}

function multiply(vectors: Float64Array, start: number, count: number, factor: number): void {
  for (let t = start; t < start + count; t++) vectors[t] = vectors[t]! * factor;
}

function inOrder(vectors: Float64Array, order: readonly number[]): Float64Array<ArrayBuffer> {
  const length = vectors.length / order.length;
  const result = new Float64Array(vectors.length);
  order.forEach((from, to) => result.set(vectors.subarray(from * length, (from + 1) * length), to * length));
  return result;
}

function fixSigns(left: Float64Array, right: Float64Array, count: number): void {
  const rows = left.length / count;
  const columns = right.length / count;
  for (let k = 0; k < count; k++) {
    let largest = 0;
    for (let j = 0; j < columns; j++) {
      const value = right[k * columns + j]!;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    if (largest >= 0) continue;
    multiply(right, k * columns, columns, -1);
    multiply(left, k * rows, rows, -1);
  }
}

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
