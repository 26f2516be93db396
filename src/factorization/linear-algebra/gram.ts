import { bandsOf, shortSide, type DenseMatrix } from './dense';
import { checkPatience, type Patience } from './deadline';
import { addColumnProducts, fewMultiplications, multiplierFor } from './row-products';

/** On the engine AᵀA is computed in so many strips of rows, each up to the diagonal: the rest is known by symmetry. */
const strips = 4;

/** Without the engine: numbers of a band that stay in the processor's cache meanwhile. */
const cachedNumbers = 1 << 14;

const known = new WeakMap<Float32Array, Float64Array>();

/** AᵀA, short×short row-major. It is remembered as long as X is there, for the next that asks. */
export async function gramMatrix(dense: DenseMatrix, patience: Patience = {}): Promise<Float64Array> {
  const found = known.get(dense.X);
  if (found) return found;
  const short = shortSide(dense);
  const gram = new Float64Array(short * short);
  const multiplications = (dense.X.length * short) / 2;
  if (multiplications > fewMultiplications) await addByEngine(gram, dense, multiplications, patience);
  else {
    for (const { values } of bandsOf(dense, 'rows', cachedNumbers)) {
      checkPatience(patience);
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
  patience: Patience,
): Promise<void> {
  const short = shortSide(dense);
  const height = Math.ceil(short / strips);
  const { innerProducts, dispose } = await multiplierFor(multiplications);
  try {
    for (const { values, count } of bandsOf(dense, 'columns')) {
      checkPatience(patience);
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
