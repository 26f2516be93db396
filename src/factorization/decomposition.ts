import { compile } from '../engine/compile';
import { matrix } from '../engine/graph';
import { randomNormal } from '../engine/tensor';
import {
  checkPatience,
  compileGramProducts,
  gramMatrix,
  longSide,
  shortSide,
  tallProduct,
  type DenseMatrix,
  type Patience,
} from './decomposition-gram';
import { symmetricEigen } from './decomposition-symmetric';

/** The largest singular triplets of X: X ≈ Σ_i values[i]·left_i·right_iᵀ. */
export interface SingularTriplets {
  /** From the largest. */
  values: Float64Array;
  /** Unit vectors of `rows` numbers, one after another; zeros where the singular value vanishes. */
  left: Float64Array;
  /** Unit vectors of `columns` numbers, one after another. */
  right: Float64Array;
}

export interface DecompositionOptions extends Patience {
  /** Of the random vectors that the search begins with. */
  seed?: number;
}

/** Up to this short side the Gram matrix is decomposed whole, which then takes less time than iterating. */
const wholeSide = 96;

/** Up to this short side the Gram matrix is formed, which pays after a few products. */
const gramSide = 2048;

/** More vectors than wanted: the more, the faster the wanted ones settle. */
const oversampling = 10;

/** A singular value below this part of the largest is lost in the rounding of AᵀA. */
const vanishing = 1e-8;

const mostIterations = 60;
const settled = 1e-9;

/**
 * The `count` largest singular values and their vectors, or all where there are fewer: the randomised range finder with
 * power iterations of Halko, Martinsson & Tropp (2011, algorithm 4.4), which goes on until the squared values settle
 * within 1e-9 of themselves. The products with X run on the engine in float64. Each pair's sign makes the right vector's entry of largest
 * magnitude positive.
 */
export async function truncatedSvd(
  dense: DenseMatrix,
  count: number,
  options: DecompositionOptions = {},
): Promise<SingularTriplets> {
  const short = shortSide(dense);
  const wanted = Math.min(count, short);
  const subspace = await dominantSubspace(dense, wanted, options);
  const basis = transposed(subspace.vectors.subarray(0, wanted * short), wanted, short);
  const tall = await tallProduct(dense, basis, wanted, options);

  const long = longSide(dense);
  const values = subspace.values.slice(0, wanted).map((value) => Math.sqrt(Math.max(0, value)));
  const smallest = vanishing * (values[0] ?? 0);
  const longVectors = transposed(tall, long, wanted);
  for (let k = 0; k < wanted; k++) {
    const vector = longVectors.subarray(k * long, (k + 1) * long);
    const length = (values[k] as number) > smallest ? Math.sqrt(dot(vector, vector)) : 0;
    for (let i = 0; i < long; i++) vector[i] = length > 0 ? (vector[i] as number) / length : 0;
  }
  const shortVectors = subspace.vectors.slice(0, wanted * short);
  const tallData = dense.rows >= dense.columns;
  const left = tallData ? longVectors : shortVectors;
  const right = tallData ? shortVectors : longVectors;
  fixSigns(left, right, wanted);
  return { values, left, right };
}

/** The `count` largest eigenvalues of the smaller Gram matrix, which are X's squared singular values. */
export async function dominantSquares(
  dense: DenseMatrix,
  count: number,
  options: DecompositionOptions = {},
): Promise<Float64Array> {
  const wanted = Math.min(count, shortSide(dense));
  const { values } = await dominantSubspace(dense, wanted, options);
  return values.slice(0, wanted);
}

/** At least the `wanted` largest eigenvalues of the smaller Gram matrix and their eigenvectors, one after another. */
async function dominantSubspace(
  dense: DenseMatrix,
  wanted: number,
  { seed = 0, ...patience }: DecompositionOptions,
): Promise<{ values: Float64Array; vectors: Float64Array }> {
  const short = shortSide(dense);
  const count = Math.min(short, wanted + Math.max(oversampling, Math.ceil(wanted / 2)));
  if (short <= wholeSide || count === short) return symmetricEigen(await gramMatrix(dense, patience), short);

  const products =
    short <= gramSide
      ? await compileWithGram(dense, count, patience)
      : await compileGramProducts(dense, count, patience);
  try {
    let Q = orthonormal(Float64Array.from(randomNormal([count, short], { seed }).data), count, short);
    let previous: Float64Array | null = null;
    for (let iteration = 1; ; iteration++) {
      checkPatience(patience);
      const Z = transposed(await products.gram(transposed(Q, count, short)), short, count);
      const { values, vectors: mixing } = symmetricEigen(innerProducts(Q, Z, count, short), count);
      if (iteration === mostIterations || (previous && haveSettled(values, previous, wanted))) {
        return { values, vectors: combined(mixing, Q, count, short) };
      }
      previous = values;
      Q = orthonormal(combined(mixing, Z, count, short), count, short);
    }
  } finally {
    await products.dispose();
  }
}

async function compileWithGram(
  dense: DenseMatrix,
  count: number,
  patience: Patience,
): Promise<{ gram(Q: Float64Array): Promise<Float64Array>; dispose(): Promise<void> }> {
  const short = shortSide(dense);
  const G = { data: await gramMatrix(dense, patience), shape: [short, short] };
  const gram = matrix('gram', { shape: [short, short] });
  const Q = matrix('Q', { shape: [short, count] });
  const product = gram.matmul(Q);
  const program = await compile({ inputs: { gram, Q }, outputs: { product }, device: 'cpu', precision: 'float64' });
  return {
    async gram(data) {
      const { product } = await program.run({ gram: G, Q: { data, shape: [short, count] } });
      return Float64Array.from(product);
    },
    dispose: () => program.dispose(),
  };
}

/** Relative to itself, or to the largest for one that vanishes beside it. */
function haveSettled(values: Float64Array, previous: Float64Array, wanted: number): boolean {
  const floor = (values[0] as number) * Number.EPSILON;
  for (let k = 0; k < wanted; k++) {
    const change = Math.abs((values[k] as number) - (previous[k] as number));
    if (change > settled * Math.abs(values[k] as number) + floor) return false;
  }
  return true;
}

/** The vectors made orthonormal in place, by Gram–Schmidt done twice: once loses orthogonality to rounding. */
function orthonormal(vectors: Float64Array, count: number, length: number): Float64Array {
  for (let k = 0; k < count; k++) {
    const vector = vectors.subarray(k * length, (k + 1) * length);
    const before = Math.sqrt(dot(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        const other = vectors.subarray(j * length, (j + 1) * length);
        const overlap = dot(vector, other);
        for (let i = 0; i < length; i++) vector[i] = (vector[i] as number) - overlap * (other[i] as number);
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    // A vector that the others span adds nothing; dividing it by its rounding error would add a wrong direction.
    const scale = norm > before * 1e-12 ? 1 / norm : 0;
    for (let i = 0; i < length; i++) vector[i] = (vector[i] as number) * scale;
  }
  return vectors;
}

/** Entry (i, j) is the product of vector i of `a` and vector j of `b`, averaged with its mirror image. */
function innerProducts(a: Float64Array, b: Float64Array, count: number, length: number): Float64Array {
  const products = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const ai = a.subarray(i * length, (i + 1) * length);
    for (let j = 0; j < count; j++) products[i * count + j] = dot(ai, b.subarray(j * length, (j + 1) * length));
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const mean = ((products[i * count + j] as number) + (products[j * count + i] as number)) / 2;
      products[i * count + j] = mean;
      products[j * count + i] = mean;
    }
  }
  return products;
}

/** Vector i of the result is Σ_j mixing_i[j]·vector j. */
function combined(mixing: Float64Array, vectors: Float64Array, count: number, length: number): Float64Array {
  const result = new Float64Array(count * length);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const weight = mixing[i * count + j] as number;
      for (let t = 0; t < length; t++) {
        result[i * length + t] = (result[i * length + t] as number) + weight * (vectors[j * length + t] as number);
      }
    }
  }
  return result;
}

function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j] as number;
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
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
