import assert from 'node:assert/strict';
import { bandsOf, rowBandsOf } from '../../../../src/factorization/linear-algebra/dense';
import {
  gramMatrix,
  gramInFloat32,
  gramTimesInFloat32,
  productsInFloat32,
} from '../../../../src/factorization/linear-algebra/gram';
import { orthonormalRows } from '../../../../src/factorization/linear-algebra/cholesky';
import { combinations, innerProducts, multiplierFor } from '../../../../src/factorization/linear-algebra/row-products';
import { randomNormal, randomSource } from '../../../../src/engine';

const numbers = (count: number, seed: number): Float64Array => Float64Array.from(randomNormal([count], { seed }).data);

/** Sum over t of a(i, t)·b(j, t), one at a time. */
function naive(
  p: number,
  q: number,
  length: number,
  a: (i: number, t: number) => number,
  b: (j: number, t: number) => number,
): Float64Array {
  const result = new Float64Array(p * q);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < q; j++) for (let t = 0; t < length; t++) result[i * q + j]! += a(i, t) * b(j, t);
  }
  return result;
}

function assertClose(actual: ArrayLike<number>, expected: Float64Array, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, k) => assert.ok(Math.abs((actual[k] as number) - value) < tolerance, `entry ${k}`));
}

describe('products of rows', () => {
  it('are those of a triple loop, for all small shapes, here and on the engine', async () => {
    const engine = await multiplierFor(Infinity);
    for (let p = 1; p <= 5; p++) {
      for (let q = 1; q <= 9; q++) {
        for (const length of [1, 7]) {
          const [A, B, M] = [numbers(p * length, 1), numbers(q * length, 2), numbers(p * q, 3)];
          const inner = naive(p, q, length, (i, t) => A[i * length + t]!, (j, t) => B[j * length + t]!); // prettier-ignore
          const combined = naive(
            p,
            length,
            q,
            (i, t) => M[i * q + t]!,
            (j, t) => B[t * length + j]!,
          );
          assertClose(innerProducts(A, p, B, q), inner, 1e-13);
          assertClose(combinations(M, p, B, q), combined, 1e-13);
          assertClose(await engine.innerProducts(A, p, B, q), inner, 1e-13);
          assertClose(await engine.combinations(M, p, B, q), combined, 1e-13);
        }
      }
    }
    await engine.dispose();
  });
});

describe('bandsOf', () => {
  for (const [rows, columns] of [
    [23, 5],
    [5, 23],
    [7, 7],
  ] as const) {
    // prettier-ignore
    it(`goes through all of ${rows}×${columns}, by rows and by columns`, () => {
      const X = Float32Array.from({ length: rows * columns }, (_, k) => k);
      const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
      const entry = (i: number, j: number): number => (rows >= columns ? X[i * columns + j] : X[j * columns + i]) as number;
      let seen = 0;
      for (const { start, count, values } of rowBandsOf({ rows, columns, X }, 4 * short)) {
        assert.equal(start, seen);
        seen += count;
        assert.equal(values.length, count * short);
        values.forEach((value, at) => assert.equal(value, entry(start + Math.floor(at / short), at % short)));
      }
      assert.equal(seen, long);
      for (const layout of ['rows', 'columns'] as const) {
        let next = 0;
        for (const { start, count, values } of bandsOf({ rows, columns, X }, layout, 4 * short)) {
          assert.equal(start, next);
          next += count;
          assert.equal(values.length, count * short);
          for (let i = 0; i < count; i++) {
            for (let j = 0; j < short; j++) {
              assert.equal(values[layout === 'rows' ? i * short + j : j * count + i], entry(start + i, j));
            }
          }
        }
        assert.equal(next, long);
      }
    });
  }
});

describe('gramMatrix', () => {
  // The first two are small; the others go to the engine, in several bands.
  for (const [rows, columns] of [
    [30, 9],
    [9, 30],
    [30_000, 75],
    [75, 30_000],
  ] as const) {
    // prettier-ignore
    it(`is the smaller of XᵀX and XXᵀ for ${rows}×${columns}`, async () => {
      const X = Float32Array.from(numbers(rows * columns, 5));
      const gram = await gramMatrix({ rows, columns, X });
      const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
      assert.equal(gram.length, short * short);
      const entry = (i: number, t: number): number =>
        (rows >= columns ? X[t * columns + i] : X[i * columns + t]) as number;
      for (let at = 0; at < gram.length; at += short > 9 ? 37 : 1) {
        const [i, j] = [Math.floor(at / short), at % short];
        let sum = 0;
        for (let t = 0; t < long; t++) sum += entry(i, t) * entry(j, t);
        assert.ok(Math.abs((gram[at] as number) - sum) < 1e-8, `entry ${i}, ${j}`);
      }
    });
  }
});

describe('products in float32', () => {
  // Bands of 2²¹ numbers: the larger ones come in several.
  for (const [rows, columns] of [
    [9, 5],
    [5, 9],
    [50_000, 61],
    [61, 50_000],
  ] as const) {
    // prettier-ignore
    it(`with A are those of its entries for ${rows}×${columns}`, async () => {
      const X = Float32Array.from(numbers(rows * columns, 5));
      const dense = { rows, columns, X };
      const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
      const entry = (i: number, j: number): number => (rows >= columns ? X[i * columns + j] : X[j * columns + i]) as number;
      const gram = naive(short, short, long, (i, t) => entry(t, i), (j, t) => entry(t, j));
      assertClose(await gramInFloat32(dense), gram, 1e-6 * long);
      const V = numbers(3 * short, 6);
      const products = naive(3, long, short, (k, t) => V[k * short + t]!, (i, t) => entry(i, t));
      let seen = 0;
      for await (const { start, count, products: found } of productsInFloat32(dense, V, 3)) {
        assert.equal(start, seen);
        seen += count;
        assert.equal(found.length, 3 * count);
        found.forEach((value, at) => {
          const expected = products[Math.floor(at / count) * long + start + (at % count)]!;
          assert.ok(Math.abs(value - expected) < 1e-5 * Math.sqrt(short));
        });
      }
      assert.equal(seen, long);
      const twice = naive(3, short, short, (k, t) => V[k * short + t]!, (j, t) => gram[j * short + t]!);
      assertClose(await gramTimesInFloat32(dense, V, 3), twice, 1e-6 * long * Math.sqrt(short));
    });
  }
});

describe('orthonormalRows', () => {
  const [count, length] = [6, 40];

  async function orthonormal(rows: Float64Array): Promise<Float64Array> {
    const random = randomSource(1);
    return orthonormalRows(rows, count, await multiplierFor(0), () => random() - 0.5);
  }

  function assertOrthonormal(rows: Float64Array): void {
    const identity = Float64Array.from({ length: count * count }, (_, k) => (k % (count + 1) === 0 ? 1 : 0));
    assertClose(innerProducts(rows, count, rows, count), identity, 1e-12);
  }

  it('spans what nearly parallel rows of very different lengths span', async () => {
    const rows = numbers(count * length, 7);
    for (let k = 1; k < count; k++) {
      for (let t = 0; t < length; t++) rows[k * length + t] = (rows[t]! + 1e-4 * rows[k * length + t]!) * 10 ** (3 * k);
    }
    const result = await orthonormal(rows);
    assertOrthonormal(result);
    // What of each given row is not in the span.
    const within = innerProducts(rows, count, result, count);
    const rest = combinations(within, count, result, count).map((value, at) => rows[at]! - value);
    for (let k = 0; k < count; k++) {
      const row = (of: Float64Array): number => Math.hypot(...of.subarray(k * length, (k + 1) * length));
      assert.ok(row(rest) < 1e-11 * row(rows), `row ${k}`);
    }
  });

  it('puts new directions in place of rows of zeros and of repetitions', async () => {
    const rows = numbers(count * length, 7);
    rows.copyWithin(2 * length, 0, length);
    rows.fill(0, 4 * length, 5 * length);
    assertOrthonormal(await orthonormal(rows));
    assertOrthonormal(await orthonormal(new Float64Array(count * length)));
  });
});
