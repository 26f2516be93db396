import assert from 'node:assert/strict';
import { constant, type Node, evaluate, randomNormal, randomSource, type Tensor } from '../../../src/engine';
import type { Factorization } from '../../../src/factorization/result';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { namedSolvers } from '../../../src/model/solvers';
import { gatherObservations } from '../../../src/factorization/observations';
import { dataOf, declareVariables } from '../../../src/factorization/solvers/program';
import { reweighting } from '../../../src/factorization/solvers/reweighted-lines';
import { transform } from '../../../src/factorization/apply/transform';
import { datasetOf, mutations, sparseDatasetOf, weightedDatasetOf } from '../../support/datasets';
import { factorizing, objectiveOf } from '../../support/factorizing';

const absolute: Model = { ...defaultModel, loss: { kind: 'absolute' } };
const nonNegative: Model = { ...absolute, constraints: { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } } };
const rank = 2;

/** Two patterns in noise, some entries far off, and some missing. */
const [rowCount, columnCount] = [14, 9];
const noisy: number[][] = (() => {
  const { data } = randomNormal([rowCount, columnCount], { seed: 11 });
  const random = randomSource(5);
  const W = Array.from({ length: rowCount }, () => [random(), random()] as const);
  const H = Array.from({ length: columnCount }, () => [random(), random()] as const);
  return W.map(([a, b], i) =>
    H.map(([c, d], j) => {
      const off = random() < 0.1 ? 5 : 0;
      return Math.fround(2 + a * c + b * d + 0.05 * data[i * columnCount + j]! + off);
    }),
  );
})();
const holed = noisy.map((row, i) => row.map((x, j) => ((i * 4 + j * 3) % 7 === 0 ? NaN : x)));

interface Line {
  x: readonly number[];
  weights: readonly number[];
  /** Of each entry, its column of the fixed factor. */
  fixed: readonly (readonly [number, number])[];
}

const lossOf = ({ x, weights, fixed }: Line, [a, b]: readonly [number, number]): number =>
  x.reduce((sum, value, k) => {
    const [c, d] = fixed[k] as [number, number];
    return sum + (weights[k] as number) * Math.abs(value - a * c - b * d);
  }, 0);

/**
 * The least Σ weight·|x − z·f| over z: a linear program, whose minimum is at a vertex, where as many residuals, or entries
 * at a bound of 0, are zero as z has entries. All of them are tried.
 */
function minLoss(line: Line, signs: 'any' | 'non-negative'): number {
  const planes: [number, number, number][] = line.fixed.map(([c, d], k) => [c, d, line.x[k] as number]);
  if (signs === 'non-negative') planes.push([1, 0, 0], [0, 1, 0]);
  let least = lossOf(line, [0, 0]);
  planes.forEach(([a, b, p], i) => {
    for (const [c, d, q] of planes.slice(i + 1)) {
      const determinant = a * d - b * c;
      if (Math.abs(determinant) < 1e-12) continue;
      const z = [(p * d - b * q) / determinant, (a * q - p * c) / determinant] as const;
      if (signs === 'non-negative' && Math.min(...z) < -1e-12) continue;
      least = Math.min(least, lossOf(line, z));
    }
  });
  return least;
}

const linesOf = (
  rows: readonly (readonly number[])[],
  { W, H, columns }: Pick<Factorization, 'W' | 'H' | 'columns'>,
  side: 'W' | 'H',
  weight: (i: number, j: number) => number = () => 1,
): Line[] => {
  const count = side === 'W' ? rows.length : columns;
  return Array.from({ length: count }, (_, at) => {
    const along = Array.from({ length: side === 'W' ? columns : rows.length }, (__, k): [number, number] =>
      side === 'W' ? [at, k] : [k, at],
    ).filter(([i, j]) => !Number.isNaN(rows[i]![j]!));
    return {
      x: along.map(([i, j]) => rows[i]![j]!),
      weights: along.map(([i, j]) => weight(i, j)),
      fixed: along.map(([i, j]) => (side === 'W' ? [H[j]!, H[columns + j]!] : [W[i * 2]!, W[i * 2 + 1]!])),
    };
  });
};

/** The number z with the least Σ|x − z·f|: the median of x/f, weighted by |f|. */
function weightedMedian(x: readonly number[], f: readonly number[]): number {
  const ratios = x.flatMap((value, k) => (f[k] === 0 ? [] : [[value / f[k]!, Math.abs(f[k]!)] as const]));
  const half = ratios.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  let passed = 0;
  for (const [ratio, weight] of ratios.sort(([a], [b]) => a - b)) {
    passed += weight;
    if (passed >= half) return ratio;
  }
  return 0;
}

/** Σ|x − w·h| after w and h have taken turns at their minima, from every sixth row as h; the least of all. */
function alternatingMedians(rows: readonly (readonly number[])[]): number {
  const columns = rows[0]!.map((_, j) => rows.map((row) => row[j]!));
  return Math.min(
    ...rows
      .filter((_, i) => i % 6 === 0)
      .map((row) => {
        let h: readonly number[] = row;
        let w: readonly number[] = [];
        for (let turn = 0; turn < 50; turn++) {
          w = rows.map((x) => weightedMedian(x, h));
          h = columns.map((x) => weightedMedian(x, w));
        }
        return rows.reduce((sum, x, i) => x.reduce((part, value, j) => part + Math.abs(value - w[i]! * h[j]!), sum), 0);
      }),
  );
}

describe('iteratively reweighted least squares', function () {
  this.timeout(120_000);
  const settled = { iterations: 2000, tolerance: 1e-5 };
  const cases: readonly [string, Model, 'any' | 'non-negative'][] = [
    ['any factors', absolute, 'any'],
    ['non-negative factors', nonNegative, 'non-negative'],
  ];
  const weightOf = (i: number, j: number): number => 0.5 + ((i + 2 * j) % 4);

  for (const [name, model, signs] of cases) {
    const data = [
      ['whole data', noisy, datasetOf(noisy), undefined],
      ['missing entries', holed, datasetOf(holed, 1e30), undefined],
      ['a line an entry', holed, sparseDatasetOf(holed), undefined],
      ['weights', noisy, weightedDatasetOf(noisy, weightOf), weightOf],
      ['weights and a line an entry', holed, sparseDatasetOf(holed, weightOf), weightOf],
    ] as const;
    for (const [kind, rows, dataset, weight] of data) {
      it(`settles, with ${name} and ${kind}, where neither factor alone can be better: every row and column is at its linear program’s minimum`, async () => {
        const result = await factorizing(dataset, { model, rank, stopping: settled, restarts: 3 });
        assert.equal(result.settings.solver.id, 'irls');
        assert.equal(result.restarts[result.best]?.stopReason, 'converged');
        const { objective } = result.statistics;
        for (const side of ['W', 'H'] as const) {
          const least = linesOf(rows, result, side, weight).reduce((sum, line) => sum + minLoss(line, signs), 0);
          assert.ok(objective >= least * (1 - 1e-5), `${objective} under ${least}`);
          assert.ok(objective <= least * (1 + 3e-3), `${side}: ${objective}, not ${least}`);
        }
      });
    }

    it(`transforms rows to the minimum of their linear program, with ${name}`, async () => {
      const learned = await factorizing(datasetOf(noisy), { model, rank, stopping: { iterations: 60, tolerance: 0 } });
      const others = datasetOf(holed.map((row) => row.map((x) => 0.9 * x + 0.1)));
      const observations = await gatherObservations(others);
      const { W } = await transform(learned, others, observations, new AbortController().signal);
      const rows = holed.map((row) => row.map((x) => Math.fround(0.9 * x + 0.1)));
      linesOf(rows, learned, 'W').forEach((line, i) => {
        const least = minLoss(line, signs);
        const found = lossOf(line, [W.values[i * 2]!, W.values[i * 2 + 1]!]);
        assert.ok(found <= least * 1.01 + 1e-3, `row ${i}: ${found}, not ${least}`);
      });
    });
  }

  it('comes, of rank 1, as low as alternating weighted medians from many rows, from each start at random', async () => {
    for (const rows of [mutations(), noisy]) {
      const least = alternatingMedians(rows);
      const { restarts } = await factorizing(datasetOf(rows), {
        model: absolute,
        rank: 1,
        stopping: settled,
        restarts: 3,
      });
      for (const { objective, stopReason } of restarts) {
        assert.equal(stopReason, 'converged');
        assert.ok(objective <= least * (1 + 1e-3), `${objective}, not ${least}`);
      }
    }
  });

  it('finds exactly low-rank numbers behind entries that are far off, which least squares does not', async () => {
    const random = randomSource(3);
    const { data: w } = randomNormal([30, 2], { seed: 1 });
    const { data: h } = randomNormal([20, 2], { seed: 2 });
    const clean = Array.from({ length: 30 }, (_, i) =>
      Array.from({ length: 20 }, (__, j) => w[2 * i]! * h[2 * j]! + w[2 * i + 1]! * h[2 * j + 1]!),
    );
    const spoilt = clean.map((row) => row.map((x) => (random() < 0.1 ? x + 10 : x)));
    const misfit = async (model: Model): Promise<number> =>
      objectiveOf(
        clean,
        await factorizing(datasetOf(spoilt), { model, rank, stopping: settled, restarts: 3 }),
        absolute,
      );
    assert.ok((await misfit(absolute)) < 0.5);
    assert.ok((await misfit(defaultModel)) > 100);
  });

  it('has a trace that never rises, though the smoothing would have it pass higher points', async () => {
    for (const [, model] of cases) {
      const { restarts } = await factorizing(datasetOf(noisy), { model, rank, stopping: settled, restarts: 2 });
      for (const { trace, objective } of restarts) {
        trace.objective.forEach((after, k) => assert.ok(after <= (trace.objective[k - 1] ?? Infinity) * (1 + 1e-6)));
        assert.ok(objective <= trace.objective[0]!);
      }
    }
  });

  it('is at the optimum with L1, L2 and boxes where no change of an entry lowers the objective', async () => {
    const model: Model = {
      ...absolute,
      penalties: { W: { ...noPenalty, l1: 0.3 }, H: { ...noPenalty, l1: 0.1, l2: 0.2 } },
      constraints: { W: { kind: 'none' }, H: { kind: 'box', least: -0.5, most: 1.5 } },
    };
    const result = await factorizing(datasetOf(noisy), { model, rank, stopping: settled, restarts: 2 });
    assert.equal(result.settings.solver.id, 'irls');
    const objective = objectiveOf(noisy, result, model);
    for (const name of ['W', 'H'] as const) {
      result[name].forEach((value, at) => {
        for (const by of [0.02, -0.02, -value]) {
          if (name === 'H' && (value + by < -0.5 || value + by > 1.5)) continue;
          const moved = result[name].slice();
          moved[at] = value + by;
          const other = objectiveOf(noisy, { ...result, [name]: moved }, model);
          assert.ok(other >= objective * (1 - 3e-4), `${name}[${at}] ${value} by ${by}: ${other}, not ${objective}`);
        }
      });
    }
  });

  it('is what auto becomes, unless the model ties a factor’s entries together, and says why', async () => {
    const few = { stopping: { iterations: 2, tolerance: 0 } };
    const chosen = await factorizing(datasetOf(noisy), { model: absolute, ...few });
    assert.equal(chosen.settings.solver.id, 'irls');
    assert.match(chosen.solverReason ?? '', /parabola/);
    const simplex: Model = { ...absolute, constraints: { ...absolute.constraints, W: { kind: 'simplex' } } };
    const other = await factorizing(datasetOf(noisy), { model: simplex, ...few });
    assert.equal(other.settings.solver.id, 'ngd');
    assert.match(other.solverReason ?? '', /non-negativity and boxes alone/);
    await assert.rejects(
      factorizing(datasetOf(noisy), { model: simplex, solver: namedSolvers.irls }),
      /irls cannot minimise this model: of the constraints it knows.*Choose another, such as auto/,
    );
    await assert.rejects(
      factorizing(datasetOf(noisy), { solver: namedSolvers.irls }),
      /irls cannot minimise this model: it knows the absolute loss alone, not the squared loss/,
    );
  });

  it('sets up the weighted squares of each row and column, whether their Hessians are written out or not', async () => {
    const [n, m, epsilon, l2] = [5, 4, 0.3, 0.7];
    const { data: X } = randomNormal([n, m], { seed: 1 });
    const rows = Array.from({ length: n }, (_, i) => Array.from({ length: m }, (__, j) => X[i * m + j]!));
    const observations = await gatherObservations(weightedDatasetOf(rows, weightOf));
    const model: Model = { ...absolute, penalties: { W: { ...noPenalty, l2 }, H: { ...noPenalty, l2 } } };
    for (const many of [3, 40]) {
      const [w, h] = [randomNormal([n, many], { seed: 2 }), randomNormal([many, m], { seed: 3 })];
      const variables = declareVariables(observations, many, model);
      const bound = new Map<Node, Tensor>([
        [variables.W, w],
        [variables.H, h],
        ...dataOf(observations, variables).map(({ node, value }) => [node, value] as const),
      ]);
      for (const name of ['W', 'H'] as const) {
        const count = name === 'W' ? n : m;
        const p = randomNormal([many, count], { seed: 4 });
        const { gradient, diagonal, apply } = reweighting(model, variables, observations).lines(
          variables,
          name,
          constant(epsilon),
        );
        const [g, d, image] = evaluate([gradient, diagonal, apply(constant(p))], bound);
        for (let line = 0; line < count; line++) {
          const expected = [g, d, image].map(() => new Float64Array(many));
          const factor = (k: number): number => (name === 'W' ? w.data[line * many + k]! : h.data[k * m + line]!);
          for (let place = 0; place < (name === 'W' ? m : n); place++) {
            const [i, j] = name === 'W' ? [line, place] : [place, line];
            const f = (k: number): number => (name === 'W' ? h.data[k * m + j]! : w.data[i * many + k]!);
            let [residual, along] = [rows[i]![j]!, 0];
            for (let k = 0; k < many; k++) {
              residual -= w.data[i * many + k]! * h.data[k * m + j]!;
              along += f(k) * p.data[k * count + line]!;
            }
            const curvature = weightOf(i, j) / Math.max(Math.abs(residual), epsilon);
            for (let k = 0; k < many; k++) {
              expected[0]![k]! -= curvature * residual * f(k);
              expected[1]![k]! += curvature * f(k) ** 2;
              expected[2]![k]! += curvature * along * f(k);
            }
          }
          for (let k = 0; k < many; k++) {
            const ridge = [2 * l2 * factor(k), 2 * l2, 2 * l2 * p.data[k * count + line]!];
            [g, d, image].forEach((found, which) => {
              const wanted = expected[which]![k]! + ridge[which]!;
              const is = found!.data[k * count + line]!;
              assert.ok(
                Math.abs(is - wanted) <= 1e-4 * (1 + Math.abs(wanted)),
                `${name} ${which} ${k}: ${is}, not ${wanted}`,
              );
            });
          }
        }
      }
    }
  });
});
