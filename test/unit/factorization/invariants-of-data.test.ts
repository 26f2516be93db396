import assert from 'node:assert/strict';
import { keepPrograms } from '../../../src/engine';
import { gatherObservations } from '../../../src/factorization/observations';
import { drawFolds } from '../../../src/factorization/rank/held-out';
import { datasetOf, sparseDatasetOf } from '../../support/datasets';
import { violationOf } from '../../support/factorizing';
import { assertFinite, crossing, holed, methods, numbers, orRefusal, resultOf } from '../../support/method-table';

/** What holds whatever is missing, held out or degenerate, over the table of methods × solvers × starts: the invariants 6, 9 and 11. */
describe('over every method, solver and start, of data that lack something', function () {
  this.timeout(300_000);
  // As the worker does: the next job of the same kind is computed by the program of the one before it.
  before(() => keepPrograms(4));
  after(() => keepPrograms(0));

  it('6: masked values never influence anything, and constraints and definitions hold among them', async () => {
    const few = { stopping: { iterations: 12, tolerance: 0 } };
    let made = 0;
    for (const cell of crossing) {
      const zero = await orRefusal(resultOf(cell, datasetOf(holed, 0), few));
      if (typeof zero === 'string') continue;
      made++;
      const huge = await resultOf(cell, datasetOf(holed, 1e30), few);
      assert.deepEqual([huge.W, huge.H, huge.biases], [zero.W, zero.H, zero.biases], cell.name);
      assertFinite(zero, cell.name);
      assert.equal(violationOf(zero, cell.method.model), undefined, cell.name);
    }
    assert.ok(made > 100, `only ${made} cells`);
  });

  it('9: held-out entries are disjoint and reproducible, and influence nothing', async () => {
    const holdout = { holdout: 0.2, seed: 5, stopping: { iterations: 8, tolerance: 0 } };
    for (const data of [datasetOf(numbers), datasetOf(holed), sparseDatasetOf(holed)]) {
      const observations = await gatherObservations(data);
      const folds = drawFolds(observations, { folds: 4, fraction: 0.2, seed: 5 });
      assert.deepEqual(folds, drawFolds(observations, { folds: 4, fraction: 0.2, seed: 5 }));
      const all = folds.flatMap((fold) => [...fold]);
      assert.ok(all.length > 10);
      assert.equal(new Set(all).size, all.length);
    }
    const [places] = drawFolds(await gatherObservations(datasetOf(numbers)), { folds: 1, fraction: 0.2, seed: 5 });
    const other = numbers.map((row, i) => row.map((x, j) => (places?.includes(i * 7 + j) ? 1 - x : x)));
    for (const cell of crossing.filter(({ solverName }) => solverName === 'auto')) {
      const seeing = await orRefusal(resultOf(cell, datasetOf(numbers), holdout));
      if (typeof seeing === 'string') continue;
      const blind = await resultOf(cell, datasetOf(other), holdout);
      assert.deepEqual([blind.W, blind.H, blind.biases], [seeing.W, seeing.H, seeing.biases], cell.name);
      assert.equal(seeing.heldOut?.entries, places?.length, cell.name);
      assert.notEqual(blind.heldOut?.rmse, seeing.heldOut?.rmse, cell.name);
    }
  });

  it('11: degenerate data have a finite result that keeps the constraints, or are refused with the reason', async () => {
    const cases: readonly [string, number[][], number, number][] = [
      ['one row', [[0.1, 0.2, 0.3]], 1, 8],
      ['one column, of a higher rank', [[0.1], [0.2], [0.3]], 2, 8],
      ['one entry, no iteration', [[0.4]], 1, 0],
      [
        'a missing row, one of zeros, duplicates, a constant column and a rank beyond both sides',
        [
          [0, 0.2, 0],
          [0.1, 0.2, 0.3],
          [0.1, 0.2, 0.3],
          [NaN, NaN, NaN],
          [0.4, 0.2, 0.5],
        ],
        5,
        8,
      ],
      [
        'zeros alone',
        [
          [0, 0],
          [0, 0],
        ],
        1,
        8,
      ],
    ];
    for (const cell of crossing) {
      for (const [caseName, rows, rank, iterations] of cases) {
        const name = `${cell.name}, ${caseName}`;
        const result = await orRefusal(
          resultOf(cell, datasetOf(rows), { rank, stopping: { iterations, tolerance: 0 } }),
        );
        if (typeof result === 'string') {
          assert.match(
            result,
            /^The (solver|start|biases) .*\b(choose|start|leave|give)\b|row 1, column 1 is 0/i,
            name,
          );
          continue;
        }
        assertFinite(result, name);
        assert.equal(violationOf(result, cell.method.model), undefined, name);
      }
    }
    const missing = datasetOf([[NaN, NaN]]);
    for (const method of methods) {
      const cell = { method, solver: { id: 'auto' }, start: 'random' } as const;
      await assert.rejects(resultOf(cell, missing), /every entry is missing/);
    }
  });
});
