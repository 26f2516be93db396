import fc from 'fast-check';
import assert from 'node:assert/strict';
import { constant, evaluate } from '../../../src/engine';
import { boundReason, withBound } from '../../../src/model/bounds';
import type { Factorization } from '../../../src/factorization/result';
import { feasible, feasibleFactors, proximal } from '../../../src/factorization/objective/constraints';
import { unconstrained } from '../../../src/model/constraints';
import { defaultModel } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import type { Constraint } from '../../../src/model/constraints';
import type { Model } from '../../../src/model/model';
import type { FactorPenalty } from '../../../src/model/penalties';
import { solverWith, type SolverOptions } from '../../../src/model/solvers';
import type { Factors } from '../../../src/factorization/factors';
import { datasetOf, twoPatterns } from '../../support/datasets';
import { factorizing, objectiveOf, violationOf } from '../../support/factorizing';

const nonNegative: Constraint = { kind: 'non-negative' };
const ball = (positive: boolean): Constraint => ({ kind: 'unit-ball', nonNegative: positive });
const sphere = (positive: boolean): Constraint => ({ kind: 'unit-norm', nonNegative: positive });

/** What the proximal step makes of one component, as a row of H and as a column of W. */
function steps(component: readonly number[], step: number, penalty: FactorPenalty, constraint: Constraint): number[][] {
  const data = Float64Array.from(component);
  const row = proximal(constant({ data, shape: [1, data.length] }), step, penalty, constraint, 'H');
  const column = proximal(constant({ data, shape: [data.length, 1] }), step, penalty, constraint, 'W');
  return evaluate([row, column]).map((tensor) => [...tensor.data]);
}

/** ½‖p − f‖² + step·l1·Σ|p|. */
const valueAt = (p: readonly number[], f: readonly number[], weight: number): number =>
  p.reduce((sum, x, i) => sum + (x - f[i]!) ** 2 / 2 + weight * Math.abs(x), 0);

describe('components of bounded or given length', () => {
  const entry = fc.oneof(fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(-1, 0, 0.25, 1));

  it('have proximal steps that no other allowed point improves on', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 0.3, 2),
        fc.boolean(),
        fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }), {
          minLength: 60,
          maxLength: 60,
        }),
        (f, weight, positive, others) => {
          for (const constraint of [ball(positive), sphere(positive)]) {
            const exact = constraint.kind === 'unit-norm';
            const vertices = f.flatMap((_, i) => [1, -1].map((x) => f.map((__, j) => (i === j ? x : 0))));
            const allowed = [...vertices, ...others.map((other) => other.slice(0, f.length))].flatMap((other) => {
              const signed = positive ? other.map(Math.abs) : other;
              const norm = Math.hypot(...signed);
              if (exact ? norm < 1e-9 : norm <= 1) return exact ? [] : [signed];
              return [signed.map((x) => x / norm)];
            });
            for (const p of steps(f, 0.5, { ...noPenalty, l1: weight / 0.5 }, constraint)) {
              const norm = Math.hypot(...p);
              assert.ok(exact ? Math.abs(norm - 1) < 1e-9 : norm <= 1 + 1e-9, `${p.join()} is ${norm} long`);
              if (positive) assert.ok(p.every((x) => x >= 0));
              for (const other of allowed) {
                assert.ok(
                  valueAt(p, f, weight) <= valueAt(other, f, weight) + 1e-9,
                  `${constraint.kind} of ${f.join()}: ${other.join()} is better than ${p.join()}`,
                );
              }
            }
          }
        },
      ),
      { numRuns: 300, seed: 11 },
    );
  });

  it('come from components of any length, of zeros too, as the nearest or the first unit vector', () => {
    assert.deepEqual(steps([3e25, 4e25], 1, noPenalty, sphere(false))[0], [0.6, 0.8]);
    for (const of of steps([0, 0, 0], 1, noPenalty, sphere(false))) assert.deepEqual(of, [1, 0, 0]);
    for (const of of steps([-3, -1, -1], 1, noPenalty, sphere(true))) assert.deepEqual(of, [0, 1, 0]);
    for (const of of steps([0.5, -2, 2], 1, { ...noPenalty, l1: 9 }, sphere(false))) assert.deepEqual(of, [0, -1, 0]);
  });

  it('are made of any start', () => {
    const start = Float32Array.of(3, 0, -4, 0);
    assert.deepEqual([...feasible(start, sphere(false), 'W', 2)], [0.6, 1, -0.8, 0].map(Math.fround));
    assert.deepEqual([...feasible(start, sphere(true), 'W', 2)], [0.6, 1, 0.8, 0].map(Math.fround));
    assert.deepEqual([...feasible(start, ball(true), 'H', 2)], [1, 0, 1, 0]);
    assert.deepEqual(
      [...feasible(Float32Array.of(0, 0, 0.3, -0.4), sphere(false), 'H', 2)],
      [1, 0, 0.6, -0.8].map(Math.fround),
    );
  });
});

describe('a start', function () {
  this.timeout(60_000);

  it('keeps the scale of its product where one factor’s components get their length', () => {
    const [W, H] = [Float32Array.of(1, -2, 3, 4, 0, 1), Float32Array.of(6, 8, 0, -0.3, 0.4, 0)];
    const product = (factors: Factors): number[] =>
      [0, 1, 2].flatMap((i) =>
        [0, 1, 2].map((j) => [0, 1].reduce((sum, k) => sum + factors.W[i * 2 + k]! * factors.H[k * 3 + j]!, 0)),
      );
    for (const constraint of [ball(false), sphere(false)]) {
      for (const constraints of [
        { W: unconstrained, H: constraint },
        { W: constraint, H: unconstrained },
      ]) {
        const made = feasibleFactors({ W, H }, constraints, 2);
        product(made).forEach((y, at) => assert.ok(Math.abs(y - product({ W, H })[at]!) < 1e-5));
        assert.notDeepEqual(made, { W, H });
      }
    }
    const box: Constraint = { kind: 'box', least: 0, most: 1 };
    assert.deepEqual([...feasibleFactors({ W, H }, { W: box, H: sphere(false) }, 2).W], [1, 0, 1, 1, 0, 1]);
  });

  it('leads to the same minimum whatever units X is in', async () => {
    const model = (l1: number, constraint: Constraint): Model => ({
      ...defaultModel,
      penalties: { W: { ...noPenalty, l1 }, H: noPenalty },
      constraints: { W: unconstrained, H: constraint },
    });
    const rows = twoPatterns(12, 9);
    for (const constraint of [ball(false), sphere(false), ball(true)]) {
      const objectives: number[] = [];
      for (const unit of [1e-4, 1, 1e4]) {
        const data = datasetOf(rows.map((row) => row.map((x) => x * unit)));
        const result = await factorizing(data, { model: model(0.1 * unit, constraint), restarts: 4 });
        for (const { iterations } of result.restarts)
          assert.ok(iterations > 3, `${constraint.kind}, ${unit}: ${iterations}`);
        objectives.push(result.statistics.objective / unit ** 2);
      }
      const [small = 0, one = 0, large = 0] = objectives;
      assert.ok(Math.abs(small / one - 1) < 0.02 && Math.abs(large / one - 1) < 0.02, objectives.join());
    }
  });
});

describe('a factor that could grow without end', function () {
  this.timeout(60_000);
  const rows = twoPatterns(11, 8);
  const model = (
    W: Partial<FactorPenalty>,
    H: Partial<FactorPenalty> = {},
    constraints: Partial<Model['constraints']> = {},
  ): Model => ({
    ...defaultModel,
    penalties: { W: { ...noPenalty, ...W }, H: { ...noPenalty, ...H } },
    constraints: { ...defaultModel.constraints, ...constraints },
  });

  it('is bounded, whichever penalty of the other it could evade', () => {
    for (const penalty of [{ l1: 1 }, { l2: 1 }, { group: 1 }, { smooth: 1 }, { orthogonal: 1 }]) {
      const bounded = withBound(model(penalty));
      assert.deepEqual(bounded.constraints, { W: unconstrained, H: ball(false) });
      assert.match(boundReason(bounded) ?? '', /shrinking W and growing H would lower it at no cost/);
      assert.deepEqual(withBound(model({}, penalty)).constraints, { W: ball(false), H: unconstrained });
    }
    assert.deepEqual(withBound(model({ l1: 1 }, {}, { W: nonNegative, H: nonNegative })).constraints.H, ball(true));
    // Of the other's penalties these say nothing of its size.
    assert.deepEqual(withBound(model({ l1: 1 }, { smooth: 1 })).constraints.H, ball(false));
    assert.deepEqual(withBound(model({ l2: 1 }, { orthogonal: 1 })).constraints.H, ball(false));
  });

  it('is left alone where it is bounded or penalised, and where the other cannot shrink', () => {
    for (const fine of [
      defaultModel,
      model({ l1: 1 }, { l2: 1e-3 }),
      model({ smooth: 1 }, { smooth: 1 }),
      model({ l1: 1 }, {}, { H: ball(false) }),
      model({ l1: 1 }, {}, { H: sphere(true) }),
      model({ l1: 1 }, {}, { H: { kind: 'box', least: 0, most: 9 } }),
      model({ l1: 1 }, {}, { W: sphere(false) }),
      model({ l2: 1 }, {}, { W: { kind: 'simplex' } }),
      model({ l2: 1 }, {}, { W: { kind: 'box', least: 1, most: 2 } }),
    ]) {
      assert.equal(withBound(fine), fine);
    }
    for (const other of [model({}, {}, { H: ball(false) }), model({ l1: 1 }, { l1: 1 }, { H: ball(false) })]) {
      assert.equal(boundReason(other), undefined, 'the bound was asked for');
    }
  });

  it('is bounded in the result, whose objective settles well above what inflation would make of it', async () => {
    const asked = model({ l1: 0.5 });
    const result = await factorizing(datasetOf(rows), {
      model: asked,
      stopping: { iterations: 2000, tolerance: 1e-9 },
    });
    assert.deepEqual(result.settings.model, withBound(asked));
    assert.equal(violationOf(result, withBound(asked)), undefined);
    assert.equal(result.restarts[0]?.stopReason, 'converged');
    const defined = objectiveOf(rows, result, asked);
    assert.ok(Math.abs(result.statistics.objective - defined) < 1e-5 * defined);
    // W/1000 and 1000·H have the same product, and a thousandth of the penalty.
    const inflated = { ...result, W: result.W.map((w) => w / 1000), H: result.H.map((h) => h * 1000) };
    assert.ok(objectiveOf(rows, inflated, asked) < 0.5 * defined);
    // The dictionary uses its bound to the full.
    const lengths = [0, 1].map((k) => Math.hypot(...result.H.subarray(k * 8, (k + 1) * 8)));
    for (const length of lengths) assert.ok(Math.abs(length - 1) < 1e-4, String(length));
    assert.deepEqual(result.warnings, []);
  });

  it('is told of where a solver does not know the bound, with both ways out', async () => {
    const refused = (id: 'mu' | 'als' | 'lbfgs', asked: Model): Promise<void> =>
      assert.rejects(
        factorizing(datasetOf(rows), {
          model: asked,
          solver: { ...(id === 'mu' ? { id } : id === 'als' ? { id, inner: 5 } : { id, memory: 5 }) },
        }),
        /cannot minimise this model: .*components of H are at most 1 long\. Choose another, such as auto, or penalise both factors\./,
      );
    await refused('mu', model({ l1: 1 }, {}, { W: nonNegative, H: nonNegative }));
    await refused('als', model({ l2: 1 }));
    await refused('lbfgs', model({ l2: 1 }));
  });

  it('goes on unbounded in a result of before, which says so', async () => {
    const asked = model({ l1: 0.5 });
    const made = await factorizing(datasetOf(rows), { model: asked, stopping: { iterations: 3, tolerance: 0 } });
    const before: Factorization = { ...made, settings: { ...made.settings, model: asked } };
    const on = await factorizing(datasetOf(rows), before.settings, {}, undefined, { from: before });
    assert.deepEqual(on.settings.model, asked);
    assert.match(on.warnings.join(), /H may inflate without bound\. Factorize anew, which bounds H\./);
  });
});

describe('components of length 1', function () {
  this.timeout(60_000);

  it('leave nothing for penalties of their length to do, which are refused', async () => {
    const given = (penalty: Partial<FactorPenalty>): Model => ({
      ...defaultModel,
      penalties: { W: noPenalty, H: { ...noPenalty, ...penalty } },
      constraints: { W: unconstrained, H: sphere(false) },
    });
    const data = datasetOf(twoPatterns(6, 5));
    await assert.rejects(factorizing(data, { model: given({ l2: 1 }) }), /L2 penalty of H changes nothing .*leave it/);
    await assert.rejects(factorizing(data, { model: given({ group: 1 }) }), /group\) penalty of H changes nothing/);
  });

  it('cost the plain loss nothing: the minimum is the truncated singular value decomposition’s', async () => {
    const rows = twoPatterns(12, 9);
    const solver: SolverOptions = { id: 'svd' };
    const stopping = { iterations: 2000, tolerance: 1e-10 };
    const least = (await factorizing(datasetOf(rows), { solver })).statistics.objective;
    for (const W of [unconstrained, sphere(false)]) {
      for (const id of ['apg', 'hals'] as const) {
        const constraints = W === unconstrained ? { W, H: sphere(false) } : { W, H: unconstrained };
        const options = solverWith(id, id === 'apg' ? { inner: 20 } : { sweeps: 2 });
        const result = await factorizing(datasetOf(rows), {
          model: { ...defaultModel, constraints },
          solver: options,
          stopping,
          restarts: 3,
        });
        const { objective } = result.statistics;
        assert.ok(objective >= least * (1 - 1e-5) && objective <= least * 1.001, `${id}: ${objective}, not ${least}`);
        assert.equal(violationOf(result, { ...defaultModel, constraints }), undefined);
      }
    }
  });
});
