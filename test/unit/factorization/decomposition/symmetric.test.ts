import assert from 'node:assert/strict';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { symmetricEigen, symmetricEigenvalues } from '../../../../src/factorization/linear-algebra/symmetric';
import { randomSource } from '../../../../src/engine';

function randomSymmetric(size: number, seed: number): Float64Array {
  const random = randomSource(seed);
  const A = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) A[i * size + j] = A[j * size + i] = random() - 0.5;
  return A;
}

/** BᵀB for B of rank×size, so that all but `rank` eigenvalues vanish. */
function ofRank(rank: number, size: number): Float64Array {
  const random = randomSource(rank);
  const B = Array.from({ length: rank }, () => Array.from({ length: size }, () => random() - 0.5));
  return Float64Array.from({ length: size * size }, (_, at) =>
    B.reduce((sum, row) => sum + (row[Math.floor(at / size)] as number) * (row[at % size] as number), 0),
  );
}

describe('symmetricEigen', () => {
  for (const [name, A, size] of [
    ...[1, 2, 3, 10, 41, 130].map((size) => [`a random matrix of ${size}`, randomSymmetric(size, 4), size] as const),
    ['a matrix of rank 2', ofRank(2, 150), 150],
    ['the identity', Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 3],
    ['zeros', new Float64Array(16), 4],
  ] as const) {
    it(`decomposes ${name}`, () => {
      const { values, vectors } = symmetricEigen(A, size);
      const expected = new EigenvalueDecomposition(Matrix.from1DArray(size, size, A), { assumeSymmetric: true });
      const sorted = [...expected.realEigenvalues].sort((a, b) => b - a);
      const scale = 1e-13 * Math.max(1, size / 4);
      sorted.forEach((value, k) => assert.ok(Math.abs((values[k] as number) - value) < scale, `value ${k}`));
      symmetricEigenvalues(A, size).forEach((value, k) => assert.ok(Math.abs(value - (sorted[k] as number)) < scale));
      const V = Matrix.from1DArray(size, size, vectors);
      const turned = V.mmul(Matrix.from1DArray(size, size, A)).mmul(V.transpose());
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const expected = i === j ? (values[i] as number) : 0;
          assert.ok(Math.abs(turned.get(i, j) - expected) < scale, `${i}, ${j} of V·A·Vᵀ`);
        }
      }
      const products = V.mmul(V.transpose()).sub(Matrix.eye(size)).abs().max();
      assert.ok(products < scale, `not orthonormal by ${products}`);
    });
  }

  it('has exact answers for multiples of the identity', () => {
    assert.deepEqual([...symmetricEigenvalues(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 3)], [1, 1, 1]);
    assert.deepEqual([...symmetricEigenvalues(new Float64Array(16), 4)], [0, 0, 0, 0]);
  });
});
