import assert from 'node:assert/strict';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { decodeFactorization, encodeFactorization } from '../../../src/results/npz';
import type { Factorization } from '../../../src/factorization/result';
import type { Loss } from '../../../src/model/losses';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { namedSolvers } from '../../../src/model/solvers';
import { presetModel } from '../../../src/model/presets';
import { randomNormal } from '../../../src/engine';
import { caseRows } from '../../support/cases';
import { datasetOf, digits, mutations } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

const within = (found: number, expected: number, share: number): void =>
  assert.ok(Math.abs(found - expected) <= share * Math.abs(expected), `${found} is not ${expected}`);

const fitted = ({ W, H, rank, columns }: Factorization, i: number, j: number): number =>
  Array.from({ length: rank }, (_, k) => (W[i * rank + k] ?? NaN) * (H[k * columns + j] ?? NaN)).reduce(
    (a, b) => a + b,
  );

const sumOver = (rows: readonly (readonly number[])[], f: (x: number, i: number, j: number) => number): number =>
  rows.reduce((sum, row, i) => sum + row.reduce((part, x, j) => part + f(x, i, j), 0), 0);

describe('numbers of any size', function () {
  this.timeout(60_000);

  it('are fitted by Kullback–Leibler as if they were about 1: rank 1 is the model of independence', async () => {
    const rows = caseRows('kl-1e-8');
    const result = await factorizing(datasetOf(rows), { model: presetModel('topics'), rank: 1 });
    const total = rows.flat().reduce((a, b) => a + b);
    const ofRow = rows.map((row) => row.reduce((a, b) => a + b));
    const ofColumn = (rows[0] ?? []).map((_, j) => rows.reduce((sum, row) => sum + (row[j] ?? NaN), 0));
    const least = sumOver(rows, (x, i, j) => {
      const y = ((ofRow[i] ?? NaN) * (ofColumn[j] ?? NaN)) / total;
      return x * Math.log(x / y) - x + y;
    });
    within(result.statistics.objective, least, 1e-4);
    // What is told is what the factors give.
    within(
      result.statistics.objective,
      sumOver(rows, (x, i, j) => {
        const y = fitted(result, i, j);
        return x * Math.log(x / y) - x + y;
      }),
      1e-6,
    );
  });

  it('cost nothing beyond y where they are 0', async () => {
    const rows = [[0, 2, 3], [1, 0, 4], [5, 1, 0]]; // prettier-ignore
    const result = await factorizing(datasetOf(rows), { model: presetModel('topics'), rank: 1 });
    const exact = sumOver(rows, (x, i, j) => {
      const y = fitted(result, i, j);
      return (x > 0 ? x * Math.log(x / y) - x : 0) + y;
    });
    within(result.statistics.objective, exact, 1e-12);
  });

  const signal = randomNormal([30 * 2 + 2 * 8], { seed: 1 }).data.map(Math.abs);
  const rows = Array.from({ length: 30 }, (_, i) =>
    Array.from({ length: 8 }, (__, j) =>
      Math.fround(
        (signal[i * 2] ?? 0) * (signal[60 + j] ?? 0) +
          (signal[i * 2 + 1] ?? 0) * (signal[68 + j] ?? 0) +
          0.1 * ((i * 5 + j * 3) % 7),
      ),
    ),
  );
  const positive = rows.map((row) => row.map((x) => x + 0.25));
  const losses: Record<string, { loss: Loss; degree: number }> = {
    'Kullback–Leibler': { loss: { kind: 'kullback-leibler' }, degree: 1 },
    'Itakura–Saito': { loss: { kind: 'itakura-saito' }, degree: 0 },
    Huber: { loss: { kind: 'huber', delta: 0, fromData: true }, degree: 2 },
    absolute: { loss: { kind: 'absolute' }, degree: 1 },
  };
  for (const [name, { loss, degree }] of Object.entries(losses)) {
    for (const unit of [2 ** -40, 2 ** 40]) {
      it(`come to the same under the ${name} loss in units of ${unit}`, async () => {
        const model: Model = { ...presetModel('nmf'), loss };
        const settings = { model, rank: 2, stopping: { iterations: 300, tolerance: 1e-7 } };
        const plain = await factorizing(datasetOf(positive), settings);
        const other = await factorizing(datasetOf(positive.map((row) => row.map((x) => x * unit))), settings);
        within(other.statistics.objective / unit ** degree, plain.statistics.objective, 0.02);
        within(fitted(other, 3, 4) / unit, fitted(plain, 3, 4), 0.05);
      });
    }
  }

  it('are recommended alike in any unit', async () => {
    const missing = rows.map((row, i) => row.map((x, j) => ((i + 2 * j) % 5 === 0 ? NaN : x)));
    const settings = { model: presetModel('recommender'), rank: 2 };
    const plain = await factorizing(datasetOf(missing), settings);
    const other = await factorizing(datasetOf(missing.map((row) => row.map((x) => 64 * x))), settings);
    within(other.statistics.sse, 64 ** 2 * plain.statistics.sse, 1e-2);
    assert.equal(plain.settings.model.relative, undefined);
  });
});

describe('the Huber loss without a δ', () => {
  it('takes it from the residuals, meets the outliers and says what it was', async () => {
    const rows = caseRows('robust-unit-interval');
    const isOutlier = (x: number): boolean => x >= 0.9;
    const result = await factorizing(datasetOf(rows), { model: presetModel('robust'), rank: 2 });
    const { loss } = result.settings.model;
    assert.ok(loss.kind === 'huber' && loss.fromData);
    const residuals = rows
      .flatMap((row, i) => row.map((x, j) => Math.abs(x - fitted(result, i, j))))
      .sort((a, b) => a - b);
    const all = rows.flat();
    const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
    const expected = Math.max(1.345 * 1.4826 * (residuals[residuals.length / 2] ?? NaN), 0.002 * deviation);
    within(loss.delta, expected, 0.1);
    const bulk = (of: Factorization): number =>
      Math.sqrt(
        sumOver(rows, (x, i, j) => (isOutlier(x) ? 0 : (x - fitted(of, i, j)) ** 2)) /
          sumOver(rows, (x) => (isOutlier(x) ? 0 : x * x)),
      );
    const squares = await factorizing(datasetOf(rows), { rank: 2 });
    assert.ok(bulk(result) < 0.05 && bulk(squares) > 0.5, `${bulk(result)} and ${bulk(squares)}`);
    assert.deepEqual(decodeFactorization(encodeFactorization(result), 'x.factors.npz'), result);
  });

  it('keeps one that is given, and says where no residual exceeds it', async () => {
    const model: Model = { ...defaultModel, loss: { kind: 'huber', delta: 1 } };
    const { settings, warnings } = await factorizing(datasetOf(caseRows('robust-unit-interval')), { model, rank: 2 });
    assert.deepEqual(settings.model.loss, { kind: 'huber', delta: 1 });
    assert.ok(warnings.some((text) => /^No residual exceeds δ = 1 /.test(text)));
  });
});

describe('a run', () => {
  it('has not converged where it begins, above what zero factors cost', async () => {
    const rows = caseRows('l1-too-large');
    const base = presetModel('sparse-coding');
    const model: Model = { ...base, penalties: { W: { ...noPenalty, l1: 1e4 }, H: noPenalty } };
    const { restarts, statistics, warnings } = await factorizing(datasetOf(rows), { model, rank: 2 });
    within(statistics.objective, sumOver(rows, (x) => x * x), 1e-5); // prettier-ignore
    assert.equal(restarts[0]?.stopReason, 'converged');
    assert.ok(restarts[0].iterations > 0);
    assert.ok(warnings.some((text) => /^Nothing is left of W·H/.test(text)));
  });

  it('by Adam comes near the optimum of NMF at its own rate', async () => {
    const data = datasetOf(digits().slice(0, 400));
    const model = presetModel('nmf');
    const best = await factorizing(data, { model, rank: 8, restarts: 3 });
    const adam = await factorizing(data, { model, rank: 8, solver: namedSolvers.adam });
    assert.ok(adam.statistics.sse < 1.05 * best.statistics.sse, `${adam.statistics.sse}, ${best.statistics.sse}`);
  });
});

describe('a solver whose steps are set beforehand', function () {
  this.timeout(60_000);

  const draws = randomNormal([60 * 2 + 2 * 20 + 60 * 20], { seed: 2 }).data.map(Math.abs);
  const made = (of: (i: number, j: number, x: number) => number): number[][] =>
    Array.from({ length: 60 }, (_, i) =>
      Array.from({ length: 20 }, (__, j) => {
        const parts = [0, 1].map((k) => (draws[2 * i + k] ?? NaN) * (draws[120 + 20 * k + j] ?? NaN));
        return of(i, j, (parts[0] ?? NaN) + (parts[1] ?? NaN) + 0.2 * (draws[160 + 20 * i + j] ?? NaN));
      }),
    );
  const tables: Record<string, number[][]> = {
    mutations: mutations().map((row) => [...row]),
    // Rows and columns over several orders of magnitude, and numbers far from zero.
    heavy: made((i, j, x) => Math.exp(Math.cos(3 * i) + Math.sin(5 * j)) * x),
    offset: made((_, __, x) => 30 + x),
  };
  for (const [name, rows] of Object.entries(tables)) {
    it(`comes near the optimum of least squares and NMF at its own rate: ${name}`, async () => {
      const settings = { rank: 3, solver: namedSolvers.adam };
      const svd = new SingularValueDecomposition(new Matrix(rows), { autoTranspose: true });
      const least = svd.diagonal.slice(3).reduce((sum, value) => sum + value * value, 0);
      const plain = await factorizing(datasetOf(rows), settings);
      assert.ok(plain.statistics.sse < 1.05 * least, `${plain.statistics.sse}, ${least}`);
      const model = presetModel('nmf');
      const best = await factorizing(datasetOf(rows), { model, rank: 3, solver: namedSolvers.hals, restarts: 5 });
      const adam = await factorizing(datasetOf(rows), { ...settings, model, restarts: 5 });
      assert.ok(adam.statistics.sse < 1.3 * best.statistics.sse, `${adam.statistics.sse}, ${best.statistics.sse}`);
    });
  }

  it('says what else to choose where it has not settled', async () => {
    const stopping = { iterations: 5, tolerance: 1e-5 };
    const { warnings } = await factorizing(datasetOf(tables['heavy'] ?? []), { solver: namedSolvers.adam, stopping });
    assert.ok(
      warnings.some((text) => /not converged after 5 iterations: .*choose a solver .* such as auto/.test(text)),
    );
  });
});

describe('data that a model cannot meet', () => {
  it('are counted where the signs of its factors keep it from them', async () => {
    const rows = caseRows('negatives-nmf');
    const { warnings } = await factorizing(datasetOf(rows), { model: presetModel('nmf') });
    const below = rows.flat().filter((x) => x < 0);
    const part = (100 * below.reduce((sum, x) => sum + x * x, 0)) / sumOver(rows, (x) => x * x);
    const told = warnings.find((text) => /signs of W and H/.test(text)) ?? '';
    assert.ok(
      told.startsWith(`${below.length} of the numbers (37.5 %) are below 0, with ${part.toPrecision(3)} % of ΣX²`),
    );
    const free = await factorizing(datasetOf(rows), {});
    assert.ok(!free.warnings.some((text) => /signs of W and H/.test(text)));
  });

  it('are said to have no variance where they are all alike', async () => {
    const { statistics, restartSpread, optimum } = await factorizing(datasetOf(caseRows('constant')), {
      rank: 1,
      restarts: 4,
    });
    assert.ok(!('explainedVariance' in statistics));
    assert.equal(restartSpread?.relative, 0);
    assert.ok(optimum?.kind === 'eckart-young' && optimum.gap === 0);
  });
});
