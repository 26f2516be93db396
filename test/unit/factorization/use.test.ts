import assert from 'node:assert/strict';
import { Matrix, solve } from 'ml-matrix';
import type { Dataset } from '../../../src/data/dataset';
import type { Factorization } from '../../../src/factorization/result';
import { gatherObservations } from '../../../src/factorization/observations';
import { defaultModel } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { transform } from '../../../src/factorization/apply/transform';
import { fill } from '../../../src/factorization/apply/fill';
import { anomalies, nearest, reconstruct } from '../../../src/factorization/apply/reconstruct';
import { datasetOf, digits, mutations } from '../../support/datasets';
import { factorizationOf, settingsOf } from '../../support/factorizations';
import { factorizing, models } from '../../support/factorizing';

const never = new AbortController().signal;

const transformed = async (factorization: Factorization, dataset: Dataset) =>
  transform(factorization, dataset, await gatherObservations(dataset), never);

/** A rank-2 matrix of positive numbers, and one row that is not of it. */
const rows = Array.from({ length: 12 }, (_, i) =>
  Array.from({ length: 6 }, (_, j) => (1 + (i % 4)) * (1 + Math.sin(j) ** 2) + (i / 6) * (1 + Math.cos(j))),
);

/** A result by hand, with two components of which the second adds more. */
const byHand = factorizationOf({
  rows: 3,
  columns: 2,
  rank: 2,
  W: Float32Array.of(1, 3, 0, 2, 1, 0),
  H: Float32Array.of(1, 0, 0, 2),
  settings: settingsOf({ rank: 2 }),
});

function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, at) => Math.abs((found[at] ?? NaN) - value))) / largest;
}

describe('using a result', () => {
  for (const name of [
    'plain',
    'ridge',
    'nmf',
    'sparse-nmf',
    'topics',
    'robust',
    'sparse-coding',
    'simplex',
    'binary',
  ]) {
    it(`gives the rows that ${name} learned from the W that it learned`, async () => {
      const model = models[name];
      assert.ok(model);
      const data = datasetOf(name === 'binary' ? rows.map((row) => row.map((x) => (x > 4 ? 1 : 0))) : rows);
      const learned = await factorizing(data, { model, rank: 2, stopping: { iterations: 400, tolerance: 1e-10 } });
      const { W, errors } = await transformed(learned, data);
      assert.equal(W.rows, 12);
      const product = (factor: ArrayLike<number>) =>
        rows.flatMap((_, i) =>
          Array.from({ length: 6 }, (_, j) =>
            [0, 1].reduce((sum, k) => sum + (factor[i * 2 + k] ?? NaN) * (learned.H[k * 6 + j] ?? NaN), 0),
          ),
        );
      assert.ok(largestDifference(product(W.values), product(learned.W)) < 0.02);
      assert.equal(errors.length, 12);
      if (name === 'nmf' || name === 'topics') assert.ok(W.values.every((value) => value >= 0));
    });
  }

  it('finds the ridge solution of new rows, row by row where entries are missing', async () => {
    const lambda = 3;
    const l2 = { ...noPenalty, l2: lambda };
    const learned = await factorizing(datasetOf(digits().slice(0, 150)), {
      model: { ...defaultModel, penalties: { W: l2, H: l2 } },
      rank: 5,
    });
    const fresh = digits().slice(900, 908);
    fresh.forEach((row, i) => (row[10 + i] = NaN));
    const { W } = await transformed(learned, datasetOf(fresh, 1e30));
    const H = new Matrix(5, 64);
    learned.H.forEach((value, at) => H.set(Math.floor(at / 64), at % 64, value));
    fresh.forEach((row, i) => {
      const seen = row.flatMap((x, j) => (Number.isNaN(x) ? [] : [j]));
      const part = H.subMatrixColumn(seen);
      const left = part.mmul(part.transpose()).add(Matrix.eye(5).mul(lambda));
      const right = part.mmul(Matrix.columnVector(seen.map((j) => row[j] ?? NaN)));
      assert.ok(largestDifference(W.values.subarray(5 * i, 5 * i + 5), solve(left, right).to1DArray()) < 1e-3);
    });
  });

  it('prepares new rows as the old ones were prepared', async () => {
    const data = digits().slice(0, 200);
    for (const preparation of [
      { centre: 'columns', scale: { kind: 'none' } },
      { centre: 'rows', scale: { kind: 'minmax', axis: 'columns' } },
      { centre: 'none', scale: { kind: 'unit-norm', axis: 'rows' } },
    ] as const) {
      const learned = await factorizing(datasetOf(data), { rank: 4, preparation });
      const { W } = await transformed(learned, datasetOf(data.slice(20, 40)));
      assert.ok(largestDifference(W.values, learned.W.subarray(80, 160)) < 0.02);
    }
  });

  it('refuses rows of other columns, and models that tie rows together', async () => {
    const learned = await factorizing(datasetOf(rows), { rank: 2 });
    await assert.rejects(
      transformed(learned, datasetOf([[1, 2, 3]])),
      /has 3 columns, but the result of numbers is of 6/,
    );
    const group = await factorizing(datasetOf(rows), { rank: 2, ...(models['group'] && { model: models['group'] }) });
    await assert.rejects(transformed(group, datasetOf(rows)), /group penalty in W, which ties all rows together/);
  });

  it('fills in what is missing, in the units of the data, and leaves the rest', async () => {
    const holes = rows.map((row, i) => row.map((x, j) => ((i + 2 * j) % 7 === 0 ? NaN : x)));
    const data = datasetOf(holes, 1e30);
    const learned = await factorizing(data, {
      rank: 2,
      preparation: { centre: 'none', scale: { kind: 'unit-norm', axis: 'columns' } },
      stopping: { iterations: 1000, tolerance: 1e-12 },
    });
    const { matrix, filled } = fill(learned, await gatherObservations(data));
    assert.equal(filled, holes.flat().filter(Number.isNaN).length);
    holes.flat().forEach((x, at) => {
      if (!Number.isNaN(x)) assert.equal(matrix.values[at], Math.fround(x));
    });
    assert.ok(largestDifference(matrix.values, rows.flat()) < 1e-2);
  });

  it('reconstructs from the components that add most, in the units of the data', () => {
    const whole = reconstruct({
      ...byHand,
      preparation: [
        { kind: 'shift', axis: 'columns', statistic: 'mean', by: Float64Array.of(10, 20) },
        { kind: 'scale', axis: 'rows', statistic: 'norm', by: Float64Array.of(1, 2, 3) },
      ],
    });
    assert.deepEqual([...whole.matrix.values], [11, 26, 10, 28, 13, 20]);
    assert.deepEqual(whole.components, [1, 0]);
    const low = reconstruct(byHand, 1);
    assert.deepEqual(low.components, [1]);
    assert.deepEqual([...low.matrix.values], [0, 6, 0, 4, 0, 0]);
    assert.deepEqual(low.matrix.columnLabels, ['x', 'y']);
    assert.throws(() => reconstruct(byHand, 3), /has 2 components; reconstruct from 1 to 2/);
  });

  it('puts the rows that the model fits worst first', async () => {
    const data = datasetOf([
      [1, 6],
      [4, NaN],
      [1, 3],
    ], 1e30); // prettier-ignore
    const { rows } = anomalies(byHand, await gatherObservations(data));
    // X̂ is [[1, 6], [0, 4], [1, 0]]: errors 0, √(4²/1), √(3²/2).
    assert.deepEqual(
      rows.map(({ label, error }) => [label, error]),
      [
        ['b', 4],
        ['c', Math.sqrt(9 / 2)],
        ['a', 0],
      ],
    );
  });

  it('names the nearest rows by their distance in the fit, whatever the scale of the components', () => {
    const found = nearest(byHand, 'a', 2);
    // Fitted rows are (1, 6), (0, 4), (1, 0).
    assert.deepEqual(
      found.neighbours.map(({ label, distance }) => [label, distance]),
      [
        ['b', Math.sqrt(1 + 4)],
        ['c', 6],
      ],
    );
    const scaled = {
      ...byHand,
      W: byHand.W.map((w, at) => (at % 2 === 0 ? w * 8 : w)),
      H: Float32Array.of(1 / 8, 0, 0, 2),
    };
    assert.deepEqual(nearest(scaled, '1', 2).neighbours, found.neighbours);
    assert.throws(() => nearest(byHand, 'z', 1), /no row "z"; name one by its label or by its number from 1 to 3/);
    assert.throws(() => nearest({ ...byHand, rowLabels: ['a', 'a', 'b'] }, 'a', 1), /several rows are called "a"/);
  });

  it('finds digits near a digit that look like it', async () => {
    const learned = await factorizing(datasetOf(mutations()), { rank: 3 });
    const { neighbours } = nearest(learned, '5', 95);
    assert.equal(new Set(neighbours.map(({ index }) => index)).size, 95);
    assert.ok(neighbours.every(({ distance }, at) => at === 0 || distance >= (neighbours[at - 1]?.distance ?? NaN)));
  });
});
