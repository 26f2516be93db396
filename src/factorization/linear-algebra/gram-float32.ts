import { compile, slice, matrix } from '../../engine';
import { rowBandsOf, shortSide, type DenseMatrix } from './dense';
import { checkPatience, type Patience } from './deadline';

/**
 * Products with A in float32, which the engine computes twice as fast as in float64 and without copies of an upright X.
 * What they say of the leading singular triplets is good to the digits that float32 keeps of X itself.
 */

const A = matrix('A');
const V = matrix('V');
const here = { device: 'cpu', precision: 'float32', plannedMemory: false, spinning: false } as const;

const known = new WeakMap<Float32Array, Float64Array>();

/** AᵀA, short×short row-major, each band's in float32 and their sum in float64. It is remembered as long as X is there. */
export async function singleGram(dense: DenseMatrix, patience: Patience = {}): Promise<Float64Array> {
  const found = known.get(dense.X);
  if (found) return found;
  const short = shortSide(dense);
  const half = Math.floor(short / 2);
  const left = slice(A, 0, half, { axis: 1 });
  const right = slice(A, half, short, { axis: 1 });
  // The upper half of the rows up to the middle, and the lower half: the rest is known by symmetry.
  const outputs = { upper: left.T.matmul(left), lower: right.T.matmul(A) };
  const upper = new Float64Array(half * half);
  const lower = new Float64Array((short - half) * short);
  const program = await compile({ inputs: { A }, outputs, ...here });
  try {
    for (const { count, values } of rowBandsOf(dense)) {
      checkPatience(patience);
      const products = await program.run({ A: { data: values, shape: [count, short] } });
      addTo(upper, products.upper);
      addTo(lower, products.lower);
    }
  } finally {
    await program.dispose();
  }
  const gram = new Float64Array(short * short);
  gram.set(lower, half * short);
  for (let i = 0; i < half; i++) {
    gram.set(upper.subarray(i * half, (i + 1) * half), i * short);
    for (let j = half; j < short; j++) gram[i * short + j] = gram[j * short + i]!;
  }
  known.set(dense.X, gram);
  return gram;
}

/** AᵀA·v for `count` vectors v of `shortSide` numbers, one after another, in two products for each band of A. */
export async function singleGramTimes(
  dense: DenseMatrix,
  vectors: Float64Array,
  count: number,
  patience: Patience = {},
): Promise<Float64Array> {
  const short = shortSide(dense);
  const sum = new Float64Array(count * short);
  const program = await compile({ inputs: { A, V }, outputs: { products: A.matmul(V.T).T.matmul(A) }, ...here });
  const given = { data: Float32Array.from(vectors), shape: [count, short] };
  try {
    for (const { count: rows, values } of rowBandsOf(dense)) {
      checkPatience(patience);
      const { products } = await program.run({ A: { data: values, shape: [rows, short] }, V: given });
      addTo(sum, products);
    }
  } finally {
    await program.dispose();
  }
  return sum;
}

/** V·Aᵀ for `count` vectors V as above, band by band of A: a row for each vector. */
export async function* singleProducts(
  dense: DenseMatrix,
  vectors: Float64Array,
  count: number,
  patience: Patience = {},
): AsyncGenerator<{ start: number; count: number; products: Float32Array }> {
  const short = shortSide(dense);
  const program = await compile({ inputs: { A, V }, outputs: { products: V.matmul(A.T) }, ...here });
  const given = { data: Float32Array.from(vectors), shape: [count, short] };
  try {
    for (const { start, count: rows, values } of rowBandsOf(dense)) {
      checkPatience(patience);
      const { products } = await program.run({ A: { data: values, shape: [rows, short] }, V: given });
      yield { start, count: rows, products: products as Float32Array };
    }
  } finally {
    await program.dispose();
  }
}

function addTo(sum: Float64Array, terms: ArrayLike<number>): void {
  for (let k = 0; k < sum.length; k++) sum[k] = sum[k]! + terms[k]!;
}
