import { compile, matrix, shared, type Tensor } from '../../engine';
import { bandsOf, shortSide, type DenseMatrix } from './dense';
import { gramMatrix } from './gram';
import { checkPatience, type Patience } from './deadline';
import type { Multiplier } from './row-products';

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
  patience: Patience,
): Promise<GramOperator> {
  const short = shortSide(dense);
  if (short > formedSide) return await streamed(dense, count, patience);
  const times = formed(await gramMatrix(dense, patience), count, multiplier);
  return { times, dispose: () => Promise.resolve() };
}

/** Products of a symmetric matrix with `count` vectors. */
export function formed(symmetric: Float64Array, count: number, { innerProducts }: Multiplier): GramOperator['times'] {
  return (vectors) => innerProducts(vectors, count, symmetric, vectors.length / count);
}

/** A pass over X for each product, without AᵀA. */
async function streamed(dense: DenseMatrix, count: number, patience: Patience): Promise<GramOperator> {
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
        checkPatience(patience);
        await program.run({ band: { data: values, shape: [rows, short] }, V });
      }
      return Float64Array.from((await program.get(sum)).data);
    },
    dispose: () => program.dispose(),
  };
}
