import { performance } from 'node:perf_hooks';
import { compile } from '../engine/compile';
import { matrix, shared } from '../engine/graph';
import type { Tensor } from '../engine/tensor';

/** X whole and without missing entries, row-major. */
export interface DenseMatrix {
  rows: number;
  columns: number;
  X: Float32Array;
}

/**
 * Everything here is about A: X itself, or its transpose where X is wider than tall, so that A has `shortSide(X)` columns
 * and the Gram matrix AᵀA is the smaller of XᵀX and XXᵀ. Sums are accumulated in float64.
 */
export const shortSide = ({ rows, columns }: DenseMatrix): number => Math.min(rows, columns);
export const longSide = ({ rows, columns }: DenseMatrix): number => Math.max(rows, columns);

/** Numbers in one block of A: large enough for fast products, small beside X itself. */
const blockNumbers = 1 << 21;

/** A in float64 by blocks of rows, so that X is never doubled in memory. */
function* blocksOf(dense: DenseMatrix): Generator<{ start: number; block: Tensor }> {
  const { rows, columns, X } = dense;
  const short = shortSide(dense);
  const long = longSide(dense);
  const height = Math.max(1, Math.min(long, Math.floor(blockNumbers / short)));
  for (let start = 0; start < long; start += height) {
    const count = Math.min(height, long - start);
    const data = new Float64Array(count * short);
    if (rows >= columns) {
      data.set(X.subarray(start * columns, (start + count) * columns));
    } else {
      for (let i = 0; i < rows; i++) {
        for (let k = 0; k < count; k++) data[k * rows + i] = X[i * columns + start + k] as number;
      }
    }
    yield { start, block: { data, shape: [count, short] } };
  }
}

const asFloat64 = (data: ArrayLike<number>): Float64Array =>
  data instanceof Float64Array ? data : Float64Array.from(data);

const zeros = (rows: number, columns: number): Tensor => ({
  data: new Float64Array(rows * columns),
  shape: [rows, columns],
});

/** When to give up, asked between blocks of X; the functions here then reject. */
export interface Patience {
  /** Rejects with the signal's reason when it fires. */
  signal?: AbortSignal;
  /** Rejects with {@link OutOfTime} once `performance.now()` has passed this. */
  deadline?: number;
}

/** A computation was not finished by its deadline. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

export function checkPatience({ signal, deadline = Infinity }: Patience): void {
  signal?.throwIfAborted();
  if (performance.now() > deadline) throw new OutOfTime('The computation was not finished by its deadline.');
}

/** Multiplications that are done at once rather than compiled. */
const fewProducts = 1 << 24;

/** AᵀA, short×short row-major. */
export async function gramMatrix(dense: DenseMatrix, patience: Patience = {}): Promise<Float64Array> {
  const short = shortSide(dense);
  if (dense.X.length * short <= fewProducts) return smallGram(dense, patience);
  const block = matrix('block', { shape: [undefined, short] });
  const gram = shared(zeros(short, short), 'gram');
  const program = await compile({
    inputs: { block },
    outputs: {},
    updates: [[gram, gram.add(block.T.matmul(block))]],
    device: 'cpu',
    precision: 'float64',
  });
  try {
    for (const { block } of blocksOf(dense)) {
      checkPatience(patience);
      await program.run({ block });
    }
    return asFloat64((await program.get(gram)).data);
  } finally {
    await program.dispose();
  }
}

function smallGram(dense: DenseMatrix, patience: Patience): Float64Array {
  const short = shortSide(dense);
  const gram = new Float64Array(short * short);
  for (const { block } of blocksOf(dense)) {
    checkPatience(patience);
    for (let start = 0; start < block.data.length; start += short) {
      for (let i = 0; i < short; i++) {
        const a = block.data[start + i] as number;
        if (a === 0) continue;
        for (let j = 0; j <= i; j++) {
          gram[i * short + j] = (gram[i * short + j] as number) + a * (block.data[start + j] as number);
        }
      }
    }
  }
  for (let i = 0; i < short; i++) {
    for (let j = 0; j < i; j++) gram[j * short + i] = gram[i * short + j] as number;
  }
  return gram;
}

/** A·Q, long×count, for Q of short×count. */
export async function tallProduct(
  dense: DenseMatrix,
  Q: Float64Array,
  count: number,
  patience: Patience = {},
): Promise<Float64Array> {
  if (dense.X.length * count <= fewProducts) return smallProduct(dense, Q, count, patience);
  const products = await compileGramProducts(dense, count, patience);
  try {
    return await products.tall(Q);
  } finally {
    await products.dispose();
  }
}

function smallProduct(dense: DenseMatrix, Q: Float64Array, count: number, patience: Patience): Float64Array {
  const short = shortSide(dense);
  const result = new Float64Array(longSide(dense) * count);
  for (const { start, block } of blocksOf(dense)) {
    checkPatience(patience);
    for (let at = 0; at < block.data.length; at++) {
      const a = block.data[at] as number;
      const row = (start + Math.floor(at / short)) * count;
      const from = (at % short) * count;
      for (let k = 0; k < count; k++) result[row + k] = (result[row + k] as number) + a * (Q[from + k] as number);
    }
  }
  return result;
}

/** Products with A, compiled once for a number of vectors. Vectors are the columns of row-major matrices. */
export interface GramProducts {
  /** AᵀA·Q for Q of short×count. */
  gram(Q: Float64Array): Promise<Float64Array>;
  /** A·Q, long×count. */
  tall(Q: Float64Array): Promise<Float64Array>;
  dispose(): Promise<void>;
}

/** One pass over X a product; AᵀA itself is not formed. */
export async function compileGramProducts(
  dense: DenseMatrix,
  count: number,
  patience: Patience = {},
): Promise<GramProducts> {
  const short = shortSide(dense);
  const block = matrix('block', { shape: [undefined, short] });
  const Q = matrix('Q', { shape: [short, count] });
  const sum = shared(zeros(short, count), 'sum');
  const product = block.matmul(Q);
  const program = await compile({
    inputs: { block, Q },
    outputs: { product },
    updates: [[sum, sum.add(block.T.matmul(product))]],
    device: 'cpu',
    precision: 'float64',
  });
  const pass = async (
    data: Float64Array,
    onProduct: (start: number, values: ArrayLike<number>) => void,
  ): Promise<void> => {
    const Q: Tensor = { data, shape: [short, count] };
    program.set(sum, zeros(short, count));
    for (const { start, block } of blocksOf(dense)) {
      checkPatience(patience);
      onProduct(start, (await program.run({ block, Q })).product);
    }
  };
  return {
    async gram(data) {
      await pass(data, () => undefined);
      return asFloat64((await program.get(sum)).data);
    },
    async tall(data) {
      const result = new Float64Array(longSide(dense) * count);
      await pass(data, (start, values) => result.set(values, start * count));
      return result;
    },
    dispose: () => program.dispose(),
  };
}
