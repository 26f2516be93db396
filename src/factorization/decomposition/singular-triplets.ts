import { bandsOf, longSide, shortSide, type DenseMatrix } from './dense';
import { checkPatience, type Patience } from './patience';
import { multiplierFor } from './row-products';
import { singleTimes } from './single';
import { dominantSubspace, type SubspaceOptions } from './subspace';

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
  const { vectors, single } = await dominantSubspace(dense, wanted, options);
  const basis = vectors.subarray(0, wanted * short);
  const product = single
    ? await singleTimes(dense, basis, wanted, options)
    : await tallProduct(dense, basis, wanted, options);

  const squares = new Float64Array(wanted);
  for (let at = 0; at < product.length; at++) {
    const k = at % wanted;
    squares[k] = (squares[k] as number) + (product[at] as number) ** 2;
  }
  // Two that nearly vanish may have changed places.
  const order = Array.from(squares.keys()).sort((a, b) => (squares[b] as number) - (squares[a] as number));
  const values = Float64Array.from(order, (k) => Math.sqrt(squares[k] as number));
  const shortVectors = new Float64Array(wanted * short);
  const longVectors = new Float64Array(wanted * long);
  order.forEach((from, k) => {
    shortVectors.set(basis.subarray(from * short, (from + 1) * short), k * short);
    const value = values[k] as number;
    if (value <= vanishing * (values[0] as number)) return;
    for (let i = 0; i < long; i++) longVectors[k * long + i] = (product[i * wanted + from] as number) / value;
  });
  const [left, right] = dense.rows >= dense.columns ? [longVectors, shortVectors] : [shortVectors, longVectors];
  fixSigns(left, right, wanted);
  return { values, left, right };
}

/** A·V, long×count row-major, for vectors V of `shortSide` numbers, one after another. */
async function tallProduct(
  dense: DenseMatrix,
  V: Float64Array,
  count: number,
  patience: Patience,
): Promise<Float64Array> {
  const product = new Float64Array(longSide(dense) * count);
  const { innerProducts, dispose } = await multiplierFor(dense.X.length * count);
  try {
    for (const { start, count: rows, values } of bandsOf(dense, 'rows')) {
      checkPatience(patience);
      product.set(await innerProducts(values, rows, V, count), start * count);
    }
  } finally {
    await dispose();
  }
  return product;
}

function fixSigns(left: Float64Array, right: Float64Array, count: number): void {
  const rows = left.length / count;
  const columns = right.length / count;
  for (let k = 0; k < count; k++) {
    let largest = 0;
    for (let j = 0; j < columns; j++) {
      const value = right[k * columns + j] as number;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    if (largest >= 0) continue;
    for (let j = 0; j < columns; j++) right[k * columns + j] = -(right[k * columns + j] as number);
    for (let i = 0; i < rows; i++) left[k * rows + i] = -(left[k * rows + i] as number);
  }
}
