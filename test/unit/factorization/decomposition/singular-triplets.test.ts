import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { readDataset } from '../../../../src/data/read';
import '../../../support/decoding';
import {
  truncatedSvd,
  type SingularTriplets,
  singularSpectrum,
} from '../../../../src/factorization/linear-algebra/svd';
import { type DenseMatrix, OutOfTime } from '../../../../src/factorization/linear-algebra/dense';
import { dominantSubspace } from '../../../../src/factorization/linear-algebra/subspace';
import { randomNormal } from '../../../../src/engine';
import { dataFolder, digits, mutations, referenceOf } from '../../../support/datasets';

function dense(rows: readonly (readonly number[])[]): DenseMatrix {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, X: Float32Array.from(rows.flat()) };
}

/** The numbers of a file of test/data. */
async function wholeOf(name: string): Promise<DenseMatrix> {
  const dataset = await readDataset({ kind: 'path', path: join(dataFolder, name) });
  assert.ok('blocks' in dataset);
  const { rows, columns } = dataset;
  const X = new Float32Array(rows * columns);
  for await (const { start, values } of dataset.blocks()) X.set(values, start * columns);
  return { rows, columns, X };
}

function transposeOf({ rows, columns, X }: DenseMatrix): DenseMatrix {
  const T = new Float32Array(X.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) T[j * rows + i] = X[i * columns + j] as number;
  return { rows: columns, columns: rows, X: T };
}

function assertRelative(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expected.forEach((value, k) => {
    const found = actual[k] as number;
    assert.ok(Math.abs(found - value) <= tolerance * value, `value ${k} is ${found}, not ${value}`);
  });
}

/** Unit vectors with random entries, made orthogonal to each other. */
function orthonormalVectors(count: number, length: number, seed: number): number[][] {
  const { data } = randomNormal([count, length], { seed });
  const vectors: number[][] = [];
  for (let k = 0; k < count; k++) {
    let vector = Array.from(data.subarray(k * length, (k + 1) * length));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        const overlap = vector.reduce((sum, value, i) => sum + value * (other[i] as number), 0);
        vector = vector.map((value, i) => value - overlap * (other[i] as number));
      }
    }
    const norm = Math.hypot(...vector);
    vectors.push(vector.map((value) => value / norm));
  }
  return vectors;
}

/** X = Σ s_k·u_k·v_kᵀ with the given singular values, so that its decomposition is known. */
function withSingularValues(rows: number, columns: number, values: readonly number[], seed: number): DenseMatrix {
  const left = orthonormalVectors(values.length, rows, seed);
  const right = orthonormalVectors(values.length, columns, seed + 1);
  const X = new Float64Array(rows * columns);
  values.forEach((value, k) => {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        X[i * columns + j] =
          (X[i * columns + j] as number) + value * (left[k]?.[i] as number) * (right[k]?.[j] as number);
      }
    }
  });
  return { rows, columns, X: Float32Array.from(X) };
}

/** Largest distance of V·Vᵀ from the identity. */
function nonOrthogonality(vectors: Float64Array, count: number): number {
  const length = vectors.length / count;
  let worst = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let i = 0; i < length; i++)
        product += (vectors[a * length + i] as number) * (vectors[b * length + i] as number);
      worst = Math.max(worst, Math.abs(product - (a === b ? 1 : 0)));
    }
  }
  return worst;
}

function squaredErrorOf({ rows, columns, X }: DenseMatrix, { values, left, right }: SingularTriplets): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let product = 0;
      values.forEach((value, k) => {
        product += value * (left[k * rows + i] as number) * (right[k * columns + j] as number);
      });
      sum += ((X[i * columns + j] as number) - product) ** 2;
    }
  }
  return sum;
}

describe('truncatedSvd', function () {
  this.timeout(120_000);

  for (const [name, data] of [
    ['digits.csv', digits],
    ['mutations.tsv', mutations],
  ] as const) {
    it(`gives the singular values that LAPACK gives for ${name}`, async () => {
      const { singular_values: expected } = referenceOf(name);
      const { values } = await truncatedSvd(dense(data()), expected.length);
      assertRelative(values, expected, 1e-6);
      const wide = await truncatedSvd(transposeOf(dense(data())), expected.length);
      assertRelative(wide.values, expected, 1e-6);
    });
  }

  it('iterates to the singular values that LAPACK gives for china.jpg, upright and lying', async () => {
    const { singular_values: expected } = referenceOf('china.jpg, 8-bit luma / 255');
    const image = await wholeOf('china.jpg');
    for (const X of [image, transposeOf(image)]) {
      const { values } = await truncatedSvd(X, expected.length);
      assertRelative(values, expected, 1e-6);
    }
  });

  // The oracle is ml-matrix, which works on X itself, not on AᵀA, and by other algorithms.
  for (const [what, planted] of [
    ['that lie close together', Array.from({ length: 200 }, (_, k) => 10 - 1e-3 * k)],
    ['most of which are almost the same', Array.from({ length: 200 }, (_, k) => (k < 3 ? 9 - k : 1 + 1e-5 * k))],
    ['over six orders of magnitude', Array.from({ length: 24 }, (_, k) => 1e3 * 10 ** (-k / 4))],
    ['with a gap of ten thousand between two groups', [50, 40, 30, 3e-3, 2e-3, 1e-3]],
  ] as const) {
    it(`finds singular values ${what}`, async () => {
      const X = withSingularValues(260, 200, planted, 11);
      const oracle = new SingularValueDecomposition(Matrix.from1DArray(260, 200, X.X));
      const count = Math.min(20, planted.length);
      const { values, left, right } = await truncatedSvd(X, count);
      // float32 keeps singular values down to 1e-7 of the largest; below them is its rounding, of which there are many.
      assertRelative(values, oracle.diagonal.slice(0, count), 1e-6);
      assert.ok(nonOrthogonality(right, count) < 1e-8);
      assert.ok(nonOrthogonality(left, count) < 1e-5);
      for (let k = 0; k < count; k++) {
        const [before, value, after] = [
          oracle.diagonal[k - 1] ?? Infinity,
          oracle.diagonal[k] ?? 0,
          oracle.diagonal[k + 1] ?? 0,
        ];
        if (Math.min(before - value, value - after) < 0.1 * value) continue;
        const overlap = oracle.rightSingularVectors
          .getColumn(k)
          .reduce((sum, v, j) => sum + v * (right[k * 200 + j] as number), 0);
        assert.ok(Math.abs(overlap) > 1 - 1e-8, `vector ${k} has cosine ${overlap}`);
      }
    });
  }

  it('streams data whose sides are both too long for a Gram matrix', async () => {
    const planted = [90, 70, 50, 30, 10];
    const left = orthonormalVectors(planted.length, 2200, 1);
    const right = orthonormalVectors(planted.length, 2060, 2);
    const X = new Float32Array(2200 * 2060);
    X.forEach((_, at) => {
      const [i, j] = [Math.floor(at / 2060), at % 2060];
      X[at] = planted.reduce((sum, s, k) => sum + s * (left[k]?.[i] as number) * (right[k]?.[j] as number), 0);
    });
    const { values } = await truncatedSvd({ rows: 2200, columns: 2060, X }, 4);
    assertRelative(values, planted.slice(0, 4), 1e-5);
  });

  it('leaves the squared error that Eckart and Young prove least', async () => {
    const X = dense(digits());
    const reference = referenceOf('digits.csv').ranks['10'];
    const triplets = await truncatedSvd(X, 10);
    assertRelative([squaredErrorOf(X, triplets)], [reference?.eckart_young_sse as number], 1e-6);
    assert.ok(nonOrthogonality(triplets.left, 10) < 1e-8);
    assert.ok(nonOrthogonality(triplets.right, 10) < 1e-8);
  });

  for (const [rows, columns] of [
    [400, 230],
    [230, 400],
  ] as const) {
    it(`iterates to a planted spectrum that falls slowly, ${rows}×${columns}`, async () => {
      const planted = Array.from({ length: 120 }, (_, k) => 100 * 0.97 ** k);
      const X = withSingularValues(rows, columns, planted, 3);
      const triplets = await truncatedSvd(X, 20, { seed: 5 });
      assertRelative(triplets.values, planted.slice(0, 20), 1e-5);
      assert.ok(nonOrthogonality(triplets.left, 20) < 1e-8);
      const rest = planted.slice(20).reduce((sum, value) => sum + value * value, 0);
      assertRelative([squaredErrorOf(X, triplets)], [rest], 1e-4);
    });
  }

  for (const [rows, columns] of [
    [3000, 450],
    [450, 3000],
  ] as const) {
    it(`proves in float32 what leads a large matrix, ${rows}×${columns}`, async () => {
      const planted = Array.from({ length: 40 }, (_, k) => 100 * 0.95 ** k);
      const X = withSingularValues(rows, columns, planted, 3);
      assert.equal((await dominantSubspace(X, 12)).inFloat32, true);
      const triplets = await truncatedSvd(X, 12);
      assertRelative(triplets.values, planted.slice(0, 12), 1e-6);
      const [short, long] = rows > columns ? [triplets.right, triplets.left] : [triplets.left, triplets.right];
      assert.ok(nonOrthogonality(short, 12) < 1e-8);
      assert.ok(nonOrthogonality(long, 12) < 1e-6);
      // X is planted with these very vectors: the left from one seed, the right from the next.
      for (const [vectors, length, seed] of [
        [triplets.left, rows, 3],
        [triplets.right, columns, 4],
      ] as const) {
        const expected = orthonormalVectors(planted.length, length, seed);
        for (let k = 0; k < 12; k++) {
          const overlap = (expected[k] as number[]).reduce(
            (sum, v, i) => sum + v * (vectors[k * length + i] as number),
            0,
          );
          assert.ok(Math.abs(overlap) > 1 - 1e-9, `vector ${k} has cosine ${overlap}`);
        }
      }
      const rest = planted.slice(12).reduce((sum, value) => sum + value * value, 0);
      assertRelative([squaredErrorOf(X, triplets)], [rest], 1e-5);
    });
  }

  for (const [what, planted] of [
    ['vanishes beside the largest', Array.from({ length: 24 }, (_, k) => 1e3 * 10 ** (-k / 4))],
    ['float32 cannot tell from the rest', Array.from({ length: 90 }, (_, k) => (k < 8 ? 10 - k : 2 - 1e-5 * k))],
  ] as const) {
    it(`goes on in float64 where part of what is wanted ${what}`, async () => {
      const X = withSingularValues(3000, 450, planted, 5);
      const { inFloat32, values } = await dominantSubspace(X, 12);
      assert.equal(inFloat32, undefined);
      assertRelative(values.map(Math.sqrt), planted.slice(0, 12), 1e-5);
    });
  }

  it('gives zeros beyond the rank of the data, and no more triplets than there can be', async () => {
    const X = withSingularValues(300, 150, [5, 3], 1);
    const { values, left } = await truncatedSvd(X, 6);
    assertRelative(values, [5, 3], 1e-5);
    for (const value of values.subarray(2)) assert.ok(value < 1e-5, String(value));
    assert.ok(left.every(Number.isFinite));
    assert.equal((await truncatedSvd(dense([[1, 2, 3]]), 9)).values.length, 1);
    assert.deepEqual(Array.from((await truncatedSvd(dense([[0, 0]]), 1)).values), [0]);
  });

  it('gives the same numbers for the same seed', async () => {
    const X = withSingularValues(300, 150, [5, 4, 3, 2, 1], 1);
    const [one, two] = await Promise.all([truncatedSvd(X, 3, { seed: 2 }), truncatedSvd(X, 3, { seed: 2 })]);
    assert.deepEqual(one, two);
  });

  it('gives up at its deadline', async () => {
    await assert.rejects(truncatedSvd(dense(digits()), 3, { deadline: performance.now() - 1 }), OutOfTime);
  });
});

describe('singularSpectrum', function () {
  this.timeout(120_000);

  it('has every squared singular value of a small matrix, and their sum', async () => {
    const reference = referenceOf('mutations.tsv');
    const { squares, complete } = await singularSpectrum(dense(mutations()), 2);
    assert.equal(complete, true);
    assert.equal(squares.length, 21);
    assertRelative(squares.map(Math.sqrt), reference.singular_values, 1e-9);
    assertRelative([squares.reduce((sum, value) => sum + value, 0)], [reference.sum_of_squares], 1e-12);
  });

  it('has the largest of a matrix with two long sides', async () => {
    const planted = [90, 70, 50, 30, 10, 9, 8, 7];
    const { squares, complete } = await singularSpectrum(withSingularValues(700, 600, planted, 7), 5);
    assert.equal(complete, false);
    assertRelative(squares.map(Math.sqrt), planted.slice(0, 5), 1e-5);
  });
});
