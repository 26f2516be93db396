import assert from 'node:assert/strict';
import { defaultModel, type Model } from '../../../src/model/model';
import { gatherObservations } from '../../../src/factorization/observations';
import { baselineOf, fitStatistics } from '../../../src/factorization/objective/statistics';
import { randomNormal } from '../../../src/engine';
import { datasetOf, weightedDatasetOf } from '../../support/datasets';

const [rows, columns] = [7, 13];
const random = (count: number, seed: number): Float32Array => Float32Array.from(randomNormal([count], { seed }).data);
const numbers = random(rows * columns, 1);
const matrix = (missing: (at: number) => boolean): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => (missing(i * columns + j) ? NaN : (numbers[i * columns + j] as number))),
  );
const whole = matrix(() => false);
const weightOf = (i: number, j: number): number => 1 + ((i + 2 * j) % 3);

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-12 * expected, `${actual}, not ${expected}`);
}

describe('fitStatistics', () => {
  const huber: Model = { ...defaultModel, loss: { kind: 'huber', delta: 0.5 } };
  for (const [what, dataset, missing, weighted] of [
    ['whole data', datasetOf(whole), () => false, false],
    [
      'data with missing entries',
      datasetOf(
        matrix((at) => at % 5 === 2),
        1e9,
      ),
      (at: number) => at % 5 === 2,
      false,
    ],
    ['weighted data', weightedDatasetOf(whole, weightOf), () => false, true],
  ] as const) {
    it(`are the sums over the entries of ${what}, at every rank, with biases and without`, async () => {
      const observations = await gatherObservations(dataset);
      for (let rank = 1; rank <= 9; rank++) {
        const W = random(rows * rank, 2);
        // Rows of W that are partly and wholly zero.
        W.fill(0, rank, 2 * rank + Math.floor(rank / 2));
        const H = random(rank * columns, 3);
        for (const biases of [undefined, { mean: 0.5, rows: random(rows, 4), columns: random(columns, 5) }]) {
          let [sse, weightedSse, robust] = [0, 0, 0];
          for (let at = 0; at < rows * columns; at++) {
            if (missing(at)) continue;
            const [i, j] = [Math.floor(at / columns), at % columns];
            let y = biases ? biases.mean + (biases.rows[i] as number) + (biases.columns[j] as number) : 0;
            for (let k = 0; k < rank; k++) y += (W[i * rank + k] as number) * (H[k * columns + j] as number);
            const error = Math.abs((numbers[at] as number) - y);
            const weight = weighted ? weightOf(i, j) : 1;
            sse += error ** 2;
            weightedSse += weight * error ** 2;
            robust += weight * (error <= 0.5 ? error ** 2 : error - 0.25);
          }
          const factors = { W, H, ...(biases && { biases }) };
          const squared = fitStatistics(observations, factors, rank, defaultModel);
          assertClose(squared.sse, sse);
          assertClose(squared.objective, weightedSse);
          const other = fitStatistics(observations, factors, rank, huber);
          assertClose(other.sse, sse);
          assertClose(other.objective, robust);
        }
      }
    });

    it(`are measured against the squares of ${what}`, async () => {
      let expected = 0;
      for (let at = 0; at < rows * columns; at++) {
        const weight = weighted ? weightOf(Math.floor(at / columns), at % columns) : 1;
        if (!missing(at)) expected += weight * (numbers[at] as number) ** 2;
      }
      assertClose(baselineOf(await gatherObservations(dataset), defaultModel), expected);
    });
  }
});
