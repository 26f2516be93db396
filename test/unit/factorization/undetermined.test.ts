import assert from 'node:assert/strict';
import { Matrix, SVD } from 'ml-matrix';
import { encodeUse } from '../../../src/results/use-files';
import { defaultModel } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { gatherObservations } from '../../../src/factorization/observations';
import { presetModel, presetOf } from '../../../src/model/presets';
import { fill } from '../../../src/factorization/apply/fill';
import { transform } from '../../../src/factorization/apply/transform';
import { reconstruct } from '../../../src/factorization/apply/reconstruct';
import { caseRows } from '../../support/cases';
import { datasetOf } from '../../support/datasets';
import { factorizationOf, settingsOf } from '../../support/factorizations';
import { factorizing } from '../../support/factorizing';

const { model, solver, preparation } = presetOf('pca');
const pca = { model, solver: solver ?? { id: 'auto' }, ...(preparation && { preparation }) } as const;
const never = new AbortController().signal;

/** Positive numbers of rank 2. */
const lowRank = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) => (1 + (i % 4)) * (1 + Math.sin(j) ** 2) + (i / 6) * (1 + Math.cos(j))),
  );

describe('what no entry determines', () => {
  for (const [name, settings] of Object.entries({
    PCA: pca,
    'the plain model': {},
    NMF: { model: presetModel('nmf') },
  })) {
    it(`is zero under ${name} whatever the seed, and left empty in what is filled in`, async () => {
      const rows = caseRows('row-all-missing').map((row) => [...row.slice(0, 2), NaN, ...row.slice(2)]);
      for (const seed of [0, 1]) {
        const data = datasetOf(rows, 1e30);
        const result = await factorizing(data, { ...settings, rank: 2, seed });
        assert.deepEqual([...result.W.subarray(10, 12)].map(Math.abs), [0, 0]);
        assert.deepEqual(
          [2, 8].map((at) => Math.abs(result.H[at] ?? NaN)),
          [0, 0],
        );
        assert.ok(result.warnings.some((text) => /^1 row and 1 column have no observed entry/.test(text)));
        const { matrix, filled, empty } = fill(result, await gatherObservations(data));
        assert.equal(filled, 0);
        assert.equal(empty, 12 + 6 - 1);
        assert.equal(matrix.values.filter(Number.isNaN).length, empty);
        const csv = new TextDecoder().decode(encodeUse({ ...fill(result, await gatherObservations(data)) }, 'x.csv'));
        assert.equal(csv.split('\r\n')[6], '6,,,,,,');
        const { W, warnings } = await transform(result, data, await gatherObservations(data), never);
        assert.ok([...W.values.subarray(10, 12)].every(Number.isNaN));
        assert.ok(warnings.some((text) => /^1 row has no number/.test(text)));
      }
    });
  }

  it('leaves a constraint as it is that ties an unobserved column to others', async () => {
    const rows = lowRank(12, 6).map((row) => [...row.slice(0, 2), NaN, ...row.slice(3)]);
    const result = await factorizing(datasetOf(rows, 1e30), {
      model: { ...defaultModel, constraints: { W: { kind: 'non-negative' }, H: { kind: 'simplex' } } },
      rank: 2,
    });
    for (const component of [0, 1]) {
      const row = [...result.H.subarray(component * 6, (component + 1) * 6)];
      const sum = row.reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - 1) < 1e-5 && Math.min(...row) >= 0, `${sum}: ${row.join()}`);
    }
  });

  it('is of least norm in a row of fewer numbers than components: of all that fit, the shortest', async () => {
    const rows = lowRank(12, 6);
    rows[5] = [NaN, NaN, 4, NaN, NaN, NaN];
    const found = [];
    for (const seed of [0, 1]) {
      const data = datasetOf(rows, 1e30);
      const result = await factorizing(data, { rank: 2, seed, stopping: { iterations: 500, tolerance: 1e-10 } });
      found.push([...fill(result, await gatherObservations(data)).matrix.values.subarray(30, 36)]);
      assert.ok(result.warnings.some((text) => /^1 row has too few observed entries/.test(text)));
    }
    // The shortest row in the space that the whole rows span whose third number is 4.
    const basis = new SVD(new Matrix(rows.filter((_, i) => i !== 5))).rightSingularVectors.subMatrixColumn([0, 1]);
    const seen = basis.getRow(2);
    const scale = 4 / seen.reduce((sum, v) => sum + v * v, 0);
    const expected = Array.from({ length: 6 }, (_, j) =>
      basis.getRow(j).reduce((sum, v, k) => sum + v * (seen[k] ?? NaN) * scale, 0),
    );
    for (const row of found) {
      row.forEach((value, j) =>
        assert.ok(Math.abs(value - (expected[j] ?? NaN)) < 2e-3 * 4, `${value}, ${expected[j]}`),
      );
    }
  });

  it('is what lies between rows and columns that no chain of entries links', async () => {
    const rows = lowRank(12, 6).map((row, i) => row.map((x, j) => (i < 6 === j < 3 ? x : NaN)));
    const data = datasetOf(rows, 1e30);
    const { matrix, filled, empty, warnings } = fill(
      await factorizing(data, { rank: 2 }),
      await gatherObservations(data),
    );
    assert.deepEqual([filled, empty], [0, 36]);
    assert.equal(matrix.values.filter(Number.isNaN).length, 36);
    assert.match(warnings[0] ?? '', /no observed number links/);
  });
});

describe('what is filled in', () => {
  const rows = caseRows('log1p-half-missing');
  const data = datasetOf(rows, 1e30);

  it('is never infinite, and told where it is out of the range of its column', async () => {
    const penalties = { W: noPenalty, H: noPenalty };
    const result = await factorizing(data, {
      model: { ...defaultModel, penalties },
      preparation: { centre: 'none', scale: { kind: 'log1p' } },
      rank: 3,
    });
    const { matrix, filled, empty, outside, warnings } = fill(result, await gatherObservations(data));
    assert.ok(matrix.values.every((value) => Number.isNaN(value) || Number.isFinite(Math.fround(value))));
    assert.equal(filled + empty, rows.flat().filter(Number.isNaN).length);
    assert.equal(matrix.values.filter(Number.isNaN).length, empty);
    const columns = rows[0]?.map((_, j) => rows.map((row) => row[j] ?? NaN).filter((x) => !Number.isNaN(x))) ?? [];
    const beyond = [...matrix.values].filter((value, at) => {
      const own = columns[at % 8] ?? [];
      return value > Math.fround(Math.max(...own)) || value < Math.fround(Math.min(...own));
    });
    assert.equal(outside, beyond.length);
    assert.ok(outside > 0 && warnings.some((text) => text.startsWith(`${outside} of the ${filled} numbers`)));
  });

  it('is empty, as a reconstruction is, where the model expects more than a number holds', () => {
    const byHand = factorizationOf({
      rows: 1,
      columns: 2,
      rank: 1,
      W: Float32Array.of(1),
      H: Float32Array.of(2, 100),
      settings: { ...settingsOf({ rank: 1 }), preparation: { centre: 'none', scale: { kind: 'log1p' } } },
      preparation: [{ kind: 'log1p' }],
    });
    const { matrix, warnings } = reconstruct(byHand);
    assert.ok(Math.abs((matrix.values[0] ?? NaN) - Math.expm1(2)) < 1e-5);
    assert.ok(Number.isNaN(matrix.values[1]));
    assert.match(warnings[0] ?? '', /^1 entry is left empty/);
    assert.match(new TextDecoder().decode(encodeUse(reconstruct(byHand), 'x.csv')), /^a,6\.38905\d*,\r$/m);
  });
});
