import assert from 'node:assert/strict';
import { decodeFactorization, encodeFactorization } from '../../../src/results/npz';
import { run } from '../../../src/model/run';
import { presetModel } from '../../../src/model/presets';
import { datasetOf } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

const numbers = (rows: number, columns: number) =>
  datasetOf(
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (__, j) => ((i * 7 + j * 3) % 11) + 1)),
  );
const proposed = { rank: run.rank.default, rankProposed: true } as const;

describe('The rank that nobody asked for', () => {
  for (const [rows, columns, rank] of [
    [30, 5, 4],
    [5, 30, 4],
    [30, 2, 1],
    [30, 1, 1],
    [1, 30, 1],
    [40, 10, 9],
    [40, 11, 10],
    [40, 30, 10],
  ] as const) {
    it(`is ${rank} for ${rows} × ${columns} data, and says why where it is not the usual one`, async () => {
      const compiling: unknown[] = [];
      const result = await factorizing(numbers(rows, columns), proposed, {
        onProgress: (progress) => progress.phase === 'compiling' && compiling.push(progress.data.rank),
      });
      assert.equal(result.rank, rank);
      assert.equal(result.settings.rank, rank);
      assert.equal(result.settings.rankProposed, undefined);
      assert.deepEqual(compiling, [rank]);
      assert.equal(result.rankReason !== undefined, rank < run.rank.default);
      assert.deepEqual(
        result.warnings.filter((warning) => /^Rank/.test(warning)),
        [],
      );
      assert.equal(decodeFactorization(encodeFactorization(result), 'r.npz').rankReason, result.rankReason);
    });
  }

  it('lets principal components be found of few columns', async () => {
    const result = await factorizing(numbers(30, 5), { ...proposed, model: presetModel('pca'), solver: { id: 'svd' } });
    assert.equal(result.rank, 4);
  });

  it('that somebody asked for stays, with a warning', async () => {
    const result = await factorizing(numbers(30, 5), { rank: 10 });
    assert.equal(result.rank, 10);
    assert.match(result.warnings.join(), /Rank 10 is more than 5/);
    assert.equal(result.rankReason, undefined);
  });
});
