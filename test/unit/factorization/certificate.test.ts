import type { Optimum } from '../../../src/factorization/diagnostics/findings';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { certify } from '../../../src/factorization/diagnostics/eckart-young';
import { truncatedSvd, findSpectrum } from '../../../src/factorization/linear-algebra/svd';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { gatherObservations } from '../../../src/factorization/observations';
import { fitStatistics } from '../../../src/factorization/objective/statistics';
import { datasetOf, digits, mutations, referenceOf } from '../../support/datasets';

const ridge = (W: number, H = W): Model => ({
  ...defaultModel,
  penalties: { W: { ...noPenalty, l2: W }, H: { ...noPenalty, l2: H } },
});

async function certificate(
  rows: readonly (readonly number[])[],
  model: Model,
  rank: number,
  objective = 0,
  seconds = 60,
): Promise<Optimum> {
  const observations = await gatherObservations(datasetOf(rows));
  return certify(model, rank, objective, await findSpectrum(observations, rank, { seconds }));
}

function boundOf(optimum: Optimum): number {
  assert.notEqual(optimum.kind, 'none');
  return optimum.kind === 'none' ? NaN : optimum.bound;
}

function assertClose(actual: number, expected: number, relative: number): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not within ${relative} of ${expected}`,
  );
}

describe('certify', function () {
  this.timeout(60_000);

  for (const [name, data] of [
    ['digits.csv', digits],
    ['mutations.tsv', mutations],
  ] as const) {
    it(`gives every Eckart–Young bound and ridge optimum of ${name}`, async () => {
      for (const [rank, expected] of Object.entries(referenceOf(name).ranks)) {
        const plain = await certificate(data(), defaultModel, Number(rank));
        assert.equal(plain.kind, 'eckart-young');
        assertClose(boundOf(plain), expected.eckart_young_sse, 1e-9);
        for (const [lambda, optimum] of Object.entries(expected.ridge_optimum)) {
          const penalised = await certificate(data(), ridge(Number(lambda)), Number(rank));
          assert.equal(penalised.kind, 'ridge');
          assertClose(boundOf(penalised), optimum, 1e-9);
        }
      }
    });
  }

  it('is reached by factors made from the singular vectors, for unequal penalties too', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => Array.from({ length: 6 }, (_, j) => Math.sin(i * i + 3 * j) * 4));
    const observations = await gatherObservations(datasetOf(rows));
    const rank = 3;
    const [lambdaW, lambdaH] = [0.2, 3];
    const model = ridge(lambdaW, lambdaH);
    const { values, left, right } = await truncatedSvd(observations, rank);
    const W = new Float32Array(9 * rank);
    const H = new Float32Array(rank * 6);
    values.forEach((value, k) => {
      const kept = Math.sqrt(Math.max(0, value - Math.sqrt(lambdaW * lambdaH)));
      const balance = (lambdaH / lambdaW) ** 0.25;
      for (let i = 0; i < 9; i++) W[i * rank + k] = kept * balance * (left[k * 9 + i] as number);
      for (let j = 0; j < 6; j++) H[k * 6 + j] = (kept / balance) * (right[k * 6 + j] as number);
    });
    const { objective } = fitStatistics(observations, { W, H }, rank, model);
    const optimum = certify(model, rank, objective, await findSpectrum(observations, rank, { seconds: 60 }));
    assert.ok(optimum.kind === 'ridge');
    assertClose(optimum.bound, objective, 1e-6);
    assert.ok(Math.abs(optimum.gap) < 1e-6);
  });

  it('is never above the objective of any factors', async () => {
    const number = fc.float({ min: -4, max: 4, noNaN: true });
    const shapes = fc.record({ rows: fc.integer({ min: 1, max: 5 }), columns: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.integer({ min: 1, max: 6 }),
        fc.array(number, { minLength: 85, maxLength: 85 }),
        fc.record({ W: fc.constantFrom(0, 0.5, 3), H: fc.constantFrom(0, 0.1, 2) }),
        async ({ rows, columns }, rank, numbers, { W: lambdaW, H: lambdaH }) => {
          const values = [...numbers];
          const X = Array.from({ length: rows }, () => values.splice(0, columns));
          const observations = await gatherObservations(datasetOf(X));
          const W = Float32Array.from(values.splice(0, rows * rank));
          const H = Float32Array.from(values.splice(0, rank * columns));
          const model = ridge(lambdaW, lambdaH);
          const { objective } = fitStatistics(observations, { W, H }, rank, model);
          const bound = boundOf(
            certify(model, rank, objective, await findSpectrum(observations, rank, { seconds: 60 })),
          );
          assert.ok(bound <= objective + 1e-9 * observations.sumOfSquares, `${bound} is above ${objective}`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tells how much of the objective might be saved', async () => {
    const optimum = await certificate([[3, 0], [0, 4]], defaultModel, 1, 12); // prettier-ignore
    assert.ok(optimum.kind === 'eckart-young');
    assertClose(optimum.bound, 9, 1e-12);
    assertClose(optimum.gap, 0.25, 1e-12);
  });

  it('is called a lower bound, with what it leaves out, where penalties or constraints may forbid reaching it', async () => {
    const cases: [Partial<Model>, RegExp][] = [
      [{ constraints: { W: { kind: 'non-negative' }, H: { kind: 'none' } } }, /leaves out the constraints;/],
      [{ penalties: { W: { ...noPenalty, l1: 1 }, H: noPenalty } }, /leaves out the L1 penalty;/],
      [{ penalties: { W: noPenalty, H: { ...noPenalty, group: 1 } } }, /leaves out the group penalty;/],
      [{ penalties: { W: noPenalty, H: { ...noPenalty, l2: 1 } } }, /L2 penalty, which is on one factor only;/],
    ];
    for (const [changes, words] of cases) {
      const optimum = await certificate(mutations(), { ...defaultModel, ...changes }, 3);
      assert.ok(optimum.kind === 'lower-bound', optimum.kind);
      assert.match(optimum.meaning, words);
      assertClose(optimum.bound, referenceOf('mutations.tsv').ranks['3']?.eckart_young_sse as number, 1e-9);
    }
  });

  it('says why there is none for missing entries, for other losses, and when time is up', async () => {
    const missing = await certificate([[1, NaN], [2, 3]], defaultModel, 1); // prettier-ignore
    assert.ok(missing.kind === 'none' && /missing/.test(missing.reason));
    const absolute = await certificate([[1, 2]], { ...defaultModel, loss: { kind: 'absolute' } }, 1);
    assert.ok(absolute.kind === 'none' && /loss/.test(absolute.reason));
    const late = await certificate(digits(), defaultModel, 1, 1, -1);
    assert.ok(late.kind === 'none' && /not found in time/.test(late.reason));
  });
});
