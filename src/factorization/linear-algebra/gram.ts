import { bandsOf, shortSide, type DenseMatrix, checkDeadline, type Deadline, rowBandsOf } from './dense';
import { addColumnProducts, fewMultiplications, multiplierFor, type Multiplier } from './row-products';
import { compile, matrix, shared, type Tensor, slice } from '../../engine';

/** On the engine AᵀA is computed in so many strips of rows, each up to the diagonal: the rest is known by symmetry. */
const strips = 4;

/** Without the engine: numbers of a band that stay in the processor's cache meanwhile. */
const cachedNumbers = 1 << 14;

const known = new WeakMap<Float32Array, Float64Array>();

/** AᵀA, short×short row-major. It is remembered as long as X is there, for the next that asks. */
export async function gramMatrix(dense: DenseMatrix, deadline: Deadline = {}): Promise<Float64Array> {
  const found = known.get(dense.X);
  if (found) return found;
  const short = shortSide(dense);
  const gram = new Float64Array(short * short);
  const multiplications = (dense.X.length * short) / 2;
  if (multiplications > fewMultiplications) await addByEngine(gram, dense, multiplications, deadline);
  else {
    for (const { values } of bandsOf(dense, 'rows', cachedNumbers)) {
      checkDeadline(deadline);
      addColumnProducts(values, short, gram);
    }
  }
  for (let i = 0; i < short; i++) {
    for (let j = 0; j < i; j++) gram[j * short + i] = gram[i * short + j]!;
  }
  known.set(dense.X, gram);
  return gram;
}

async function addByEngine(
  gram: Float64Array,
  dense: DenseMatrix,
  multiplications: number,
  deadline: Deadline,
): Promise<void> {
  const short = shortSide(dense);
  const height = Math.ceil(short / strips);
  const { innerProducts, dispose } = await multiplierFor(multiplications);
  try {
    for (const { values, count } of bandsOf(dense, 'columns')) {
      checkDeadline(deadline);
      for (let first = 0; first < short; first += height) {
        const end = Math.min(short, first + height);
        const strip = values.subarray(first * count, end * count);
        const products = await innerProducts(strip, end - first, values.subarray(0, end * count), end);
        for (let i = first, at = 0; i < end; i++) {
          for (let j = 0; j < end; j++, at++) gram[i * short + j] = gram[i * short + j]! + products[at]!;
        }
      }
    }
  } finally {
    await dispose();
  }
}

/** Up to this short side AᵀA is formed, which pays after a few products. */
export const formedSide = 2048;

/** Products of AᵀA with so many vectors of `shortSide` numbers, one after another. */
export interface GramOperator {
  times(vectors: Float64Array): Promise<Float64Array>;
  dispose(): Promise<void>;
}

export async function gramOperator(
  dense: DenseMatrix,
  count: number,
  multiplier: Multiplier,
  deadline: Deadline,
): Promise<GramOperator> {
  const short = shortSide(dense);
  if (short > formedSide) return await streamed(dense, count, deadline);
  const times = formed(await gramMatrix(dense, deadline), count, multiplier);
  return { times, dispose: () => Promise.resolve() };
}

/** Products of a symmetric matrix with `count` vectors. */
export function formed(symmetric: Float64Array, count: number, { innerProducts }: Multiplier): GramOperator['times'] {
  return (vectors) => innerProducts(vectors, count, symmetric, vectors.length / count);
}

/** A pass over X for each product, without AᵀA. */
async function streamed(dense: DenseMatrix, count: number, deadline: Deadline): Promise<GramOperator> {
  const short = shortSide(dense);
  const band = matrix('band', { shape: ['rows', short] });
  const V = matrix('V', { shape: [count, short] });
  const zeros: Tensor = { data: new Float64Array(count * short), shape: [count, short] };
  const sum = shared(zeros, 'sum');
  const program = await compile({
    inputs: { band, V },
    outputs: {},
    updates: [[sum, sum.add(V.matmul(band.T).matmul(band))]],
    device: 'cpu',
    precision: 'float64',
  });
  return {
    async times(vectors) {
      const V: Tensor = { data: vectors, shape: [count, short] };
      program.set(sum, zeros);
      for (const { values, count: rows } of bandsOf(dense, 'rows')) {
        checkDeadline(deadline);
        await program.run({ band: { data: values, shape: [rows, short] }, V });
      }
      return Float64Array.from((await program.get(sum)).data);
    },
    dispose: () => program.dispose(),
  };
}

// Products with A in float32, which the engine computes twice as fast as in float64 and without copies of an upright X.
// What they say of the leading singular triplets is good to the digits that float32 keeps of X itself.

const A = matrix('A');
const V = matrix('V');
const onProcessor = { device: 'cpu', precision: 'float32', plannedMemory: false, spinning: false } as const;

const knownInFloat32 = new WeakMap<Float32Array, Float64Array>();

/** AᵀA, short×short row-major, each band's in float32 and their sum in float64. It is remembered as long as X is there. */
export async function gramInFloat32(dense: DenseMatrix, deadline: Deadline = {}): Promise<Float64Array> {
  const found = knownInFloat32.get(dense.X);
  if (found) return found;
  const short = shortSide(dense);
  const half = Math.floor(short / 2);
  const left = slice(A, 0, half, { axis: 1 });
  const right = slice(A, half, short, { axis: 1 });
  // The upper half of the rows up to the middle, and the lower half: the rest is known by symmetry.
  const outputs = { upper: left.T.matmul(left), lower: right.T.matmul(A) };
  const upper = new Float64Array(half * half);
  const lower = new Float64Array((short - half) * short);
  const program = await compile({ inputs: { A }, outputs, ...onProcessor });
  try {
    for (const { count, values } of rowBandsOf(dense)) {
      checkDeadline(deadline);
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
  knownInFloat32.set(dense.X, gram);
  return gram;
}

/** AᵀA·v for `count` vectors v of `shortSide` numbers, one after another, in two products for each band of A. */
export async function gramTimesInFloat32(
  dense: DenseMatrix,
  vectors: Float64Array,
  count: number,
  deadline: Deadline = {},
): Promise<Float64Array> {
  const short = shortSide(dense);
  const sum = new Float64Array(count * short);
  const program = await compile({ inputs: { A, V }, outputs: { products: A.matmul(V.T).T.matmul(A) }, ...onProcessor });
  const tensorOfV = { data: Float32Array.from(vectors), shape: [count, short] };
  try {
    for (const { count: rows, values } of rowBandsOf(dense)) {
      checkDeadline(deadline);
      const { products } = await program.run({ A: { data: values, shape: [rows, short] }, V: tensorOfV });
      addTo(sum, products);
    }
  } finally {
    await program.dispose();
  }
  return sum;
}

/** V·Aᵀ for `count` vectors V as above, band by band of A: a row for each vector. */
export async function* productsInFloat32(
  dense: DenseMatrix,
  vectors: Float64Array,
  count: number,
  deadline: Deadline = {},
): AsyncGenerator<{ start: number; count: number; products: Float32Array }> {
  const short = shortSide(dense);
  const program = await compile({ inputs: { A, V }, outputs: { products: V.matmul(A.T) }, ...onProcessor });
  const tensorOfV = { data: Float32Array.from(vectors), shape: [count, short] };
  try {
    for (const { start, count: rows, values } of rowBandsOf(dense)) {
      checkDeadline(deadline);
      const { products } = await program.run({ A: { data: values, shape: [rows, short] }, V: tensorOfV });
      yield { start, count: rows, products: products as Float32Array };
    }
  } finally {
    await program.dispose();
  }
}

function addTo(sum: Float64Array, terms: ArrayLike<number>): void {
  for (let k = 0; k < sum.length; k++) sum[k] = sum[k]! + terms[k]!;
}
