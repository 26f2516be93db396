import { compile, matrix, type FloatArray } from '../../engine';

/**
 * Products of matrices that are kept as vectors of one length, one after another: A·Bᵀ, all inner products of their rows,
 * and M·B, combinations of them. The loops below take two rows of one and four of the other at a time: eight products for
 * six numbers read is several times as fast as one product for two.
 */

/** A·Bᵀ, p×q. */
export function innerProducts(A: Float64Array, p: number, B: Float64Array, q: number): Float64Array {
  const length = A.length / p;
  const products = new Float64Array(p * q);
  const a = { values: A, next: length, step: 1 };
  const b = { values: B, next: length, step: 1 };
  addProducts(a, p, b, () => q, length, products, q);
  return products;
}

/**
 * Adds AᵀA to the lower triangle of a matrix; what is added above it means nothing.
 * @param A rows of `columns` numbers, one after another
 */
export function addColumnProducts(A: Float64Array, columns: number, sum: Float64Array): void {
  const vectors = { values: A, next: 1, step: columns };
  // Rows i and i+1 of the triangle end before column i+2.
  addProducts(vectors, columns, vectors, (i) => Math.min(columns, i + 2), A.length / columns, sum, columns);
}

/** Vectors in an array: each begins `next` after the one before, and its numbers are `step` apart. */
interface Vectors {
  values: Float64Array;
  next: number;
  step: number;
}

/**
 * Adds the inner products of p vectors a with vectors b to p rows of `width` numbers.
 * @param upTo with how many vectors b vectors a number i and i+1 are multiplied, at least
 */
function addProducts(
  a: Vectors,
  p: number,
  b: Vectors,
  upTo: (i: number) => number,
  length: number,
  sum: Float64Array,
  width: number,
): void {
  const { values: A, next: aNext, step: aStep } = a;
  const { values: B, next: bNext, step: bStep } = b;
  for (let i = 0; i < p; i += 2) {
    const end = upTo(i);
    let j = 0;
    if (i + 1 < p) {
      for (; j < end && j + 4 <= width; j += 4) {
        addTile(A, i * aNext, aNext, aStep, B, j * bNext, bNext, bStep, length, sum, i * width + j, width);
      }
    }
    for (; j < end; j++) {
      addProduct(a, i, b, j, length, sum, width);
      if (i + 1 < p) addProduct(a, i + 1, b, j, length, sum, width);
    }
  }
}

/** Vectors a number i and i+1 with vectors b number j to j+3. */
function addTile(
  A: Float64Array,
  aStart: number,
  aNext: number,
  aStep: number,
  B: Float64Array,
  bStart: number,
  bNext: number,
  bStep: number,
  length: number,
  sum: Float64Array,
  at: number,
  width: number,
): void {
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let t = 0, a = aStart, b = bStart; t < length; t++, a += aStep, b += bStep) {
    const x0 = A[a]!;
    const x1 = A[a + aNext]!;
    const y0 = B[b]!;
    const y1 = B[b + bNext]!;
    const y2 = B[b + 2 * bNext]!;
    const y3 = B[b + 3 * bNext]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
  }
  sum[at] = sum[at]! + s00;
  sum[at + 1] = sum[at + 1]! + s01;
  sum[at + 2] = sum[at + 2]! + s02;
  sum[at + 3] = sum[at + 3]! + s03;
  sum[at + width] = sum[at + width]! + s10;
  sum[at + width + 1] = sum[at + width + 1]! + s11;
  sum[at + width + 2] = sum[at + width + 2]! + s12;
  sum[at + width + 3] = sum[at + width + 3]! + s13;
}

function addProduct(
  a: Vectors,
  i: number,
  b: Vectors,
  j: number,
  length: number,
  sum: Float64Array,
  width: number,
): void {
  let product = 0;
  for (let t = 0, at = i * a.next, bt = j * b.next; t < length; t++, at += a.step, bt += b.step) {
    product += a.values[at]! * b.values[bt]!;
  }
  const to = i * width + j;
  sum[to] = sum[to]! + product;
}

/** M·B for M of p×q: row i is Σ_j M[i, j]·row j of B. */
export function combinations(M: Float64Array, p: number, B: Float64Array, q: number): Float64Array {
  const length = B.length / q;
  const result = new Float64Array(p * length);
  // Rows that are missing from the last group of four are read as row 0 with weight 0.
  const weight = (i: number, j: number): number => (i < p && j < q ? M[i * q + j]! : 0);
  const place = (j: number): number => (j < q ? j * length : 0);
  for (let i = 0; i < p; i += 2) {
    const r0 = i * length;
    const r1 = i + 1 < p ? r0 + length : r0;
    for (let j = 0; j < q; j += 4) {
      const [v0, v1, v2, v3] = [weight(i, j), weight(i, j + 1), weight(i, j + 2), weight(i, j + 3)];
      const [w0, w1, w2, w3] = [weight(i + 1, j), weight(i + 1, j + 1), weight(i + 1, j + 2), weight(i + 1, j + 3)];
      const [b0, b1, b2, b3] = [place(j), place(j + 1), place(j + 2), place(j + 3)];
      for (let t = 0; t < length; t++) {
        const y0 = B[b0 + t]!;
        const y1 = B[b1 + t]!;
        const y2 = B[b2 + t]!;
        const y3 = B[b3 + t]!;
        result[r0 + t] = result[r0 + t]! + v0 * y0 + v1 * y1 + v2 * y2 + v3 * y3;
        result[r1 + t] = result[r1 + t]! + w0 * y0 + w1 * y1 + w2 * y2 + w3 * y3;
      }
    }
  }
  return result;
}

export function transposed(values: Float32Array | Float64Array, rows: number): Float64Array {
  const columns = values.length / rows;
  const result = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j]!;
  }
  return result;
}

/** The products above, by the loops here or by the engine. */
export interface Multiplier {
  innerProducts(A: Float64Array, p: number, B: Float64Array, q: number): Promise<Float64Array>;
  combinations(M: Float64Array, p: number, B: Float64Array, q: number): Promise<Float64Array>;
  dispose(): Promise<void>;
}

/** So many multiplications take less time here than the engine takes to begin. */
export const fewMultiplications = 1 << 24;

/** @param multiplications about how many there will be in all: the engine does large products some twenty times as fast */
export async function multiplierFor(multiplications: number): Promise<Multiplier> {
  if (multiplications <= fewMultiplications) {
    return {
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
    async innerProducts(A, p, B, q) {
      const operands = { A: { data: A, shape: [p, A.length / p] }, B: { data: B, shape: [q, B.length / q] } };
      return asFloat64((await program.run(operands)).products);
    },
    // A session of its own would keep threads waiting that the other needs.
    combinations: (M, p, B, q) => multiplier.innerProducts(M, p, transposed(B, q), B.length / q),
    dispose: () => program.dispose(),
  };
  return multiplier;
}

/** Of a program that computes in float64 this is a change of type alone. */
const asFloat64 = (values: FloatArray): Float64Array =>
  values instanceof Float64Array ? values : Float64Array.from(values);
