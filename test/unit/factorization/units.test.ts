import assert from 'node:assert/strict';
import { randomNormal } from '../../../src/engine';
import { smallestCurvature } from '../../../src/factorization/diagnostics/curvature';
import type { Factorization } from '../../../src/factorization/result';
import { checkMemoryOfUnits, memoryParts } from '../../../src/factorization/planning/memory';
import { defaultModel, type Model } from '../../../src/model/model';
import { defaultSolver, namedSolvers } from '../../../src/model/solvers';
import { gatherObservations } from '../../../src/factorization/observations';
import { presetModel, type PresetId } from '../../../src/model/presets';
import { datasetOf } from '../../support/datasets';
import { factorizing, objectiveOf } from '../../support/factorizing';

const within = (found: number, expected: number, share: number, what = ''): void =>
  assert.ok(Math.abs(found - expected) <= share * Math.abs(expected), `${what} ${found} is not ${expected}`);

/** Non-negative numbers of rank 3 and some noise, 40 × 12. */
function planted(seed: number): number[][] {
  const [n, m, rank] = [40, 12, 3];
  const draws = randomNormal([rank * (n + m) + n * m], { seed }).data.map(Math.abs);
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: m }, (__, j) => {
      let sum = 0.3 * (draws[rank * (n + m) + i * m + j] ?? NaN);
      for (let k = 0; k < rank; k++) sum += (draws[i * rank + k] ?? NaN) * (draws[n * rank + j * rank + k] ?? NaN);
      return sum;
    }),
  );
}

const times = (rows: readonly (readonly number[])[], unit: number): number[][] =>
  rows.map((row) => row.map((x) => unit * x));

function deviationOf(rows: readonly (readonly number[])[]): number {
  const all = rows.flat();
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  return Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
}

const productOf = ({ W, H, rank, rows, columns, biases }: Factorization): number[] =>
  Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = biases ? biases.mean + (biases.rows[i] ?? NaN) + (biases.columns[j] ?? NaN) : 0;
    for (let k = 0; k < rank; k++) sum += (W[i * rank + k] ?? NaN) * (H[k * columns + j] ?? NaN);
    return sum;
  });

/** How far two lists are apart, as a part of the second. */
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((x, k) => x - (b[k] ?? NaN))) / Math.hypot(...b);

describe('penalties that a preset has by default', function () {
  this.timeout(60_000);

  const rows = planted(3);
  /** With which power of the data's unit each of their weights grows. */
  const powers: Partial<Record<PresetId, { name: 'l1' | 'l2'; power: number; weight: number }>> = {
    ridge: { name: 'l2', power: 1, weight: 1 },
    'sparse-coding': { name: 'l1', power: 1, weight: 1 },
    'sparse-nmf': { name: 'l1', power: 1.5, weight: 1 },
    recommender: { name: 'l2', power: 1, weight: 5 },
  };
  for (const [id, { name, power, weight }] of Object.entries(powers) as [
    PresetId,
    NonNullable<(typeof powers)[PresetId]>,
  ][]) {
    for (const unit of [1000, 1e-3]) {
      it(`come to the same factors of ${id} in units of ${unit}, and the result tells them`, async () => {
        const settings = { model: presetModel(id), rank: 3, stopping: { iterations: 3000, tolerance: 1e-9 } };
        const plain = await factorizing(datasetOf(rows), settings);
        const scaled = times(rows, unit);
        const other = await factorizing(datasetOf(scaled), settings);
        assert.ok(
          distance(
            productOf(other).map((y) => y / unit),
            productOf(plain),
          ) < 2e-3,
        );
        for (const [of, result] of [
          [rows, plain],
          [scaled, other],
        ] as const) {
          const { model } = result.settings;
          assert.equal(model.relative, undefined);
          within(model.penalties.W[name], weight * deviationOf(of) ** power, 1e-6, name);
          within(result.statistics.objective, objectiveOf(of, result, model), 1e-5, 'objective');
        }
      });
    }
  }

  it('are not those of a unit where the weight was given', async () => {
    const model: Model = { ...presetModel('ridge') };
    delete model.relative;
    const { settings } = await factorizing(datasetOf(times(rows, 1000)), { model });
    assert.equal(settings.model.penalties.W.l2, 1);
  });

  it('go by the size of numbers that are all alike', async () => {
    const { settings } = await factorizing(datasetOf(Array.from({ length: 5 }, () => [7, 7, 7])), {
      model: presetModel('ridge'),
      rank: 1,
    });
    within(settings.model.penalties.W.l2, 7, 1e-6);
  });
});

describe('the curvature of a divergence', function () {
  this.timeout(60_000);

  for (const kind of ['kullback-leibler', 'itakura-saito'] as const) {
    for (const unit of [2 ** -30, 2 ** 30]) {
      it(`of ${kind} is that of the objective that was minimised, in units of ${unit}`, async () => {
        const rows = planted(5).map((row) => row.map((x) => Math.max(x, 1e-3)));
        const model: Model = { ...presetModel('nmf'), loss: { kind } };
        const settings = { model, rank: 2, stopping: { iterations: 5000, tolerance: 1e-9 } };
        const { W, H } = await factorizing(datasetOf(rows), settings, { diagnose: 'none' });
        const at = async (by: number) => {
          const root = Math.sqrt(by);
          const factors = { W: W.map((x) => x * root), H: H.map((x) => x * root) };
          const observations = await gatherObservations(datasetOf(times(rows, by)));
          return smallestCurvature(model, observations, 2, factors, { deadline: performance.now() + 30_000 });
        };
        const [plain, other] = [await at(1), await at(unit)];
        assert.ok(plain.kind !== 'none' && other.kind === plain.kind, JSON.stringify([plain, other]));
        // Second derivatives: of the objective, by the square of a factor.
        const scale = (kind === 'kullback-leibler' ? unit : 1) / unit;
        within(other.largest / scale, plain.largest, 1e-3, 'largest');
        assert.ok(Math.abs(other.smallest / scale - plain.smallest) <= 1e-3 * plain.largest);
      });
    }
  }
});

describe('data that solvers bring to units of their own', () => {
  it('are counted once more, where they are', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => Array.from({ length: 50 }, (__, j) => 1 + ((i * j) % 7)));
    const wanted = { model: presetModel('topics'), rank: 2, restarts: 1, solver: defaultSolver };
    const enough =
      (unit: number) =>
      async (model: Model, solver: typeof wanted.solver = defaultSolver) => {
        const dataset = datasetOf(times(rows, unit));
        const settings = { ...wanted, model, solver };
        const observations = await gatherObservations(dataset);
        const rest = memoryParts(dataset, settings)
          .filter(({ held }) => held !== true)
          .reduce((sum, { bytes }) => sum + bytes, 0);
        const fits = (free: number): boolean => {
          try {
            checkMemoryOfUnits(dataset, settings, observations, free);
            return true;
          } catch (error) {
            assert.match(String(error), /for the data in units of their own size/);
            return false;
          }
        };
        return fits(rest + 4 * 200 * 50) && !fits(rest + 4 * 200 * 50 - 1);
      };
    assert.equal(await enough(1e6)(presetModel('topics')), true);
    assert.equal(await enough(1e9)(defaultModel), true);
    // As they are: nothing is asked for.
    assert.equal(await enough(1)(presetModel('topics')), false);
    assert.equal(await enough(1e9)(defaultModel, namedSolvers.svd), false);
  });
});
