import assert from 'node:assert/strict';
import { Matrix, SVD } from 'ml-matrix';
import { randomNormal } from '../../../src/engine';
import { decodeFactorization, encodeFactorization } from '../../../src/results/npz';
import { defaultRankSearch } from '../../../src/model/run';
import { presetModel } from '../../../src/model/presets';
import { caseRows } from '../../support/cases';
import { datasetOf } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

const log = { centre: 'none', scale: { kind: 'log1p' } } as const;

/** Rank 2 with noise; every `missing`-th entry or so is missing. */
function noisy(rows: number, columns: number, noise: number, missing: number): { truth: number[][]; seen: number[][] } {
  const drawn = randomNormal([rows * 2 + 2 * columns], { seed: 5 }).data;
  const error = randomNormal([rows, columns], { seed: 6 }).data;
  const truth = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) =>
      [0, 1].reduce((sum, k) => sum + (drawn[i * 2 + k] ?? 0) * (drawn[rows * 2 + k * columns + j] ?? 0), 0),
    ),
  );
  const seen = truth.map((row, i) =>
    row.map((x, j) => ((i * 13 + j * 7) % missing === 0 ? NaN : x + noise * (error[i * columns + j] ?? 0))),
  );
  return { truth, seen };
}

describe('what a model foretells where entries are missing', function () {
  this.timeout(120_000);

  it('is told beside column means and biases, with a warning where it is no better', async () => {
    const rows = caseRows('log1p-half-missing');
    const result = await factorizing(datasetOf(rows, 1e30), { rank: 3, preparation: log });
    const { foretelling, warnings } = result;
    assert.ok(foretelling && foretelling.rmse > foretelling.columnMeans);
    // Of logarithms, whose deviation is about 1, a mean errs by about that.
    assert.ok(foretelling.columnMeans > 0.5 && foretelling.columnMeans < 2);
    assert.ok(warnings.some((text) => /held-out entries this model errs by/.test(text)));
    assert.deepEqual(decodeFactorization(encodeFactorization(result), 'x.factors.npz'), result);
  });

  it('chooses a ridge that fills in better, where that is left to the data, and the same for every seed', async () => {
    const { truth, seen } = noisy(40, 12, 0.7, 2);
    const errorOf = async (ridge: boolean, seed: number) => {
      const { W, H, settings } = await factorizing(datasetOf(seen), {
        rank: 4,
        seed,
        ...(ridge && { ridge: 'held-out' as const }),
      });
      const product = new Matrix(Array.from({ length: 40 }, (_, i) => [...W.subarray(i * 4, i * 4 + 4)])).mmul(
        new Matrix(Array.from({ length: 4 }, (_, k) => [...H.subarray(k * 12, k * 12 + 12)])),
      );
      let squares = 0;
      truth.forEach((row, i) =>
        row.forEach((x, j) => (squares += Number.isNaN(seen[i]?.[j]) ? (x - product.get(i, j)) ** 2 : 0)),
      );
      return { squares, l2: settings.model.penalties.W.l2 };
    };
    const [plain, chosen, again] = [await errorOf(false, 0), await errorOf(true, 0), await errorOf(true, 1)];
    assert.equal(plain.l2, 0);
    assert.ok(chosen.l2 > 0 && chosen.squares < 0.5 * plain.squares, `${chosen.squares}, ${plain.squares}`);
    assert.equal(again.l2, chosen.l2);
  });

  it('leaves data without noise alone, which are recovered', async () => {
    const { truth, seen } = noisy(30, 10, 0, 9);
    const { W, H, settings, foretelling, warnings } = await factorizing(datasetOf(seen), {
      ridge: 'held-out',
      stopping: { iterations: 500, tolerance: 1e-9 },
    });
    assert.equal(settings.model.penalties.W.l2, 0);
    assert.ok(foretelling && foretelling.rmse < 0.05 * foretelling.columnMeans);
    assert.ok(!warnings.some((text) => /errs by/.test(text)));
    truth.forEach((row, i) =>
      row.forEach((x, j) => {
        const y = (W[i * 2] ?? NaN) * (H[j] ?? NaN) + (W[i * 2 + 1] ?? NaN) * (H[10 + j] ?? NaN);
        assert.ok(Math.abs(x - y) < 2e-2, `${x}, ${y}`);
      }),
    );
  });

  it('is asked of NMF as well, whose penalty keeps its signs', async () => {
    const { seen } = noisy(30, 10, 0.5, 3);
    const { W, H, foretelling } = await factorizing(datasetOf(seen.map((row) => row.map(Math.abs))), {
      model: presetModel('nmf'),
      rank: 4,
      ridge: 'held-out',
    });
    assert.ok([...W, ...H].every((value) => value >= 0));
    assert.equal(foretelling?.ridges?.length, 7);
  });
});

describe('a rank to be chosen', function () {
  this.timeout(120_000);

  it('of data that show nothing is said to be none', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => [...randomNormal([8], { seed: 100 + i }).data]);
    const chosen = await factorizing(datasetOf(rows), { rankSearch: { ...defaultRankSearch, most: 3 } });
    assert.ok(chosen.warnings.some((text) => /^No rank beats the column means/.test(text)));
  });

  it('of data of a rank is not', async () => {
    const { seen } = noisy(30, 10, 0.1, 1e9);
    assert.ok(new SVD(new Matrix(seen.slice(1))).diagonal[1]);
    const chosen = await factorizing(datasetOf(seen.slice(1)), { rankSearch: { ...defaultRankSearch, most: 4 } });
    assert.ok(!chosen.warnings.some((text) => /^No rank/.test(text)));
    assert.equal(chosen.rank, 2);
  });
});
