import assert from 'node:assert/strict';
import { truncatedSvd, type SingularTriplets } from '../../../src/factorization/decomposition';
import { OutOfTime, type DenseMatrix } from '../../../src/factorization/decomposition-gram';
import { symmetricEigen, symmetricEigenvalues } from '../../../src/factorization/decomposition-symmetric';
import { singularSpectrum } from '../../../src/factorization/singular-values';
import { randomNormal, randomSource } from '../../../src/engine/tensor';
import { digits, mutations, referenceOf } from '../../support/datasets';

function dense(rows: readonly (readonly number[])[]): DenseMatrix {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, X: Float32Array.from(rows.flat()) };
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
    const { squares, total, complete } = await singularSpectrum(dense(mutations()), 2);
    assert.equal(complete, true);
    assert.equal(squares.length, 21);
    assertRelative(squares.map(Math.sqrt), reference.singular_values, 1e-9);
    assertRelative([total], [reference.sum_of_squares], 1e-12);
    assertRelative([squares.reduce((sum, value) => sum + value, 0)], [total], 1e-12);
  });

  it('has the largest of a matrix with two long sides', async () => {
    const planted = [90, 70, 50, 30, 10, 9, 8, 7];
    const { squares, complete } = await singularSpectrum(withSingularValues(700, 600, planted, 7), 5);
    assert.equal(complete, false);
    assertRelative(squares.map(Math.sqrt), planted.slice(0, 5), 1e-5);
  });
});

describe('symmetricEigenvalues', () => {
  it('agrees with an independent decomposition, multiple and vanishing eigenvalues included', () => {
    const random = randomSource(4);
    for (const size of [1, 2, 3, 10, 41]) {
      const A = new Float64Array(size * size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) A[i * size + j] = A[j * size + i] = random() - 0.5;
      }
      const expected = symmetricEigen(A, size).values;
      const actual = symmetricEigenvalues(A, size);
      actual.forEach((value, k) => assert.ok(Math.abs(value - (expected[k] as number)) < 1e-12));
    }
    const identity = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    assert.deepEqual(Array.from(symmetricEigenvalues(identity, 3)), [1, 1, 1]);
    assert.deepEqual(Array.from(symmetricEigenvalues(new Float64Array(16), 4)), [0, 0, 0, 0]);
    const ones = symmetricEigenvalues(new Float64Array(25).fill(1), 5);
    assert.ok(Math.abs((ones[0] as number) - 5) < 1e-14 && Math.abs(ones[1] as number) < 1e-14);
  });
});
