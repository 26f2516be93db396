import assert from 'node:assert/strict';
import { randomNormal } from '../../../src/engine';
import { summarise } from '../../../src/cli/summary';
import { namedSolvers, type SolverOptions } from '../../../src/model/solvers';
import { presetModel } from '../../../src/model/presets';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { datasetOf } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

/** Rank 2 and noise, 60 × 20, in the digits of float32. */
const draws = randomNormal([60 * 2 + 2 * 20 + 60 * 20], { seed: 4 }).data;
const rows = Array.from({ length: 60 }, (_, i) =>
  Array.from({ length: 20 }, (__, j) =>
    Math.fround(
      (draws[2 * i] ?? NaN) * (draws[120 + j] ?? NaN) +
        (draws[2 * i + 1] ?? NaN) * (draws[140 + j] ?? NaN) +
        0.5 * (draws[160 + 20 * i + j] ?? NaN),
    ),
  ),
);

describe('a run that is asked for more than float32 holds', function () {
  this.timeout(120_000);

  const values = new SingularValueDecomposition(new Matrix(rows)).diagonal;
  const least = values.slice(2).reduce((sum, value) => sum + value * value, 0);
  for (const solver of [{ id: 'auto' }, namedSolvers.als, namedSolvers.hals] satisfies SolverOptions[]) {
    it(`ends by ${solver.id} when its digits are used up, at the optimum, and says so`, async () => {
      // No gradient in float32 is so small.
      const stopping = { iterations: 100_000, tolerance: 1e-16 };
      const result = await factorizing(datasetOf(rows), { solver, stopping });
      const { stopReason, iterations } = result.restarts[result.best] ?? assert.fail();
      assert.equal(stopReason, 'precision');
      assert.ok(iterations < 20_000, `${iterations} iterations`);
      const { sse } = result.statistics;
      assert.ok(sse >= least * (1 - 1e-7) && sse <= least * (1 + 1e-5), `${sse}, not ${least}`);
      assert.match(summarise(result, 'numbers.csv', 'numbers.factors.npz'), /iterations, as far as float32 goes/);
      // Neither more iterations nor another step would help.
      assert.deepEqual(result.warnings, []);
    });
  }

  it('does so from any start, and under constraints', async () => {
    const positive = rows.map((row) => row.map(Math.abs));
    const stopping = { iterations: 100_000, tolerance: 1e-16 };
    const { restarts } = await factorizing(datasetOf(positive), { model: presetModel('nmf'), stopping, restarts: 3 });
    assert.deepEqual(
      restarts.map(({ stopReason }) => stopReason),
      ['precision', 'precision', 'precision'],
    );
    const alike = await factorizing(datasetOf(positive), { model: presetModel('nmf'), restarts: 3 });
    const best = (all: typeof restarts): number => Math.min(...all.map(({ objective }) => objective));
    assert.ok(best(restarts) <= best(alike.restarts) * (1 + 1e-6));
  });
});
