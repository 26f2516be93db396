import type { KnownScree } from '../../../src/factorization/diagnostics/findings';
import assert from 'node:assert/strict';
import { gatherObservations } from '../../../src/factorization/observations';
import { screeOf } from '../../../src/factorization/diagnostics/eckart-young';
import { findSpectrum } from '../../../src/factorization/linear-algebra/svd';
import { datasetOf, digits, mutations, referenceOf } from '../../support/datasets';

async function known(rows: readonly (readonly number[])[], count = 3): Promise<KnownScree> {
  const observations = await gatherObservations(datasetOf(rows));
  const scree = screeOf(await findSpectrum(observations, count, { seconds: 60 }), observations);
  assert.ok(scree.kind === 'singular-values', JSON.stringify(scree));
  return scree;
}

describe('screeOf', () => {
  for (const [name, data] of [
    ['digits.csv', digits],
    ['mutations.tsv', mutations],
  ] as const) {
    it(`has the singular values of ${name} and what each rank leaves`, async () => {
      const reference = referenceOf(name);
      const scree = await known(data());
      assert.ok(scree.complete);
      assert.equal(scree.values.length, Math.min(data().length, data()[0]?.length ?? 0));
      reference.singular_values.forEach((expected, k) => {
        const found = scree.values[k] as number;
        assert.ok(Math.abs(found - expected) < 1e-6 * (scree.values[0] as number), `${found}, not ${expected}`);
      });
      const all = data().flat();
      const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
      const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      for (const [rank, { eckart_young_sse: sse }] of Object.entries(reference.ranks)) {
        assert.ok(Math.abs((scree.explainedVariance[Number(rank) - 1] as number) - (1 - sse / variance)) < 1e-9);
      }
    });
  }

  it('is cumulative: it rises to 1, and is never negative', async () => {
    const { explainedVariance } = await known([[9, 8, 9], [8, 9, 9], [9, 9, 7], [7, 9, 9]]); // prettier-ignore
    assert.ok((explainedVariance[0] as number) >= 0);
    explainedVariance.slice(1).forEach((part, k) => assert.ok(part >= (explainedVariance[k] as number)));
    assert.equal(explainedVariance.at(-1), 1);
  });

  it('says that what vanishes is 0, and that data all alike are explained by one component', async () => {
    const exact = await known([[1, 2, 3], [2, 4, 6], [3, 6, 9]]); // prettier-ignore
    assert.deepEqual(exact.values.slice(1), [0, 0]);
    assert.deepEqual((await known([[5, 5], [5, 5]])).explainedVariance, [1, 1]); // prettier-ignore
  });

  it('of a part of the spectrum takes what is left from the total', () => {
    const squares = Float64Array.of(9, 4);
    const scree = screeOf({ squares, total: 20, complete: false }, { sumOfSquares: 1, centredSumOfSquares: 10 });
    assert.deepEqual(scree, {
      kind: 'singular-values',
      values: [3, 2],
      complete: false,
      explainedVariance: [1 - 11 / 10, 1 - 7 / 10],
    });
  });

  it('says why it is not known', async () => {
    const observations = await gatherObservations(datasetOf([[1, NaN], [2, 3]])); // prettier-ignore
    const scree = screeOf(await findSpectrum(observations, 1, { seconds: 60 }), observations);
    assert.ok(scree.kind === 'none' && /missing/.test(scree.reason));
  });
});
