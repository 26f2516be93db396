import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Factorization } from '../../../src/factorization/result';
import { defaultModel } from '../../../src/model/model';
import { namedSolvers } from '../../../src/model/solvers';
import { gatherObservations } from '../../../src/factorization/observations';
import { presetModel } from '../../../src/model/presets';
import { drawFolds } from '../../../src/factorization/rank/held-out';
import type { WarmStart } from '../../../src/factorization/starts/start';
import { datasetOf } from '../../support/datasets';
import { factorizing, objectiveOf } from '../../support/factorizing';

const rows = Array.from({ length: 12 }, (_, i) =>
  Array.from({ length: 7 }, (__, j) => 2 + Math.sin(i) * j + Math.cos(3 * j) * i * 0.3 + ((i * 3 + j * 5) % 7) * 0.1),
);

const productAt = ({ W, H, rank, columns }: Factorization, i: number, j: number): number => {
  let sum = 0;
  for (let k = 0; k < rank; k++) sum += (W[i * rank + k] as number) * (H[k * columns + j] as number);
  return sum;
};

describe('entries that are held out of a fit', function () {
  this.timeout(60_000);

  it('have errors as these are defined, and influence nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const some = { seed, holdout: 0.2, stopping: { iterations: 20, tolerance: 0 } };
        const [places] = drawFolds(await gatherObservations(datasetOf(rows)), { folds: 1, fraction: 0.2, seed });
        assert.ok(places && places.length > 5);
        const result = await factorizing(datasetOf(rows), some);
        const errors = [...places].map((at) => {
          const [i, j] = [Math.floor(at / 7), at % 7];
          return Math.fround(rows[i]?.[j] ?? NaN) - productAt(result, i, j);
        });
        const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
        const { rmse = NaN, mae = NaN, entries } = result.heldOut ?? {};
        assert.equal(entries, places.length);
        assert.ok(Math.abs(rmse - Math.sqrt(mean(errors.map((e) => e * e)))) <= 1e-6 * rmse, `rmse ${rmse}`);
        assert.ok(Math.abs(mae - mean(errors.map(Math.abs))) <= 1e-6 * mae, `mae ${mae}`);

        const wild = rows.map((row, i) => row.map((x, j) => (places.includes(i * 7 + j) ? 1e6 : x)));
        const blind = await factorizing(datasetOf(wild), some);
        assert.deepEqual([blind.W, blind.H], [result.W, result.H]);
        assert.ok((blind.heldOut?.rmse ?? 0) > 1e5);
      }),
      { numRuns: 3, seed: 1 },
    );
  });

  it('are the same ones when the run is continued', async () => {
    const whole = { iterations: 60, tolerance: 0 };
    const some = { seed: 5, holdout: 0.2, solver: namedSolvers.apg };
    const half = await factorizing(datasetOf(rows), { ...some, stopping: { iterations: 30, tolerance: 0 } });
    const further = await factorizing(datasetOf(rows), { ...some, stopping: whole }, {}, undefined, { from: half });
    assert.equal(further.heldOut?.entries, half.heldOut?.entries);
    // Had it seen what the first run did not, the objective would be of more entries.
    assert.equal(further.statistics.observed, half.statistics.observed);
    assert.ok(further.statistics.objective <= half.statistics.objective);
  });
});

describe('a run that begins with factors from a file', () => {
  const begin = (factors: Factorization, changes: Partial<WarmStart> = {}): WarmStart => ({
    name: 'a.factors.npz',
    rows: factors.rows,
    columns: factors.columns,
    rank: factors.rank,
    W: factors.W,
    H: factors.H,
    source: factors.source,
    ...changes,
  });
  const some = { start: 'file', stopping: { iterations: 5, tolerance: 0 } } as const;

  it('has them for its first point, and one run', async () => {
    const earlier = await factorizing(datasetOf(rows), { stopping: { iterations: 1, tolerance: 0 } });
    const result = await factorizing(datasetOf(rows), { ...some, restarts: 3 }, {}, begin(earlier));
    const first = result.restarts[0]?.trace.objective[0] ?? NaN;
    const defined = objectiveOf(rows, earlier, defaultModel);
    assert.ok(Math.abs(first - defined) <= 1e-5 * defined, `${first}, not ${defined}`);
    assert.equal(result.restarts.length, 1);
    assert.ok(result.statistics.objective < first);
  });

  it('says where the data have changed, and refuses other columns and ranks', async () => {
    const earlier = await factorizing(datasetOf(rows), { stopping: { iterations: 1, tolerance: 0 } });
    const source = { ...earlier.source, sha256: 'b'.repeat(64) };
    const { warnings } = await factorizing(datasetOf(rows), some, {}, begin(earlier, { source }));
    assert.match(warnings.join('\n'), /a\.factors\.npz came from numbers as it was then/);
    await assert.rejects(factorizing(datasetOf(rows), { ...some, rank: 3 }, {}, begin(earlier)), /give rank 2, not 3/);
    await assert.rejects(factorizing(datasetOf(rows), some), /needs that file/);
  });
});

describe('float32', function () {
  // A thousand iterations, on a machine that may be busy.
  this.timeout(60_000);

  it('comes to the product that float64 comes to, where the product is determined', async () => {
    const model = presetModel('ridge');
    const stopping = { iterations: 1000, tolerance: 1e-12 };
    const [single, double] = await Promise.all(
      (['apg', 'lbfgs'] as const).map((id) =>
        factorizing(datasetOf(rows), { model, solver: namedSolvers[id], stopping }),
      ),
    );
    rows.forEach((row, i) =>
      row.forEach((_, j) => {
        const [a, b] = [productAt(single as Factorization, i, j), productAt(double as Factorization, i, j)];
        assert.ok(Math.abs(a - b) < 2e-3, `row ${i}, column ${j}: ${a} and ${b}`);
      }),
    );
  });
});
