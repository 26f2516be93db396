import assert from 'node:assert/strict';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import {
  compile,
  abs,
  div,
  log,
  matmul,
  maximum,
  minimum,
  mul,
  norm,
  sign,
  square,
  sub,
  sum,
  grad,
  matrix,
  shared,
  type Node,
} from '../../../src/engine';
import type { Factorization } from '../../../src/factorization/result';
import type { Model } from '../../../src/model/model';
import { noPenalty, type FactorPenalty } from '../../../src/model/penalties';
import { namedSolvers, type NamedSolverOptions, type SolverOptions } from '../../../src/model/solvers';
import { gatherObservations } from '../../../src/factorization/observations';
import { presetIds, type PresetId } from '../../../src/model/presets';
import { solvers } from '../../../src/factorization/solvers/solvers';
import { checkSettings } from '../../../src/factorization/planning/validation';
import { transform } from '../../../src/factorization/apply/transform';
import { SettingsError } from '../../../src/model/settings';
import { datasetOf } from '../../support/datasets';
import { settingsOf } from '../../support/factorizations';
import {
  isMonotone,
  methods,
  numbers,
  orRefusal,
  resultOf,
  solverTable,
  type Method,
} from '../../support/method-table';
import { differenceOf, stepsOf } from '../../support/solver-steps';

const methodOf = (name: string): Method => {
  const method = methods.find((known) => known.name === name);
  assert.ok(method, name);
  return method;
};

const named = solverTable.filter(
  (entry): entry is { name: string; solver: NamedSolverOptions } => entry.solver.id !== 'auto',
);

function takes({ model }: Method, solver: SolverOptions): boolean {
  try {
    checkSettings(settingsOf({ model, solver, rank: 2 }), datasetOf(numbers));
    return true;
  } catch (error) {
    if (error instanceof SettingsError) return false;
    throw error;
  }
}

const productOf = ({ W, H, rank, rows, columns }: Pick<Factorization, 'W' | 'H' | 'rank' | 'rows' | 'columns'>) =>
  Array.from({ length: rows * columns }, (_, at) =>
    Array.from(
      { length: rank },
      (__, k) => (W[Math.floor(at / columns) * rank + k] ?? NaN) * (H[k * columns + (at % columns)] ?? NaN),
    ).reduce((total, value) => total + value),
  );

const relativeDistance = (found: readonly number[], expected: readonly number[]): number =>
  Math.hypot(...found.map((value, at) => value - (expected[at] ?? NaN))) / Math.hypot(...expected);

const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, value, at) => total + value * (b[at] ?? NaN), 0) / (Math.hypot(...a) * Math.hypot(...b));

/** Two parts that have columns and rows of their own, so that no other non-negative factors have this product. */
const parts = {
  W: [[1, 0], [2, 0], [0, 1.5], [0, 0.5], [1, 1], [0.5, 2], [1.5, 0.5], [0.3, 0.2], [2, 1]],
  H: [[0.5, 1, 0, 0, 0.4, 0.8, 0.2], [0, 0, 1, 0.7, 0.6, 0.1, 0.9]],
}; // prettier-ignore
const planted = parts.W.map((w) =>
  numbers[0]!.map((_, j) => (w[0] ?? 0) * (parts.H[0]?.[j] ?? 0) + (w[1] ?? 0) * (parts.H[1]?.[j] ?? 0)),
);

describe('3: an exactly low-rank matrix', function () {
  this.timeout(120_000);
  const exact = methods.filter(
    ({ model: { penalties, constraints, biases, loss } }) =>
      !biases &&
      !['poisson', 'logistic', 'itakura-saito'].includes(loss.kind) &&
      [penalties.W, penalties.H].every((penalty) => Object.values(penalty).every((weight) => weight === 0)) &&
      [constraints.W, constraints.H].every(({ kind }) => ['none', 'non-negative', 'unit-norm'].includes(kind)),
  );

  for (const method of exact) {
    it(`is recovered by ${method.name} and every solver that takes it`, async () => {
      let recovered = 0;
      for (const { name, solver } of solverTable.filter(({ solver }) => takes(method, solver))) {
        const rank = 2;
        const stopping = { iterations: 600, tolerance: 1e-7 };
        const cell = { method, solver, start: 'random' } as const;
        const result = await resultOf(cell, datasetOf(planted), { rank, stopping, restarts: 3 });
        const { stopReason } = result.restarts[result.best]!;
        // One whose steps are set beforehand, or found by trial, may be on its way still, and says so.
        if (stopReason === 'iterations') continue;
        recovered++;
        assert.ok(result.statistics.relativeError < 5e-3, `${name}: ${result.statistics.relativeError}`);
        if (method.model.constraints.W.kind !== 'non-negative') continue;
        // Up to order and scale, which a cosine does not see, both components are those that were planted.
        const found = [0, 1].map((k) => [...result.H.subarray(k * 7, (k + 1) * 7)]);
        const order = cosine(found[0]!, parts.H[0]!) > cosine(found[1]!, parts.H[0]!) ? [0, 1] : [1, 0];
        order.forEach((k, of) => {
          const column = parts.W.map((_, i) => result.W[i * 2 + k] ?? NaN);
          assert.ok(cosine(found[k]!, parts.H[of]!) > 0.995, `${name}: ${found[k]!.join()}`);
          assert.ok(
            cosine(
              column,
              parts.W.map((row) => row[of]!),
            ) > 0.995,
            `${name}: ${column.join()}`,
          );
        });
      }
      assert.ok(recovered > 0);
    });
  }

  it('has its principal components found, whatever their signs', async () => {
    const means = planted[0]!.map((_, j) => planted.reduce((total, row) => total + row[j]!, 0) / planted.length);
    const centred = planted.map((row) => row.map((x, j) => x - means[j]!));
    const { rightSingularVectors } = new SingularValueDecomposition(new Matrix(centred));
    const { H } = await resultOf(
      { method: methodOf('pca'), solver: { id: 'svd' }, start: 'random' },
      datasetOf(planted),
    );
    for (const k of [0, 1]) {
      const expected = rightSingularVectors.getColumn(k);
      assert.ok(Math.abs(cosine([...H.subarray(k * 7, (k + 1) * 7)], expected)) > 1 - 1e-5);
    }
  });
});

describe('4: ridge', function () {
  this.timeout(120_000);

  it('ends at its closed form by every solver that takes it', async () => {
    const method = methodOf('ridge');
    const { W, H } = method.model.penalties;
    const threshold = Math.sqrt(W.l2 * H.l2);
    const values = new SingularValueDecomposition(new Matrix(numbers.map((row) => [...row]))).diagonal;
    const optimum = values.reduce(
      (total, value, k) => total + value * value - (k < 2 ? Math.max(0, value - threshold) ** 2 : 0),
      0,
    );
    for (const { name, solver } of named.filter(({ solver }) => takes(method, solver))) {
      const stopping = { iterations: 600, tolerance: 1e-7 };
      const result = await resultOf({ method, solver, start: 'random' }, datasetOf(numbers), { stopping, restarts: 3 });
      const { objective } = result.statistics;
      assert.ok(objective >= optimum * (1 - 1e-5), `${name}: ${objective} under ${optimum}`);
      const under = result.restarts[result.best]?.stopReason === 'converged' || isMonotone(solver) ? 1.001 : Infinity;
      assert.ok(objective <= optimum * under, `${name}: ${objective}, not ${optimum}`);
    }
  });
});

describe('5: hyperparameters', function () {
  this.timeout(120_000);
  const withPenalty = (method: Method, factor: 'W' | 'H', name: keyof FactorPenalty, weight: number): Method => {
    const { penalties } = method.model;
    return {
      ...method,
      model: { ...method.model, penalties: { ...penalties, [factor]: { ...penalties[factor], [name]: weight } } },
    };
  };
  const by = (method: Method, iterations: number) =>
    orRefusal(
      resultOf({ method, solver: { id: 'auto' }, start: 'random' }, datasetOf(numbers), {
        rank: 3,
        stopping: { iterations, tolerance: 0 },
      }),
    );

  for (const id of presetIds) {
    it(`of ${id}: every penalty changes the result; a larger L1 gives more zeros, a larger L2 smaller norms`, async () => {
      const method = methodOf(id);
      const base = await by(method, 4);
      assert.ok(typeof base !== 'string');
      for (const name of Object.keys(noPenalty) as (keyof FactorPenalty)[]) {
        for (const factor of ['W', 'H'] as const) {
          const changed = await by(withPenalty(method, factor, name, 0.3), 4);
          if (typeof changed === 'string') assert.match(changed, /choose|leave/i);
          else assert.notDeepEqual(changed.W, base.W, `${name} of ${factor}`);
        }
      }
      const zeros: number[] = [];
      const norms: number[] = [];
      for (const weight of [0.01, 0.3, 3]) {
        // On one factor alone it could be evaded by the other's scale.
        const sparse = await by(withPenalty(withPenalty(method, 'W', 'l1', weight), 'H', 'l1', weight), 150);
        const small = await by(withPenalty(method, 'W', 'l2', weight), 150);
        if (typeof sparse === 'string') assert.match(sparse, /choose|leave/i);
        else zeros.push([...sparse.W, ...sparse.H].filter((value) => value === 0).length);
        if (typeof small === 'string') assert.match(small, /choose|leave/i);
        else norms.push(Math.hypot(...small.W));
      }
      const rises = (values: readonly number[]): boolean =>
        values.every((value, k) => k === 0 || value >= values[k - 1]!) && values.at(-1)! > values[0]!;
      if (zeros.length > 0) assert.ok(rises(zeros), zeros.join());
      if (norms.length > 0) assert.ok(rises([...norms].reverse()), norms.join());
    });
  }

  it('of solvers and losses: each changes the result', async () => {
    const run = async (method: Method, solver: NamedSolverOptions): Promise<Float32Array> =>
      (
        await resultOf({ method, solver, start: 'random' }, datasetOf(numbers), {
          stopping: { iterations: 12, tolerance: 0 },
        })
      ).W;
    for (const solver of Object.values(namedSolvers)) {
      const method = methods.find((known) => takes(known, solver));
      assert.ok(method);
      const base = await run(method, solver);
      for (const [option, value] of Object.entries(solver)) {
        const others: Record<string, unknown> = { schedule: 'constant', stepLength: 'absolute', memory: 1 };
        if (option === 'id') continue;
        const other = others[option] ?? (Number(value) > 1 ? 1 : Number(value) / 2);
        const changed = await run(method, { ...solver, [option]: other });
        assert.notDeepEqual(changed, base, `${option} of ${solver.id}`);
      }
    }
    const robust = methodOf('robust');
    const near: Method = { ...robust, model: { ...robust.model, loss: { kind: 'huber', delta: 0.05 } } };
    assert.notDeepEqual(await run(near, namedSolvers.apg), await run(robust, namedSolvers.apg));
    const recommender = methodOf('recommender');
    const free: Method = { ...recommender, model: { ...recommender.model, biases: { l2: 0.01 } } };
    assert.notDeepEqual(await run(free, namedSolvers.als), await run(recommender, namedSolvers.als));
  });
});

describe('7: float32', function () {
  this.timeout(120_000);

  for (const method of methods) {
    it(`steps as float64 does: ${method.name} by every solver that is a program of the engine`, async () => {
      let made = 0;
      for (const { name, solver } of named) {
        if (solver.id === 'svd' || solver.id === 'lbfgs' || !takes(method, solver)) continue;
        // No more than these: the quickest are at their minimum then, where rounding alone says whether momentum has raised the
        // objective, and hence where the next step begins.
        const run = (precision: 'float32' | 'float64') =>
          stepsOf(method, solver, numbers, { device: 'cpu', precision }, 5);
        const [single, double] = [await run('float32'), await run('float64')];
        assert.ok(differenceOf(single, double) < 1e-4, `${name}: ${differenceOf(single, double)}`);
        made++;
      }
      assert.ok(made > 0);
    });
  }
});

describe('8: transform', function () {
  this.timeout(120_000);
  const apart = methods.filter(
    // Under the absolute loss irls alone settles.
    ({ model }) =>
      (model.loss.kind !== 'absolute' || solvers.irls.refuses(model) === undefined) &&
      model.penalties.W.group === 0 &&
      !model.constraints.W.kind.startsWith('unit-'),
  );

  for (const method of apart) {
    it(`gives the rows that ${method.name} learned from their W, whichever solver learned it`, async () => {
      const settles = ({ id }: NamedSolverOptions): boolean => method.model.loss.kind !== 'absolute' || id === 'irls';
      const able = named.filter(({ solver }) => isMonotone(solver) && takes(method, solver) && settles(solver));
      for (const { name, solver } of able) {
        const stopping = { iterations: 500, tolerance: 1e-11 };
        const cell = { method, solver, start: 'random' } as const;
        const learned = await resultOf(cell, datasetOf(numbers), { stopping });
        const dataset = datasetOf(numbers);
        const { W } = await transform(
          learned,
          dataset,
          await gatherObservations(dataset),
          new AbortController().signal,
        );
        const values = Float32Array.from(W.values.filter((_, at) => at % W.columns < 2));
        const distance = relativeDistance(productOf({ ...learned, W: values }), productOf(learned));
        assert.ok(distance < 0.03, `${name}: ${distance}`);
      }
    });
  }
});

describe('10: an objective written out by hand', function () {
  this.timeout(60_000);
  const X = matrix('X', { shape: [9, 7] });
  const rank = 2;

  /** What a user would write: the cost, the part of it that has a gradient, and what the rest does to a factor that has moved by `step`. */
  interface Written {
    cost: Node;
    smooth?: Node;
    settleW?: (W: Node, step: Node) => Node;
    settleH?: (H: Node, step: Node) => Node;
  }
  const positive = (factor: Node): Node => maximum(factor, 0);
  const squares = (W: Node, H: Node): Node => sum(square(sub(X, matmul(W, H))));
  const tiny = 1e-7;
  const { l1, l2 } = Object.fromEntries(
    (['l1', 'l2'] as const).map((name) => [
      name,
      (id: PresetId, factor: 'W' | 'H' = 'W') => methodOf(id).model.penalties[factor][name],
    ]),
  ) as Record<'l1' | 'l2', (id: PresetId, factor?: 'W' | 'H') => number>;
  const written: Record<Exclude<PresetId, 'recommender'>, (W: Node, H: Node) => Written> = {
    ridge: (W, H) => ({
      cost: squares(W, H).add(
        sum(square(W))
          .add(sum(square(H)))
          .mul(l2('ridge')),
      ),
    }),
    pca: (W, H) => ({ cost: squares(W, H) }),
    nmf: (W, H) => ({ cost: squares(W, H), settleW: positive, settleH: positive }),
    'sparse-nmf': (W, H) => {
      const shrink = (factor: Node, step: Node): Node => positive(sub(factor, mul(step, l1('sparse-nmf'))));
      return {
        smooth: squares(W, H),
        cost: squares(W, H).add(
          sum(abs(W))
            .add(sum(abs(H)))
            .mul(l1('sparse-nmf')),
        ),
        settleW: shrink,
        settleH: shrink,
      };
    },
    'sparse-coding': (W, H) => ({
      smooth: squares(W, H),
      cost: squares(W, H).add(sum(abs(W)).mul(l1('sparse-coding'))),
      settleW: (factor, step) => mul(sign(factor), positive(sub(abs(factor), mul(step, l1('sparse-coding'))))),
      settleH: (factor) => div(factor, maximum(sum(square(factor), 1, { keepDims: true }).sqrt(), 1)),
    }),
    robust: (W, H) => {
      const distance = abs(sub(X, matmul(W, H)));
      const near = minimum(distance, 1);
      // e² up to 1, 2e − 1 beyond.
      return { cost: sum(square(near).add(distance.sub(near).mul(2))) };
    },
    topics: (W, H) => {
      const Y = matmul(W, H).add(tiny);
      const data = X.add(tiny);
      return {
        cost: sum(
          data
            .mul(log(div(data, Y)))
            .sub(data)
            .add(Y),
        ),
        settleW: positive,
        settleH: positive,
      };
    },
    binary: (W, H) => {
      const p = div(1, matmul(W, H).neg().exp().add(1));
      const other = sub(1, X);
      const gain = X.mul(log(div(X, p))).add(other.mul(log(div(other, sub(1, p)))));
      return {
        cost: sum(gain).add(
          sum(square(W))
            .add(sum(square(H)))
            .mul(l2('binary')),
        ),
      };
    },
  };

  for (const id of presetIds) {
    if (id === 'recommender') continue;
    it(`gives the trace of ${id}`, async () => {
      const given = methodOf(id);
      // What is written out has a δ of 1; that of the preset comes from the data.
      const method =
        id === 'robust' ? { ...given, model: { ...given.model, loss: { kind: 'huber' as const, delta: 1 } } } : given;
      const rate = 0.05;
      const solver = { ...namedSolvers.ngd, rate, schedule: 'constant', stepLength: 'absolute' } as const;
      const run = (iterations: number) =>
        resultOf({ method, solver, start: 'random' }, datasetOf(numbers), {
          rank,
          stopping: { iterations, tolerance: 0 },
        });
      const begin = await run(0);
      const ours = (await run(12)).restarts[0]?.trace.objective ?? [];

      const W = shared({ data: begin.W, shape: [9, rank] }, 'W');
      const H = shared({ data: begin.H, shape: [rank, 7] }, 'H');
      const { cost, smooth = cost, settleW, settleH } = written[id](W, H);
      const [gW, gH] = grad(smooth, [W, H] as const);
      const [stepW, stepH] = [div(rate, norm(gW)), div(rate, norm(gH))];
      const [movedW, movedH] = [sub(W, stepW.mul(gW)), sub(H, stepH.mul(gH))];
      const compiled = await compile({
        inputs: { X },
        outputs: { cost },
        updates: [
          [W, settleW ? settleW(movedW, stepW) : movedW],
          [H, settleH ? settleH(movedH, stepH) : movedH],
        ],
        device: 'cpu',
      });
      const means = numbers[0]!.map((_, j) => numbers.reduce((total, row) => total + row[j]!, 0) / numbers.length);
      const data = numbers.flatMap((row) => row.map((x, j) => (id === 'pca' ? x - means[j]! : x)));
      const { cost: theirs } = await compiled.run(
        { X: { data: Float32Array.from(data), shape: [9, 7] } },
        { steps: 13 },
      );
      await compiled.dispose();
      assert.equal(ours.length, theirs.length);
      theirs.forEach((value, k) => {
        const found = ours[k] ?? NaN;
        assert.ok(Math.abs(found - value) <= 2e-4 * Math.abs(value), `step ${k}: ${found}, not ${value}`);
      });
    });
  }

  it('has, for the recommender, the value of the trace at its factors and biases', async () => {
    const method = methodOf('recommender');
    for (const iterations of [0, 1, 5]) {
      const stopping = { iterations, tolerance: 0 };
      const result = await resultOf({ method, solver: { id: 'als', inner: 5 }, start: 'random' }, datasetOf(numbers), {
        rank,
        stopping,
      });
      const { W, H, biases } = result;
      // The penalties in the data's units, as the result has them.
      const { penalties, biases: penalty } = result.settings.model as Model & { biases: { l2: number } };
      const values = {
        W: shared({ data: W, shape: [9, rank] }, 'W'),
        H: shared({ data: H, shape: [rank, 7] }, 'H'),
        b: shared({ data: biases?.rows ?? new Float32Array(9), shape: [9, 1] }, 'b'),
        c: shared({ data: biases?.columns ?? new Float32Array(7), shape: [7] }, 'c'),
      };
      const mean = numbers.flat().reduce((total, x) => total + x, 0) / 63;
      const Y = matmul(values.W, values.H).add(mean).add(values.b).add(values.c);
      const ridge = (node: Node, weight: number): Node => sum(square(node)).mul(weight);
      const cost = sum(square(sub(X, Y)))
        .add(ridge(values.W, penalties.W.l2))
        .add(ridge(values.H, penalties.H.l2))
        .add(ridge(values.b, penalty.l2))
        .add(ridge(values.c, penalty.l2));
      const compiled = await compile({ inputs: { X }, outputs: { cost }, device: 'cpu' });
      const { cost: value } = await compiled.run({ X: { data: Float32Array.from(numbers.flat()), shape: [9, 7] } });
      await compiled.dispose();
      const found = result.restarts[0]?.trace.objective.at(-1) ?? NaN;
      assert.ok(Math.abs(found - value[0]!) <= 1e-5 * found, `${found}, not ${value[0]}`);
    }
  });
});
