import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeFactorization, encodeFactorization } from '../../../src/results/npz';
import type { Factorization } from '../../../src/factorization/result';
import type { Factors } from '../../../src/factorization/factors';
import { presetOf } from '../../../src/model/presets';
import { orthogonalized } from '../../../src/factorization/linear-algebra/orthogonal';
import { dataFolder, datasetOf, digits, mutations } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

interface Golden {
  means: number[];
  ratio: number[];
  components: number[][];
  first_scores: number[][];
  last_scores: number[][];
  sse: number;
}

const golden = JSON.parse(readFileSync(join(dataFolder, 'pca', 'components.json'), 'utf8')) as Record<string, Golden>;
const { model, solver, preparation } = presetOf('pca');
const pca = { model, solver: solver ?? { id: 'auto' }, ...(preparation && { preparation }) };
const rank = 6;

/** The largest difference, as a part of the largest expected number. */
function difference(found: ArrayLike<number>, expected: readonly number[]): number {
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, k) => Math.abs((found[k] as number) - value))) / largest;
}

/** What was subtracted from each column. */
function meansOf(steps: Factorization['preparation']): Float64Array {
  const [step, ...more] = steps ?? [];
  assert.ok(step?.kind === 'shift' && step.axis === 'columns' && more.length === 0);
  return step.by;
}

describe('PCA', () => {
  for (const [name, load] of Object.entries({ digits, mutations })) {
    it(`finds the components of ${name} that LAPACK finds, signs and all`, async () => {
      const { W, H, statistics, componentVariance, preparation, columns, rows, restarts } = await factorizing(
        datasetOf(load()),
        { ...pca, rank, restarts: 5 },
      );
      const expected = golden[name] as Golden;
      assert.ok(difference(H, expected.components.flat()) < 1e-4);
      assert.ok(difference(W, expected.first_scores.flat()) < 1e-4);
      assert.ok(difference(W.subarray((rows - 3) * rank), expected.last_scores.flat()) < 1e-4);
      assert.ok(difference(componentVariance ?? [], expected.ratio) < 1e-5);
      assert.ok(difference(meansOf(preparation), expected.means) < 1e-6);
      assert.equal(meansOf(preparation).length, columns);
      assert.ok(Math.abs(statistics.sse / expected.sse - 1) < 1e-5);
      assert.equal(restarts.length, 1);
      assert.equal(restarts[0]?.stopReason, 'converged');
    });
  }

  it('adds up to the explained variance, which is that of the centred data', async () => {
    const { statistics, componentVariance = [] } = await factorizing(datasetOf(mutations()), { ...pca, rank });
    const sum = componentVariance.reduce((total, part) => total + part, 0);
    assert.ok(Math.abs(sum - (statistics.explainedVariance ?? NaN)) < 1e-6);
  });

  it('ignores a shift of the columns', async () => {
    const rows = mutations();
    const shifted = rows.map((row) => row.map((x, j) => x + 1000 * j));
    const [plain, moved] = [await factorizing(datasetOf(rows), pca), await factorizing(datasetOf(shifted), pca)];
    assert.ok(difference(moved.H, [...plain.H]) < 1e-3);
  });

  it('fills what lies beyond the rank of the data with zeros', async () => {
    const { W, H, statistics } = await factorizing(datasetOf([[1, 2], [3, 4], [5, 9]]), { ...pca, rank: 4 }); // prettier-ignore
    assert.deepEqual([...H.subarray(4)], [0, 0, 0, 0]);
    assert.ok(W.every(Number.isFinite));
    assert.ok(statistics.sse < 1e-9);
  });

  it('subtracts means of the observed entries, and says how the missing ones were gone around', async () => {
    const rows = [
      [1, 10, 5],
      [2, NaN, 6],
      [3, 14, NaN],
      [4, 16, 9],
    ];
    const result = await factorizing(datasetOf(rows, 1e30), { ...pca, rank: 1 });
    const { preparation, solverReason, H, componentVariance } = result;
    assert.deepEqual([...meansOf(preparation)], [2.5, 40 / 3, 20 / 3]);
    assert.match(solverReason ?? '', /missing/);
    assert.ok(Math.abs(Math.hypot(...H) - 1) < 1e-5, 'components are unit vectors all the same');
    assert.equal(componentVariance?.length, 1);
  });

  it('keeps what is held out from the means', async () => {
    const rows = mutations();
    const { preparation, heldOut } = await factorizing(datasetOf(rows), { ...pca, rank: 2, holdout: 0.2 });
    const expected = golden['mutations'] as Golden;
    assert.ok(heldOut && heldOut.entries > 300);
    assert.ok(difference(meansOf(preparation), expected.means) > 1e-3);
  });

  it('comes back from its file as it was', async () => {
    const result = await factorizing(datasetOf(mutations()), { ...pca, rank: 3 });
    assert.deepEqual(decodeFactorization(encodeFactorization(result), 'x.factors.npz'), result);
  });

  it('is refused for other models by name', async () => {
    const { model } = presetOf('ridge');
    await assert.rejects(factorizing(datasetOf([[1, 2]]), { model, solver: { id: 'svd' } }), /svd .* no penalties/);
  });
});

describe('orthogonalized', () => {
  it('keeps the product, and makes components orthonormal in H and orthogonal in W', () => {
    const entry = fc.double({ min: -4, max: 4, noNaN: true }).map(Math.fround);
    const sizes = fc.record({ rows: fc.integer({ min: 3, max: 8 }), columns: fc.integer({ min: 3, max: 8 }) });
    fc.assert(
      fc.property(
        sizes.chain(({ rows, columns }) =>
          fc.tuple(
            fc.constant({ rows, columns }),
            fc.array(entry, { minLength: rows * 3, maxLength: rows * 3 }),
            fc.array(entry, { minLength: columns * 3, maxLength: columns * 3 }),
          ),
        ),
        ([{ rows, columns }, w, h]) => {
          const before = { W: Float32Array.from(w), H: Float32Array.from(h) };
          const after = orthogonalized(before, 3);
          const product = ({ W, H }: Factors, i: number, j: number): number =>
            [0, 1, 2].reduce((sum, k) => sum + (W[i * 3 + k] as number) * (H[k * columns + j] as number), 0);
          const scale = Math.max(1, ...before.W.map(Math.abs)) * Math.max(1, ...before.H.map(Math.abs));
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < columns; j++) {
              assert.ok(Math.abs(product(before, i, j) - product(after, i, j)) < 1e-4 * scale);
            }
          }
          for (let k = 0; k < 3; k++) {
            for (let l = 0; l < k; l++) {
              let overlap = 0;
              for (let i = 0; i < rows; i++) overlap += (after.W[i * 3 + k] as number) * (after.W[i * 3 + l] as number);
              assert.ok(Math.abs(overlap) < 1e-3 * scale * scale);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
