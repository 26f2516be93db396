import { compile } from '../../engine/compile';
import { matrix } from '../../engine/graph';
import type { FloatArray } from '../../engine/tensor';

/**
 * Products of matrices that are kept as vectors of one length, one after another: A·Bᵀ, all inner products of their rows,
 * and M·B, combinations of them. The loops below take two rows of one and four of the other at a time: eight products for
 * six numbers read is several times as fast as one product for two.
 */

/** A·Bᵀ, p×q. */
export function innerProducts(A: Float64Array, p: number, B: Float64Array, q: number): Float64Array {
  const length = A.length / p;
  const products = new Float64Array(p * q);
  for (let i = 0; i < p; i += 2) {
    const second = Math.min(i + 1, p - 1);
    let j = 0;
    for (; j + 4 <= q; j += 4) setTile(A, i, second, B, j, length, products, q);
    for (; j < q; j++) {
      setProduct(A, i, B, j, length, products, q);
      setProduct(A, second, B, j, length, products, q);
    }
  }
  return products;
}

/** Rows i and h of A with rows j to j+3 of B. */
function setTile(
  A: Float64Array,
  i: number,
  h: number,
  B: Float64Array,
  j: number,
  length: number,
  products: Float64Array,
  q: number,
): void {
  const [a0, a1, b0] = [i * length, h * length, j * length];
  const [b1, b2, b3] = [b0 + length, b0 + 2 * length, b0 + 3 * length];
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let t = 0; t < length; t++) {
    const x0 = A[a0 + t] as number;
    const x1 = A[a1 + t] as number;
    const y0 = B[b0 + t] as number;
    const y1 = B[b1 + t] as number;
    const y2 = B[b2 + t] as number;
    const y3 = B[b3 + t] as number;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
  }
  const [first, second] = [i * q + j, h * q + j];
  products[first] = s00;
  products[first + 1] = s01;
  products[first + 2] = s02;
  products[first + 3] = s03;
  products[second] = s10;
  products[second + 1] = s11;
  products[second + 2] = s12;
  products[second + 3] = s13;
}

function setProduct(
  A: Float64Array,
  i: number,
  B: Float64Array,
  j: number,
  length: number,
  products: Float64Array,
  q: number,
): void {
  let sum = 0;
  for (let t = 0, a = i * length, b = j * length; t < length; t++) sum += (A[a + t] as number) * (B[b + t] as number);
  products[i * q + j] = sum;
}

/** M·B for M of p×q: row i is Σ_j M[i, j]·row j of B. */
export function combinations(M: Float64Array, p: number, B: Float64Array, q: number): Float64Array {
  const length = B.length / q;
  const result = new Float64Array(p * length);
  // Rows that are missing from the last group of four are read as row 0 with weight 0.
  const weight = (i: number, j: number): number => (i < p && j < q ? (M[i * q + j] as number) : 0);
  const place = (j: number): number => (j < q ? j * length : 0);
  for (let i = 0; i < p; i += 2) {
    const r0 = i * length;
    const r1 = i + 1 < p ? r0 + length : r0;
    for (let j = 0; j < q; j += 4) {
      const [v0, v1, v2, v3] = [weight(i, j), weight(i, j + 1), weight(i, j + 2), weight(i, j + 3)];
      const [w0, w1, w2, w3] = [weight(i + 1, j), weight(i + 1, j + 1), weight(i + 1, j + 2), weight(i + 1, j + 3)];
      const [b0, b1, b2, b3] = [place(j), place(j + 1), place(j + 2), place(j + 3)];
      for (let t = 0; t < length; t++) {
        const y0 = B[b0 + t] as number;
        const y1 = B[b1 + t] as number;
        const y2 = B[b2 + t] as number;
        const y3 = B[b3 + t] as number;
        result[r0 + t] = (result[r0 + t] as number) + v0 * y0 + v1 * y1 + v2 * y2 + v3 * y3;
        result[r1 + t] = (result[r1 + t] as number) + w0 * y0 + w1 * y1 + w2 * y2 + w3 * y3;
      }
    }
  }
  return result;
}

export function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j] as number;
  }
  return result;
}

/** The products above, by the loops here or by the engine. */
export interface Multiplier {
  /** Whether the engine does it. */
  engine: boolean;
  innerProducts(A: Float64Array, p: number, B: Float64Array, q: number): Promise<Float64Array>;
  combinations(M: Float64Array, p: number, B: Float64Array, q: number): Promise<Float64Array>;
  dispose(): Promise<void>;
}

/** So many multiplications take less time here than the engine takes to begin. */
const fewMultiplications = 1 << 24;

/** @param multiplications about how many there will be in all: the engine does large products some twenty times as fast */
export async function multiplierFor(multiplications: number): Promise<Multiplier> {
  if (multiplications <= fewMultiplications) {
    return {
      engine: false,
      innerProducts: (A, p, B, q) => Promise.resolve(innerProducts(A, p, B, q)),
      combinations: (M, p, B, q) => Promise.resolve(combinations(M, p, B, q)),
      dispose: () => Promise.resolve(),
    };
  }
  const A = matrix('A');
  const B = matrix('B');
  const products = A.matmul(B.T);
  const program = await compile({
    inputs: { A, B },
    outputs: { products },
    device: 'cpu',
    precision: 'float64',
    plannedMemory: false,
    // It takes turns with others.
    spinning: false,
  });
  const multiplier: Multiplier = {
    engine: true,
    async innerProducts(A, p, B, q) {
      const operands = { A: { data: A, shape: [p, A.length / p] }, B: { data: B, shape: [q, B.length / q] } };
      return asFloat64((await program.run(operands)).products);
    },
    // A session of its own would keep threads waiting that the other needs.
    combinations: (M, p, B, q) => multiplier.innerProducts(M, p, transposed(B, q, B.length / q), B.length / q),
    dispose: () => program.dispose(),
  };
  return multiplier;
}

/** Of a program that computes in float64 this is a change of type alone. */
const asFloat64 = (values: FloatArray): Float64Array =>
  values instanceof Float64Array ? values : Float64Array.from(values);
