import assert from 'node:assert/strict';
import type { Factorization } from '../../../src/factorization/result';
import { defaultModel } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { namedSolvers } from '../../../src/model/solvers';
import type { Model } from '../../../src/model/model';
import type { FactorPenalty } from '../../../src/model/penalties';
import type { SolverOptions } from '../../../src/model/solvers';
import { gatherObservations } from '../../../src/factorization/observations';
import { transform } from '../../../src/factorization/apply/transform';
import { datasetOf } from '../../support/datasets';
import { factorizing, objectiveOf } from '../../support/factorizing';

const short = { iterations: 60, tolerance: 0 };
const settled = { iterations: 400, tolerance: 0 };

/** Two waves and two ramps, with a sawtooth over them that is smooth nowhere. */
const rows = Array.from({ length: 11 }, (_, i) =>
  Array.from(
    { length: 8 },
    (__, j) => 1 + Math.sin(i / 2) * Math.cos(j / 3) + 0.1 * i * (j % 4) + 0.3 * ((i * 5 + j * 3) % 4),
  ),
);

const weights: Readonly<Record<string, Partial<FactorPenalty>>> = {
  smoothness: { smooth: 0.5, l2: 0.1 },
  orthogonality: { orthogonal: 0.2, l2: 0.1 },
  'both with L1': { smooth: 0.3, orthogonal: 0.05, l1: 0.1 },
};

const both = (penalty: Partial<FactorPenalty>, changes: Partial<Model> = {}): Model => ({
  ...defaultModel,
  ...changes,
  penalties: { W: { ...noPenalty, ...penalty }, H: { ...noPenalty, ...penalty } },
});

const nonNegative = { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } } as const;

describe('penalties that tie entries together', function () {
  this.timeout(60_000);

  it('are part of the objective as they are defined, which never rises', async () => {
    for (const [name, penalty] of Object.entries(weights)) {
      for (const changes of [{}, { constraints: nonNegative }, { loss: { kind: 'huber', delta: 1 } as const }]) {
        for (const id of ['apg', 'lbfgs'] as const) {
          if (id === 'lbfgs' && ('constraints' in changes || (penalty.l1 ?? 0) > 0)) continue;
          const model = both(penalty, changes);
          const result = await factorizing(datasetOf(rows), {
            model,
            solver: namedSolvers[id],
            rank: 3,
            stopping: short,
          });
          const told = `${name} by ${id}, ${JSON.stringify(changes)}`;
          const defined = objectiveOf(rows, result, model);
          assert.ok(Math.abs(result.statistics.objective - defined) <= 1e-5 * defined, told);
          const { objective } = (result.restarts[0] as Factorization['restarts'][number]).trace;
          for (let k = 1; k < objective.length; k++) {
            const [before, after] = [objective[k - 1] as number, objective[k] as number];
            assert.ok(after <= before * (1 + 3e-6), `${told}: from ${before} to ${after}`);
          }
          assert.ok((objective.at(-1) as number) < 0.7 * (objective[0] as number), told);
        }
      }
    }
  });

  it('make a factor smoother, and components less alike', async () => {
    const fitted = (penalty: Partial<FactorPenalty>): Promise<Factorization> =>
      factorizing(datasetOf(rows), {
        model: both({ l2: 0.1, ...penalty }, { constraints: nonNegative }),
        rank: 3,
        stopping: settled,
      });
    const [plain, smooth, orthogonal] = await Promise.all([
      fitted({}),
      fitted({ smooth: 2 }),
      fitted({ orthogonal: 1 }),
    ]);
    for (const of of [columnsOfW, rowsOfH]) {
      assert.ok(roughness(of(smooth)) < 0.5 * roughness(of(plain)), of.name);
      assert.ok(overlap(of(orthogonal)) < 0.5 * overlap(of(plain)), of.name);
    }
  });

  it('reach the minimum in closed form: one component of given W is a tridiagonal system', async () => {
    // X = 1·xᵀ and W bounded to ones leave H the minimum of n·Σ(x − h)² + σ·Σ(h_j − h_{j−1})².
    const x = [3, -1, 4, 1, -5, 9];
    const [n, sigma] = [4, 2.5];
    const model: Model = {
      ...defaultModel,
      penalties: { W: noPenalty, H: { ...noPenalty, smooth: sigma } },
      constraints: { W: { kind: 'box', least: 1, most: 1 }, H: { kind: 'none' } },
    };
    const { H } = await factorizing(datasetOf(Array.from({ length: n }, () => x)), {
      model,
      rank: 1,
      stopping: settled,
    });
    const h = Float64Array.from(x);
    for (let sweep = 0; sweep < 500; sweep++) {
      for (let j = 0; j < x.length; j++) {
        const around = [h[j - 1], h[j + 1]].filter((value) => value !== undefined);
        const pull = around.reduce((sum, value) => sum + value, 0);
        h[j] = (n * (x[j] as number) + sigma * pull) / (n + sigma * around.length);
      }
    }
    h.forEach((value, j) => assert.ok(Math.abs((H[j] as number) - value) < 1e-3, `${H.join()} for ${h.join()}`));
  });

  it('cost nothing where a component is one entry, and where there is one component', async () => {
    const tied = both({ smooth: 1, orthogonal: 1, l2: 0.1 });
    for (const [data, rank] of [
      [[[1, 2, 3]], 2],
      [[[1], [2], [3]], 2],
      [[[2]], 1],
    ] as const) {
      const given = data.map((row) => [...row]);
      const result = await factorizing(datasetOf(given), { model: tied, rank, stopping: short });
      const defined = objectiveOf(given, result, tied);
      assert.ok(Math.abs(result.statistics.objective - defined) <= 1e-5 * defined + 1e-6, JSON.stringify(data));
    }
  });

  it('are refused by the solvers that cannot minimise them, with the reason', async () => {
    const refused = (solver: SolverOptions, penalty: Partial<FactorPenalty>, reason: RegExp): Promise<void> =>
      assert.rejects(
        factorizing(datasetOf(rows), {
          model: both(penalty, solver.id === 'mu' || solver.id === 'hals' ? { constraints: nonNegative } : {}),
          solver,
        }),
        reason,
      );
    for (const id of ['mu', 'hals'] as const) {
      await refused(
        namedSolvers[id],
        { smooth: 1 },
        /cannot minimise this model: it does not know smoothness penalties/,
      );
      await refused(namedSolvers[id], { orthogonal: 1 }, /it does not know orthogonality penalties/);
    }
    for (const penalty of [{ smooth: 1 }, { orthogonal: 1 }]) {
      await refused(namedSolvers.als, penalty, /of the penalties it knows L2 alone/);
      await refused(namedSolvers.svd, penalty, /it knows no penalties/);
    }
    await refused(namedSolvers.momentum, { orthogonal: 1 }, /an orthogonality penalty has no bounded curvature/);
    await refused({ id: 'auto' }, { smooth: -1 }, /smoothness penalty of W is -1/);
    await refused({ id: 'auto' }, { orthogonal: NaN }, /orthogonality penalty of W is NaN/);
  });

  it('of W leave new rows without a W of their own', async () => {
    for (const [penalty, tie] of [
      [{ smooth: 1 }, /has a smoothness penalty in W, which ties all rows together/],
      [{ orthogonal: 1 }, /has an orthogonality penalty in W/],
    ] as const) {
      const dataset = datasetOf(rows);
      const learned = await factorizing(dataset, { model: both(penalty), stopping: { iterations: 1, tolerance: 0 } });
      const given = await gatherObservations(dataset);
      await assert.rejects(transform(learned, dataset, given, new AbortController().signal), tie);
    }
  });

  it('have auto say how it meets them', async () => {
    const model = { ...both({ l2: 0.1 }), penalties: { W: noPenalty, H: { ...noPenalty, orthogonal: 1 } } };
    const { solverReason } = await factorizing(datasetOf(rows), { model, stopping: short });
    assert.match(solverReason ?? '', /orthogonality penalty of H has no bounded curvature/);
  });
});

function columnsOfW({ W, rank }: Factorization): number[][] {
  return Array.from({ length: rank }, (_, k) => [...W].filter((__, at) => at % rank === k));
}

function rowsOfH({ H, rank, columns }: Factorization): number[][] {
  return Array.from({ length: rank }, (_, k) => [...H.subarray(k * columns, (k + 1) * columns)]);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Σ of squared differences of neighbours, as a part of Σ of squares. */
const roughness = (components: readonly number[][]): number =>
  sum(components.map((c) => sum(c.slice(1).map((v, i) => (v - (c[i] as number)) ** 2)))) /
  sum(components.map((c) => sum(c.map((v) => v * v))));

/** Largest cosine between two components. */
function overlap(components: readonly number[][]): number {
  const cosine = (a: number[], b: number[]): number =>
    sum(a.map((v, i) => v * (b[i] as number))) / Math.max(1e-30, Math.hypot(...a) * Math.hypot(...b));
  return Math.max(...components.flatMap((a, k) => components.slice(0, k).map((b) => cosine(a, b))));
}
