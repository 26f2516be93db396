import assert from 'node:assert/strict';
import type { Factorization } from '../../../src/factorization/result';
import type { Model } from '../../../src/model/model';
import type { SolverOptions } from '../../../src/model/solvers';
import { defaultModel } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { datasetOf, twoPatterns, weightedDatasetOf } from '../../support/datasets';
import { factorizing, models, objectiveOf, solvers } from '../../support/factorizing';

const short = { iterations: 40, tolerance: 0 };

const numbers = twoPatterns(13, 9);
const holed = numbers.map((row, i) => row.map((x, j) => ((i * 7 + j) % 5 === 0 ? NaN : x)));

describe('weights', function () {
  this.timeout(60_000);

  it('that are 1 are none, and one of 0 is that of a missing entry', async () => {
    for (const [name, model] of Object.entries(models)) {
      const some = { model, stopping: { iterations: 10, tolerance: 0 } };
      const weightless = await factorizing(datasetOf(holed), some);
      const weighted = await factorizing(
        weightedDatasetOf(holed, () => 1),
        some,
      );
      assert.deepEqual(weighted.W, weightless.W, name);
      // The loss alone: what a start is scaled by sees every number.
      const whole = weightedDatasetOf(numbers, (i, j) => ((i * 7 + j) % 5 === 0 ? 0 : 1));
      const result = await factorizing(whole, some);
      const defined = objectiveOf(holed, result, result.settings.model);
      assert.ok(Math.abs(result.statistics.objective - defined) <= 1e-5 * defined + 1e-4, name);
    }
  });
});

describe('the parameters of a model', function () {
  this.timeout(60_000);
  const settled = { iterations: 300, tolerance: 0 };
  const both = (penalty: Partial<typeof noPenalty>): Model => ({
    ...defaultModel,
    penalties: { W: { ...noPenalty, ...penalty }, H: { ...noPenalty, ...penalty } },
  });
  const zeros = ({ W, H }: Factorization): number => [...W, ...H].filter((v) => v === 0).length;
  const squares = ({ W, H }: Factorization): number => [...W, ...H].reduce((sum, v) => sum + v * v, 0);

  it('L1 gives exact zeros, the more the larger, with and without non-negativity', async () => {
    for (const constraint of ['none', 'non-negative'] as const) {
      const counts: number[] = [];
      for (const l1 of [0, 0.03, 0.15]) {
        const constraints = { W: { kind: constraint }, H: { kind: constraint } };
        counts.push(
          zeros(
            await factorizing(datasetOf(numbers), {
              model: { ...both({ l1 }), constraints },
              rank: 4,
              stopping: settled,
            }),
          ),
        );
      }
      const [none = 0, some = 0, many = 0] = counts;
      assert.ok(none < some && some < many, counts.join());
    }
  });

  it('L2 gives smaller factors the larger it is', async () => {
    const sizes: number[] = [];
    for (const l2 of [0.01, 0.3, 1]) {
      sizes.push(squares(await factorizing(datasetOf(numbers), { model: both({ l2 }), rank: 4, stopping: settled })));
    }
    assert.ok((sizes[0] as number) > (sizes[1] as number) && (sizes[1] as number) > (sizes[2] as number), sizes.join());
  });

  it('a group penalty switches off whole components', async () => {
    const { W, H } = await factorizing(datasetOf(numbers), { model: both({ group: 1 }), rank: 5, stopping: settled });
    const used = (k: number): boolean => Array.from({ length: 13 }, (_, i) => W[i * 5 + k]).some((v) => v !== 0);
    const alive = [0, 1, 2, 3, 4].filter(used);
    assert.ok(alive.length > 0 && alive.length < 5, `${alive.length} components are used`);
    for (let k = 0; k < 5; k++) {
      if (!alive.includes(k)) assert.ok(H.subarray(k * 9, (k + 1) * 9).every((v) => v === 0));
    }
  });

  it('a wild entry pulls the Huber fit less than the squared one', async () => {
    const wild = numbers.map((row, i) => row.map((x, j) => (i === 3 && j === 4 ? 50 : x)));
    const clean = wild.map((row, i) => row.map((x, j) => (i === 3 && j === 4 ? NaN : x)));
    const misfit = async (model: Model): Promise<number> =>
      objectiveOf(clean, await factorizing(datasetOf(wild), { model, rank: 1, stopping: settled }), defaultModel);
    const robust = await misfit({ ...defaultModel, loss: { kind: 'huber', delta: 0.1 } });
    assert.ok(robust < 0.2 * (await misfit(defaultModel)), String(robust));
  });

  it('refuses data that a loss is not defined for, naming the first such entry', async () => {
    const model = (kind: 'itakura-saito' | 'kullback-leibler' | 'poisson' | 'logistic'): Model => ({
      ...defaultModel,
      loss: { kind },
      constraints: { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } },
    });
    const data = datasetOf([
      [1, 0],
      [2, -3],
    ]);
    await assert.rejects(factorizing(data, { model: model('itakura-saito') }), /row 1, column 2 is 0.*numbers above 0/);
    await assert.rejects(factorizing(data, { model: model('kullback-leibler') }), /row 2, column 2 is -3.*at least 0/);
    await assert.rejects(factorizing(data, { model: model('poisson') }), /row 2, column 2 is -3.*counts/);
    await assert.rejects(factorizing(data, { model: model('logistic') }), /row 2, column 1 is 2.*from 0 to 1/);
  });

  it('refuses what does not go together, and says what does', async () => {
    const data = datasetOf(numbers);
    const simplex = { W: { kind: 'simplex' }, H: { kind: 'none' } } as const;
    await assert.rejects(
      factorizing(data, { model: { ...both({ l1: 1 }), constraints: simplex } }),
      /L1 penalty of W changes nothing/,
    );
    await assert.rejects(
      factorizing(data, { model: { ...both({ group: 1 }), constraints: simplex } }),
      /group penalty does not go with a simplex/,
    );
    await assert.rejects(
      factorizing(data, { model: { ...defaultModel, loss: { kind: 'kullback-leibler' } } }),
      /constrain W to be non-negative/,
    );
    await assert.rejects(
      factorizing(data, { model: { ...defaultModel, loss: { kind: 'huber', delta: 0 } } }),
      /delta is 0/,
    );
    await assert.rejects(
      factorizing(data, { solver: { id: 'mu' } }),
      /mu cannot minimise this model: it needs both factors to be non-negative/,
    );
  });

  it('says which solver auto became, and why', async () => {
    const chosen = await factorizing(datasetOf(numbers), { model: models['topics'] as Model, stopping: short });
    assert.equal(chosen.settings.solver.id, 'mu');
    assert.match(chosen.solverReason ?? '', /kullback-leibler loss of non-negative factors/);
    const named = await factorizing(datasetOf(numbers), { solver: solvers['ngd'] as SolverOptions, stopping: short });
    assert.equal(named.solverReason, undefined);
  });
});
