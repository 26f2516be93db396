import assert from 'node:assert/strict';
import { gatherObservations, withValues } from '../../../src/factorization/observations';
import { randomNormal } from '../../../src/engine';
import { datasetOf } from '../../support/datasets';

const columns = 50;
const normal = Array.from(randomNormal([300 * columns], { seed: 4 }).data);

/** A sum whose rounding errors are summed up too (Neumaier 1974). */
function exactSum(values: readonly number[]): number {
  let [sum, lost] = [0, 0];
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

function assertRelative(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 1e-11 * Math.abs(expected), `${what}: ${actual}, not ${expected}`);
}

describe('the totals of observations', () => {
  for (const [what, values] of Object.entries({
    'about 0': normal,
    'far from 0': normal.map((x) => 1e5 + x),
    'after a first that is far away': normal.map((x, k) => (k === 0 ? 1e6 : x)),
    'that jump half-way': normal.map((x, k) => (k < 7500 ? 1e-3 * x : 1e6 + x)),
    'that jump back': normal.map((x, k) => (k < 7500 ? 1e6 + x : 1e-3 * x)),
    'some of them missing': normal.map((x, k) => (k % 7 === 3 || (k > 5000 && k < 10_000) ? NaN : 30 + x)),
  })) {
    it(`are those of two passes, for values ${what}`, async () => {
      const rows = Array.from({ length: values.length / columns }, (_, i) =>
        values.slice(i * columns, (i + 1) * columns),
      );
      const observations = await gatherObservations(datasetOf(rows));
      const seen = values.filter((x) => !Number.isNaN(x)).map(Math.fround);
      const mean = exactSum(seen) / seen.length;
      for (const { observed, ...found } of [observations, withValues(observations, observations.X)]) {
        assert.equal(observed, seen.length);
        assert.ok(Math.abs(found.mean - mean) <= 1e-12 * Math.max(...seen.map(Math.abs)), `${found.mean}, not ${mean}`);
        assertRelative(found.sumOfSquares, exactSum(seen.map((x) => x * x)), 'Σx²');
        assertRelative(found.centredSumOfSquares, exactSum(seen.map((x) => (x - mean) ** 2)), 'Σ(x−mean)²');
      }
    });
  }

  it('of values all alike are exact', async () => {
    const { mean, centredSumOfSquares } = await gatherObservations(datasetOf([[0.1, 0.1, 0.1], [0.1, 0.1, 0.1]])); // prettier-ignore
    assert.deepEqual([mean, centredSumOfSquares], [Math.fround(0.1), 0]);
  });
});
