import assert from 'node:assert/strict';
import fc from 'fast-check';
import { performance } from 'node:perf_hooks';
import type { Dataset } from '../../../src/data/dataset';
import type { Factorization } from '../../../src/factorization/factorization';
import { SettingsError } from '../../../src/factorization/errors';
import type { Model, SolverOptions } from '../../../src/factorization/model';
import { defaultModel, noPenalty } from '../../../src/factorization/model';
import { alternatingObstacle } from '../../../src/factorization/solvers/alternating';
import { halsObstacle, lbfgsObstacle } from '../../../src/factorization/solvers/obstacles';
import { datasetOf } from '../../support/datasets';
import { factorizing, models, monotone, objectiveOf, solvers, violationOf } from '../../support/factorizing';

const short = { iterations: 40, tolerance: 0 };

/** Numbers strictly between 0 and 1, for which every loss is defined: two patterns and some noise. */
const numbers = Array.from({ length: 13 }, (_, i) =>
  Array.from({ length: 9 }, (_, j) =>
    Math.fround(
      0.1 +
        0.3 * Math.abs(Math.sin(i * 1.3) * Math.cos(j)) +
        0.4 * ((i * j) % 5 === 0 ? 1 : 0) +
        0.01 * ((i * 7 + j * 3) % 10),
    ),
  ),
);
const holed = numbers.map((row, i) => row.map((x, j) => ((i * 7 + j) % 5 === 0 ? NaN : x)));

/** Every model with every solver that takes it. */
async function everyPair(check: (model: Model, solver: SolverOptions, name: string) => Promise<void>): Promise<number> {
  let made = 0;
  for (const [modelName, model] of Object.entries(models)) {
    for (const [solverName, solver] of Object.entries(solvers)) {
      try {
        await check(model, solver, `${modelName} by ${solverName}`);
        made++;
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        assert.match(error.message, /^The solver \w+ /);
      }
    }
  }
  return made;
}

describe('every model with every solver', function () {
  this.timeout(240_000);

  it('ends with finite factors that keep the constraints, at an objective as its definition says', async () => {
    const made = await everyPair(async (model, solver, name) => {
      for (const rows of [numbers, holed]) {
        const result = await factorizing(datasetOf(rows), { model, solver, stopping: short });
        assert.ok([...result.W, ...result.H].every(Number.isFinite), name);
        assert.equal(violationOf(result, model), undefined, name);
        const defined = objectiveOf(rows, result, model);
        const difference = Math.abs(result.statistics.objective - defined);
        assert.ok(
          difference <= 1e-5 * Math.abs(defined) + 1e-4,
          `${name}: ${result.statistics.objective}, not ${defined}`,
        );
      }
    });
    assert.ok(made > 80, `only ${made} pairs`);
  });

  it('never raises the objective where the solver promises so', async () => {
    for (const [name, model] of Object.entries(models)) {
      for (const id of monotone) {
        if (id === 'mu' && !['nmf', 'sparse-nmf', 'topics', 'itakura-saito'].includes(name)) continue;
        if (id === 'apg' && model.loss.kind === 'absolute') continue;
        if (id === 'als' ? alternatingObstacle(model) !== undefined : model.biases) continue;
        if (id === 'hals' && halsObstacle(model) !== undefined) continue;
        if (id === 'lbfgs' && lbfgsObstacle(model) !== undefined) continue;
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(numbers, holed), async (seed, rows) => {
            const { restarts } = await factorizing(datasetOf(rows), {
              model,
              solver: solvers[id] as SolverOptions,
              stopping: short,
              seed,
            });
            const { objective } = (restarts[0] as (typeof restarts)[number]).trace;
            for (let k = 1; k < objective.length; k++) {
              const [before, after] = [objective[k - 1] as number, objective[k] as number];
              assert.ok(
                after <= before + 3e-6 * Math.abs(before) + 1e-6,
                `${name} by ${id}: from ${before} to ${after}`,
              );
            }
          }),
          { numRuns: 2, seed: 1 },
        );
      }
    }
  });

  it('lets no masked value influence anything', async () => {
    await everyPair(async (model, solver, name) => {
      const some = { model, solver, stopping: { iterations: 10, tolerance: 0 } };
      const zero = await factorizing(datasetOf(holed, 0), some);
      const huge = await factorizing(datasetOf(holed, 1e30), some);
      assert.deepEqual(huge.W, zero.W, name);
      assert.deepEqual(huge.H, zero.H, name);
    });
  });

  it('takes weights of 1 for no weights, and a weight of 0 for a missing entry', async () => {
    for (const [name, model] of Object.entries(models)) {
      const some = { model, stopping: { iterations: 10, tolerance: 0 } };
      const weightless = await factorizing(datasetOf(holed), some);
      const weighted = await factorizing(
        weightedBy(holed, () => 1),
        some,
      );
      assert.deepEqual(weighted.W, weightless.W, name);
      // The loss alone: what a start is scaled by sees every number.
      const whole = weightedBy(numbers, (i, j) => ((i * 7 + j) % 5 === 0 ? 0 : 1));
      const result = await factorizing(whole, some);
      const defined = objectiveOf(holed, result, model);
      assert.ok(Math.abs(result.statistics.objective - defined) <= 1e-5 * defined + 1e-4, name);
    }
  });

  it('gives the same numbers for the same seed however slow the machine is, and others for another', async () => {
    await everyPair(async (model, solver, name) => {
      const some = { model, solver, stopping: { iterations: 30, tolerance: 1e-4 } };
      const quick = await factorizing(datasetOf(numbers), some);
      const slow = await factorizing(datasetOf(numbers), some, { onProgress: () => pause(2) });
      assert.deepEqual(slow.W, quick.W, name);
      assert.deepEqual(slow.H, quick.H, name);
      const other = await factorizing(datasetOf(numbers), { ...some, seed: 1 });
      assert.notDeepEqual(other.W, quick.W, name);
    });
  });

  it('keeps the best of several starts', async () => {
    for (const [name, model] of Object.entries(models)) {
      const { restarts, best, statistics } = await factorizing(datasetOf(numbers), {
        model,
        restarts: 3,
        stopping: short,
      });
      assert.equal(statistics.objective, Math.min(...restarts.map(({ objective }) => objective)), name);
      assert.equal(statistics.objective, restarts[best]?.objective, name);
    }
  });

  it('has a finite answer for degenerate data', async () => {
    const cases: readonly [string, number[][]][] = [
      ['one row', [[0.1, 0.2, 0.3]]],
      ['one column', [[0.1], [0.2], [0.3]]],
      ['one entry', [[0.4]]],
      [
        'rows that are alike',
        [
          [0.1, 0.2, 0.3],
          [0.1, 0.2, 0.3],
          [0.1, 0.2, 0.3],
        ],
      ],
      [
        'a row that is missing',
        [
          [0.1, 0.2, 0.3],
          [NaN, NaN, NaN],
          [0.4, 0.1, 0.5],
        ],
      ],
      [
        'zeros alone',
        [
          [0, 0, 0],
          [0, 0, 0],
        ],
      ],
    ];
    for (const [caseName, rows] of cases) {
      for (const [name, model] of Object.entries(models)) {
        if (model.loss.kind === 'itakura-saito' && caseName === 'zeros alone') continue;
        for (const iterations of [0, 20]) {
          const result = await factorizing(datasetOf(rows), { model, rank: 4, stopping: { iterations, tolerance: 0 } });
          assert.ok(
            [...result.W, ...result.H, result.statistics.objective].every(Number.isFinite),
            `${name}, ${caseName}`,
          );
          assert.equal(violationOf(result, model), undefined, `${name}, ${caseName}`);
        }
      }
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

/** A dataset whose entries have weights. */
function weightedBy(rows: number[][], weight: (i: number, j: number) => number): Dataset {
  const dataset = datasetOf(rows);
  return {
    ...dataset,
    *blocks() {
      for (const block of dataset.blocks() as Iterable<{ start: number; count: number; values: Float32Array }>) {
        const weights = block.values.map((_, k) => weight(block.start + Math.floor(k / 9), k % 9));
        yield { ...block, weights };
      }
    },
  };
}

/** Keeps the thread busy, as a machine under load would. */
function pause(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
