import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import type { Factorization } from '../../../src/factorization/result';
import { presetIds, type PresetId } from '../../../src/model/presets';
import { isSeedless } from '../../../src/model/starts';
import { datasetOf, weightedDatasetOf } from '../../support/datasets';
import { objectiveOf, violationOf } from '../../support/factorizing';
import {
  asGiven,
  assertFinite,
  cells,
  crossing,
  isMonotone,
  numbers,
  orRefusal,
  resultOf,
  solverOf,
  type Cell,
} from '../../support/method-table';

/**
 * What holds whatever the method, over the whole table of methods × solvers × starts: the invariants 1, 2, 4, 6 and 8.
 * `invariants-of-data.test.ts` has those of what is missing or degenerate: 6, 9 and 11; `invariants-of-results.test.ts` those
 * that compare results: 3, 5, 7, 8 and 10.
 */

/** What is done to X beforehand, by its definition. */
function prepared({ method }: Cell, rows: readonly (readonly number[])[]): number[][] {
  if (method.preparation?.centre !== 'columns') return rows.map((row) => [...row]);
  const means = (rows[0] ?? []).map((_, j) => rows.reduce((sum, row) => sum + (row[j] ?? NaN), 0) / rows.length);
  return rows.map((row) => row.map((x, j) => x - (means[j] ?? NaN)));
}

/** Σ of the squared singular values beyond the rank. */
function leastSquares(rows: number[][], rank: number): number {
  const values = new SingularValueDecomposition(new Matrix(rows)).diagonal;
  return values.slice(rank).reduce((sum, value) => sum + value * value, 0);
}

describe('over every method, solver and start', function () {
  this.timeout(300_000);
  const results: { cell: Cell; result: Factorization }[] = [];
  const refusals: { cell: Cell; message: string }[] = [];
  const some = { restarts: 2, stopping: { iterations: 25, tolerance: 0 } };

  before(async () => {
    for (const cell of cells) {
      const result = await orRefusal(resultOf(cell, datasetOf(numbers), some));
      if (typeof result === 'string') refusals.push({ cell, message: result });
      else results.push({ cell, result });
    }
  });

  it('what does not go together is refused, with the reason and a way out, and nothing else is', () => {
    for (const { cell, message } of refusals) {
      assert.match(message, /^The (solver|start|biases) .*\b(choose|start|leave)\b/i, cell.name);
    }
    const everySolver: Record<PresetId, string> = {
      ridge: 'auto apg hals lbfgs als ngd adam momentum',
      'sparse-coding': 'auto apg hals ngd adam momentum',
      nmf: 'auto apg hals mu ngd adam momentum',
      'sparse-nmf': 'auto apg hals mu ngd adam momentum',
      pca: 'auto apg hals lbfgs als svd ngd adam momentum',
      robust: 'auto apg lbfgs ngd adam momentum',
      topics: 'auto apg mu ngd adam',
      recommender: 'auto als apg',
      binary: 'auto apg lbfgs ngd adam momentum',
    };
    const everyStart: Record<PresetId, string> = {
      ridge: 'random svd nndsvd nndsvda nndsvdar k-means file',
      'sparse-coding': 'random svd nndsvd nndsvda nndsvdar k-means file',
      nmf: 'random nndsvd nndsvda nndsvdar k-means file',
      'sparse-nmf': 'random nndsvd nndsvda nndsvdar k-means file',
      pca: 'random svd k-means file',
      robust: 'random svd nndsvd nndsvda nndsvdar k-means file',
      topics: 'random nndsvd nndsvda nndsvdar k-means file',
      recommender: 'random svd nndsvd nndsvda nndsvdar k-means file',
      binary: 'random file',
    };
    for (const id of presetIds) {
      const wanted = everySolver[id]
        .split(' ')
        .flatMap((solver) => everyStart[id].split(' ').map((s) => `${solver} ${s}`));
      const made = results.filter(({ cell }) => cell.method.name === id && cell.solverName !== 'adaptive ngd');
      assert.deepEqual(made.map(({ cell }) => `${cell.solverName} ${cell.start}`).sort(), wanted.sort(), id);
    }
  });

  it('1: the objective, penalties included, never rises under a monotone solver', () => {
    const monotone = results.filter(({ result }) => isMonotone(solverOf(result)));
    assert.ok(monotone.length > 200);
    for (const { cell, result } of monotone) {
      for (const { trace } of result.restarts) {
        trace.objective.forEach((after, k) => {
          const before = trace.objective[k - 1] ?? Infinity;
          assert.ok(after <= before + 3e-6 * Math.abs(before) + 1e-6, `${cell.name}: from ${before} to ${after}`);
        });
      }
    }
  });

  it('2: factors are finite and keep the constraints, and the objective is as its definition says', () => {
    for (const { cell, result } of results) {
      assertFinite(result, cell.name);
      assert.equal(violationOf(result, cell.method.model), undefined, cell.name);
      // What the model took from the data, such as δ, stands in the result.
      const defined = objectiveOf(prepared(cell, numbers), result, result.settings.model);
      const { objective } = result.statistics;
      assert.ok(Math.abs(objective - defined) <= 1e-5 * defined + 1e-5, `${cell.name}: ${objective}, not ${defined}`);
    }
  });

  it('4: the squared error is never below the Eckart–Young bound', () => {
    for (const { cell, result } of results) {
      const { loss } = cell.method.model;
      // What a link makes of W·H has any rank.
      if (loss.kind === 'poisson' || loss.kind === 'logistic') continue;
      const bound = leastSquares(prepared(cell, numbers), result.biases ? result.rank + 2 : result.rank);
      assert.ok(result.statistics.sse >= bound * (1 - 1e-6), `${cell.name}: ${result.statistics.sse} under ${bound}`);
    }
  });

  it('8: the same seed gives the same numbers however slow the machine is', async () => {
    for (const { cell, result } of results.filter(({ cell }) => crossing.includes(cell))) {
      const again = await resultOf(cell, datasetOf(numbers), some, () => pause(1));
      assert.deepEqual([again.W, again.H, again.biases], [result.W, result.H, result.biases], cell.name);
    }
  });

  it('8: another seed gives other numbers, and the best of several starts is no worse than each', () => {
    for (const { cell, result } of results) {
      const [first, second] = result.restarts;
      const single = isSeedless(cell.start) || result.settings.solver.id === 'svd';
      assert.equal(second === undefined, single, cell.name);
      // Two draws of so few rows may be the same clusters.
      if (second && cell.start !== 'k-means') {
        assert.notEqual(first?.trace.objective[0], second.trace.objective[0], cell.name);
      }
      for (const { objective } of result.restarts) assert.ok(result.statistics.objective <= objective, cell.name);
    }
  });

  it('6: weights that are all 1 are no weights', async () => {
    for (const { cell, result } of results.filter(
      ({ cell }) => cell.start === 'random' && cell.solverName !== 'auto',
    )) {
      // With what it took from the data: the fit by which δ is found ends where its rounding leads it.
      const model = asGiven(result.settings.model);
      const weighted = await resultOf(
        { ...cell, method: { ...cell.method, model } },
        weightedDatasetOf(numbers, () => 1),
        some,
      );
      // Another solver takes the place of one that knows no weights, and says so.
      if (solverOf(weighted).id !== solverOf(result).id) {
        assert.match(weighted.solverReason ?? '', /weighted/, cell.name);
        continue;
      }
      const [ours, theirs] = [weighted.statistics.objective, result.statistics.objective];
      assert.ok(Math.abs(ours - theirs) <= 1e-3 * Math.abs(theirs) + 1e-5, `${cell.name}: ${ours} and ${theirs}`);
    }
  });
});

/** Keeps the thread busy, as a machine under load would. */
function pause(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
