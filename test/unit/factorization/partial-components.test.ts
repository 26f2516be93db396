import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matrix, SVD } from 'ml-matrix';
import { presetOf } from '../../../src/model/presets';
import { randomNormal } from '../../../src/engine';
import { caseRows } from '../../support/cases';
import { dataFolder, datasetOf } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

const { model, solver, preparation } = presetOf('pca');
const pca = { model, solver: solver ?? { id: 'auto' }, ...(preparation && { preparation }) } as const;

/** Columns less the means of what was observed. */
function centred(rows: readonly (readonly number[])[]): number[][] {
  const means = (rows[0] ?? []).map((_, j) => {
    const seen = rows.map((row) => row[j] ?? NaN).filter((x) => !Number.isNaN(x));
    return seen.reduce((sum, x) => sum + x, 0) / seen.length;
  });
  return rows.map((row) => row.map((x, j) => x - (means[j] ?? 0)));
}

/** The leading components of centred rows, missing entries replaced by what the components say, over and over (EM). */
function iterativeSvd(rows: readonly (readonly number[])[], rank: number, rounds: number) {
  const X = centred(rows);
  let filled = X.map((row) => row.map((x) => (Number.isNaN(x) ? 0 : x)));
  let values: number[] = [];
  let V = new Matrix(0, 0);
  for (let round = 0; round < rounds; round++) {
    const svd = new SVD(new Matrix(filled), { autoTranspose: true });
    values = svd.diagonal.slice(0, rank);
    V = svd.rightSingularVectors.subMatrixColumn([...Array(rank).keys()]);
    const fitted = new Matrix(filled).mmul(V).mmul(V.transpose());
    filled = X.map((row, i) => row.map((x, j) => (Number.isNaN(x) ? fitted.get(i, j) : x)));
  }
  const error = X.flatMap((row, i) => {
    const scores = new Matrix([filled[i] ?? []]).mmul(V).mmul(V.transpose());
    return row.map((x, j) => (Number.isNaN(x) ? 0 : (x - scores.get(0, j)) ** 2));
  }).reduce((sum, e) => sum + e, 0);
  const total = X.flat().reduce((sum, x) => sum + (Number.isNaN(x) ? 0 : x * x), 0);
  return { values, V, explained: 1 - error / total };
}

/** |cosine| of each found component and the expected one. */
const cosines = (H: Float32Array, V: Matrix, columns: number): number[] =>
  Array.from({ length: V.columns }, (_, k) =>
    Math.abs(
      Array.from({ length: columns }, (__, j) => (H[k * columns + j] ?? NaN) * V.get(j, k)).reduce((a, b) => a + b),
    ),
  );

const within = (found: number, expected: number, share: number): void =>
  assert.ok(Math.abs(found - expected) <= share * Math.abs(expected), `${found} is not ${expected}`);

/** Bodies of penguins, without the text columns; rows 4 and 272 have a year alone. */
function penguins(): number[][] {
  const [, ...lines] = readFileSync(join(dataFolder, 'penguins.csv'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const cells = line.split(',');
    return [2, 3, 4, 5, 7].map((column) => Number(cells[column]));
  });
}

describe('components of data with missing entries', function () {
  this.timeout(120_000);

  for (const [name, rows] of Object.entries({
    'a table two rows of which have a year alone': caseRows('pca-row-without-measurements'),
    penguins: penguins(),
  })) {
    it(`are those of the whole rows in ${name}`, async () => {
      const whole = rows.filter((row) => row.every((x) => !Number.isNaN(x)));
      assert.ok(whole.length === rows.length - 2);
      const columns = rows[0]?.length ?? 0;
      // The means are those of all that was observed, as they are of the rows with a year alone.
      const expected = iterativeSvd(whole, 3, 1);
      const total = centred(whole)
        .flat()
        .reduce((sum, x) => sum + x * x, 0);
      const { H, componentVariance = [], statistics } = await factorizing(datasetOf(rows, 1e30), { ...pca, rank: 3 });
      expected.values.forEach((value, k) => within(componentVariance[k] ?? NaN, value ** 2 / total, 0.02));
      for (const cosine of cosines(H, expected.V, columns)) within(cosine, 1, 1e-3);
      within(
        componentVariance.reduce((sum, part) => sum + part, 0),
        statistics.explainedVariance ?? NaN,
        1e-6,
      );
    });
  }

  it('are those that EM finds where some entries of every row are missing', async () => {
    const [n, m, rank] = [50, 8, 2];
    const factors = randomNormal([n * rank + rank * m], { seed: 3 }).data;
    const noise = randomNormal([n, m], { seed: 4 }).data;
    const rows = Array.from({ length: n }, (_, i) =>
      Array.from({ length: m }, (__, j) => {
        const signal = [3, 1].reduce(
          (sum, size, k) => sum + size * (factors[i * rank + k] ?? 0) * (factors[n * rank + k * m + j] ?? 0),
          0,
        );
        return (i * 7 + j * 5) % 8 === 0 ? NaN : 5 + signal + 0.1 * (noise[i * m + j] ?? 0);
      }),
    );
    const expected = iterativeSvd(rows, rank, 400);
    const { H, W, statistics, componentVariance = [] } = await factorizing(datasetOf(rows), { ...pca, rank });
    within(statistics.explainedVariance ?? NaN, expected.explained, 1e-5);
    for (const cosine of cosines(H, expected.V, m)) within(cosine, 1, 1e-4);
    expected.values.forEach((value, k) =>
      within(Math.hypot(...Array.from({ length: n }, (_, i) => W[i * rank + k] ?? NaN)), value, 1e-3),
    );
    within(
      componentVariance.reduce((sum, part) => sum + part, 0),
      expected.explained,
      1e-5,
    );
  });
});
