import assert from 'node:assert/strict';
import { randomNormal, randomSource } from '../../../src/engine';
import type { Factorization } from '../../../src/factorization/result';
import type { Loss } from '../../../src/model/losses';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { gatherObservations } from '../../../src/factorization/observations';
import { presetModel } from '../../../src/model/presets';
import { transform } from '../../../src/factorization/apply/transform';
import { expectRow } from '../../../src/factorization/apply/reconstruct';
import { datasetOf, sparseDatasetOf } from '../../support/datasets';
import { factorizing, objectiveOf } from '../../support/factorizing';

const [rowCount, columnCount] = [24, 15];

/** Ratings from 0 to 1 around biases and a product, of which about a third is missing. */
const ratings: number[][] = (() => {
  const { data } = randomNormal([rowCount * 2 + columnCount * 2 + rowCount * columnCount], { seed: 4 });
  const random = randomSource(9);
  return Array.from({ length: rowCount }, (_, i) =>
    Array.from({ length: columnCount }, (__, j) => {
      const [b, w] = [data[2 * i]!, data[2 * i + 1]!];
      const [c, h] = [data[2 * rowCount + 2 * j]!, data[2 * rowCount + 2 * j + 1]!];
      const noise = data[2 * rowCount + 2 * columnCount + i * columnCount + j]!;
      const y = -0.5 + b + 0.7 * c + w * h + 0.3 * noise;
      return random() < 0.35 ? NaN : Math.fround(1 / (1 + Math.exp(-y)));
    }),
  );
})();

const biased = (loss: Loss, changes: Partial<Model> = {}): Model => ({
  ...defaultModel,
  loss,
  penalties: { W: { ...noPenalty, l2: 0.05 }, H: { ...noPenalty, l2: 0.05 } },
  biases: { l2: 0.03 },
  ...changes,
});

const losses: readonly Loss[] = [{ kind: 'squared' }, { kind: 'huber', delta: 0.05 }, { kind: 'logistic' }];
const apg = { id: 'apg', inner: 3 } as const;
const settled = { iterations: 3000, tolerance: 1e-11 };

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

/** Derivatives of the objective in every bias, by central differences of its definition in float64. */
function slopes(result: Factorization, model: Model): number[] {
  const step = 1e-4;
  const { biases } = result;
  assert.ok(biases);
  return (['rows', 'columns'] as const).flatMap((side) =>
    Array.from(biases[side], (_, at) => {
      const [after = NaN, before = NaN] = [step, -step].map((by) => {
        const moved = Float64Array.from(biases[side]);
        moved[at]! += by;
        const other = { ...biases, [side]: moved as unknown as Float32Array };
        return objectiveOf(ratings, { ...result, biases: other }, model);
      });
      return (after - before) / (2 * step);
    }),
  );
}

describe('biases under other losses than the square', function () {
  this.timeout(60_000);

  for (const loss of losses) {
    it(`of the ${loss.kind} loss end where no derivative of the objective is left, having never raised it`, async () => {
      const model = biased(loss);
      const result = await factorizing(sparseDatasetOf(ratings), { model, solver: apg, stopping: settled });
      const { trace } = result.restarts[0]!;
      trace.objective.forEach((after, k) => {
        const before = trace.objective[k - 1] ?? Infinity;
        assert.ok(after <= before + 3e-6 * Math.abs(before), `from ${before} to ${after}`);
      });
      const start = { ...result, biases: { ...result.biases!, rows: new Float32Array(rowCount) } };
      const worst = largest(slopes(start, model));
      assert.ok(worst > 0.1, `biases matter: ${worst}`);
      assert.ok(largest(slopes(result, model)) < 2e-3 * worst, String(largest(slopes(result, model))));
      const defined = objectiveOf(ratings, result, model);
      assert.ok(Math.abs(result.statistics.objective - defined) < 1e-5 * defined);
    });

    it(`of the ${loss.kind} loss are the same whether X is whole with a mask, or sparse, and with weights of 1`, async () => {
      const some = { model: biased(loss), solver: apg, stopping: { iterations: 30, tolerance: 0 } };
      const whole = await factorizing(datasetOf(ratings, 0.5), some);
      const sparse = await factorizing(sparseDatasetOf(ratings), some);
      const weighted = await factorizing(
        sparseDatasetOf(ratings, () => 1),
        some,
      );
      for (const other of [sparse, weighted]) {
        const ratio = other.statistics.objective / whole.statistics.objective;
        assert.ok(Math.abs(ratio - 1) < 1e-3, String(ratio));
        other.biases?.rows.forEach((b, i) => assert.ok(Math.abs(b - whole.biases!.rows[i]!) < 0.02));
      }
    });
  }

  it('come to what alternating least squares comes to under the square', async () => {
    const model = biased({ kind: 'squared' });
    const data = sparseDatasetOf(ratings);
    const ours = await factorizing(data, { model, solver: apg, stopping: settled, restarts: 3 });
    const theirs = await factorizing(data, { model, solver: { id: 'als', inner: 8 }, stopping: settled, restarts: 3 });
    assert.ok(Math.abs(ours.statistics.objective / theirs.statistics.objective - 1) < 1e-3);
  });

  it('are added to the mean, under a link to the number that it makes of it', async () => {
    const seen = ratings.flat().filter((x) => !Number.isNaN(x));
    const mean = seen.reduce((sum, x) => sum + x, 0) / seen.length;
    const none = { stopping: { iterations: 0, tolerance: 0 }, solver: apg };
    for (const loss of losses) {
      const { biases } = await factorizing(datasetOf(ratings, 0.5), { model: biased(loss), ...none });
      const expected = loss.kind === 'logistic' ? Math.log(mean / (1 - mean)) : mean;
      assert.ok(Math.abs(biases!.mean - expected) < 1e-5, loss.kind);
    }
    const zeros = datasetOf([
      [0, 0],
      [0, 0],
    ]);
    const { biases } = await factorizing(zeros, { model: biased({ kind: 'logistic' }), rank: 1, ...none });
    assert.ok(Number.isFinite(biases!.mean) && biases!.mean < -9);
  });

  it('go with constraints and kinked penalties, which alternating least squares does not know', async () => {
    const model = biased(
      { kind: 'squared' },
      {
        penalties: { W: { ...noPenalty, l1: 0.05 }, H: noPenalty },
        constraints: { W: { kind: 'non-negative' }, H: { kind: 'unit-norm', nonNegative: false } },
      },
    );
    const result = await factorizing(sparseDatasetOf(ratings), { model, stopping: settled });
    assert.equal(result.settings.solver.id, 'apg');
    assert.match(result.solverReason ?? '', /biases have a curvature of their own/);
    assert.ok(result.W.every((w) => w >= 0));
    assert.ok(largest(slopes(result, model)) < 0.01);
  });

  it('of new rows are learned with W, and those of columns stay', async () => {
    const model = biased({ kind: 'logistic' });
    const dataset = datasetOf(ratings, 0.5);
    const learned = await factorizing(dataset, { model, stopping: settled });
    const { W } = await transform(learned, dataset, await gatherObservations(dataset), new AbortController().signal);
    assert.equal(W.columns, 3);
    const [expected, found] = [new Float64Array(columnCount), new Float64Array(columnCount)];
    for (let i = 0; i < rowCount; i++) {
      const own = W.values.subarray(i * 3, i * 3 + 2);
      const rows = learned.biases!.rows.slice();
      rows[i] = W.values[i * 3 + 2]!;
      const again = { ...learned, W: learned.W.slice(), biases: { ...learned.biases!, rows } };
      again.W.set(own, i * 2);
      expectRow(learned, i, expected);
      expectRow(again, i, found);
      found.forEach((x, j) => assert.ok(Math.abs(x - expected[j]!) < 0.02, `row ${i}: ${x}, not ${expected[j]}`));
    }
  });

  it('are refused for losses whose curvature has no bound, and by solvers that do not know them', async () => {
    const data = datasetOf(ratings, 0.5);
    for (const kind of ['poisson', 'absolute'] as const) {
      await assert.rejects(
        factorizing(data, { model: biased({ kind }) }),
        new RegExp(
          `bounded curvature gives, which the ${kind} loss has not; choose the squared, the huber or the logistic`,
        ),
      );
    }
    await assert.rejects(
      factorizing(data, { model: biased({ kind: 'huber', delta: 1 }), solver: { id: 'als', inner: 5 } }),
      /als cannot minimise this model: it knows the squared loss alone, not the huber loss/,
    );
    await assert.rejects(
      factorizing(data, { model: biased({ kind: 'logistic' }), solver: { id: 'lbfgs', memory: 5 } }),
      /lbfgs does not know the biases of this model; choose als, apg or auto/,
    );
  });

  it('make the recommender’s preset one for other losses too', async () => {
    const model: Model = { ...presetModel('recommender'), loss: { kind: 'huber', delta: 0.5 } };
    const { biases, settings } = await factorizing(sparseDatasetOf(ratings), {
      model,
      stopping: { iterations: 5, tolerance: 0 },
    });
    assert.equal(settings.solver.id, 'apg');
    assert.ok(biases!.rows.some((b) => b !== 0) && biases!.columns.some((c) => c !== 0));
  });
});
