import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeFactorization, encodeFactorization } from '../../../src/results/npz';
import type { FactorizationSettings } from '../../../src/model/settings';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { namedSolvers } from '../../../src/model/solvers';
import { gatherObservations } from '../../../src/factorization/observations';
import { presetModel, presetOf } from '../../../src/model/presets';
import { conjugateGradients } from '../../../src/factorization/solvers/bounded-quadratic';
import { entryBlocks } from '../../../src/factorization/linear-algebra/entry-lines';
import { evaluate, unsqueeze, constant, randomNormal, randomSource } from '../../../src/engine';
import { datasetOf, digits, mutations, referenceOf, sparseDatasetOf } from '../../support/datasets';
import { factorizing, models, objectiveOf } from '../../support/factorizing';

const ridge = (l2: number): Model => ({
  ...defaultModel,
  penalties: { W: { ...noPenalty, l2 }, H: { ...noPenalty, l2 } },
});
const biased: Model = { ...ridge(0.3), biases: { l2: 0.2 } };
const als = { id: 'als', inner: 8 } as const;

/** Random numbers around a rank-2 product, of which a part is missing. */
function partial(rows: number, columns: number, missing: number, seed = 1): number[][] {
  const { data } = randomNormal([rows * 2 + columns * 2 + rows * columns], { seed });
  const random = randomSource(seed);
  const at = (k: number): number => data[k] as number;
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => {
      const planted = at(2 * i) * at(2 * rows + 2 * j) + at(2 * i + 1) * at(2 * rows + 2 * j + 1);
      const noise = 0.1 * at(2 * rows + 2 * columns + i * columns + j);
      return random() < missing ? NaN : Math.fround(3 + planted + noise);
    }),
  );
}

const weightAt = (i: number, j: number): number => 0.5 + ((3 * i + 5 * j) % 4);

describe('alternating least squares', () => {
  for (const [name, rows] of Object.entries({ 'digits.csv': digits, 'mutations.tsv': mutations })) {
    for (const [rank, { ridge_optimum: optima }] of Object.entries(referenceOf(name).ranks).slice(0, 2)) {
      it(`reaches the ridge optima of ${name} at rank ${rank}`, async () => {
        for (const [penalty, optimum] of Object.entries(optima)) {
          const settings = { model: ridge(Number(penalty)), solver: als, rank: Number(rank) };
          const { statistics } = await factorizing(datasetOf(rows()), settings);
          const excess = statistics.objective / optimum - 1;
          assert.ok(excess < 1e-3, `λ = ${penalty}: ${statistics.objective} for ${optimum}`);
        }
      });
    }
  }

  const matrix = partial(30, 17, 0.5);
  for (const [name, model] of Object.entries({ ridge: ridge(0.3), biased })) {
    it(`does the same with ${name} whether X is whole with a mask or sparse`, async () => {
      const settings: Partial<FactorizationSettings> = {
        model,
        solver: als,
        stopping: { iterations: 12, tolerance: 0 },
      };
      const whole = await factorizing(datasetOf(matrix, 1e30), settings);
      const sparse = await factorizing(sparseDatasetOf(matrix), settings);
      const [a, b] = [whole, sparse].map(({ restarts }) => restarts[0]?.trace.objective);
      a?.forEach((objective, k) => assert.ok(Math.abs(objective / (b?.[k] as number) - 1) < 1e-4, `iteration ${k}`));
      assert.equal(whole.statistics.observed, sparse.statistics.observed);
      assert.ok(
        Math.abs((whole.statistics.explainedVariance ?? NaN) - (sparse.statistics.explainedVariance ?? NaN)) < 1e-4,
      );
    });

    it(`ends with ${name} where every row solves its own normal equations`, async () => {
      const result = await factorizing(sparseDatasetOf(matrix, weightAt), {
        model,
        solver: als,
        stopping: { iterations: 400, tolerance: 1e-12 },
      });
      const { W, H, biases, rank, columns } = result;
      const residual = (i: number, j: number): number => {
        let y = biases ? biases.mean + (biases.rows[i] as number) + (biases.columns[j] as number) : 0;
        for (let k = 0; k < rank; k++) y += (W[i * rank + k] as number) * (H[k * columns + j] as number);
        const x = matrix[i]?.[j] as number;
        return Number.isNaN(x) ? 0 : weightAt(i, j) * (x - y);
      };
      let slope = 0;
      for (let i = 0; i < 30; i++) {
        for (let k = 0; k < rank; k++) {
          let sum = -0.3 * (W[i * rank + k] as number);
          for (let j = 0; j < columns; j++) sum += residual(i, j) * (H[k * columns + j] as number);
          slope = Math.max(slope, Math.abs(sum));
        }
        let sum = biases ? -0.2 * (biases.rows[i] as number) : 0;
        for (let j = 0; biases && j < columns; j++) sum += residual(i, j);
        slope = Math.max(slope, Math.abs(sum));
      }
      assert.ok(slope < 2e-2, `largest slope ${slope}`);
    });
  }

  it('never raises the objective, which is the one of the definition', async () => {
    for (const model of [ridge(0.3), biased]) {
      for (const dataset of [datasetOf(matrix), sparseDatasetOf(matrix)]) {
        const result = await factorizing(dataset, { model, solver: als, rank: 3 });
        const { objective } = result.restarts[0]?.trace ?? { objective: new Float64Array() };
        objective.forEach((value, k) => assert.ok(k === 0 || value <= (objective[k - 1] as number) * (1 + 1e-5)));
        const expected = objectiveOf(matrix, result, model);
        assert.ok(Math.abs(result.statistics.objective / expected - 1) < 1e-5);
      }
    }
  });

  it('ends at one objective from any start, without ever rising, where columns differ a thousandfold in size', async () => {
    // As penguins are measured: year, body mass in grams, lengths in millimetres.
    const { data } = randomNormal([120 * 7], { seed: 5 });
    const rows = Array.from({ length: 120 }, (_, i) => {
      const [a = 0, b = 0, ...noise] = data.slice(7 * i, 7 * i + 7);
      const [p = 0, q = 0, r = 0, s = 0, t = 0] = noise;
      const row = [2008 + p, 4200 + 750 * a + 150 * q, 44 + 4 * b + 2 * r, 17 - a + b + s, 200 + 12 * a + 4 * t];
      return row.map((value, j) => ((7 * i + j) % 61 === 0 ? NaN : value));
    });
    const settings = { rank: 3, restarts: 5, solver: namedSolvers.als };
    const { restarts, statistics } = await factorizing(datasetOf(rows), settings);
    for (const { seed, objective, trace } of restarts) {
      assert.ok(objective < statistics.objective * 1.01, `seed ${seed} ended at ${objective}`);
      trace.objective.forEach((value, k) => {
        const before = trace.objective[k - 1] ?? Infinity;
        assert.ok(value <= before * (1 + 1e-4), `seed ${seed}: ${before} rises to ${value}`);
      });
    }
  });

  it('recovers planted biases and product where noise and penalties are small', async () => {
    const noiseless = partial(60, 40, 0.4, 3);
    const result = await factorizing(sparseDatasetOf(noiseless), {
      model: { ...ridge(0.01), biases: { l2: 0.01 } },
      solver: als,
      stopping: { iterations: 300, tolerance: 1e-9 },
      holdout: 0.1,
    });
    assert.ok((result.heldOut?.rmse ?? 1) < 0.15, `held-out RMSE ${result.heldOut?.rmse}`);
  });

  it('is what auto becomes for sparse data, and says why', async () => {
    const { settings, solverReason } = await factorizing(sparseDatasetOf(matrix), { model: ridge(1) });
    assert.equal(settings.solver.id, 'als');
    assert.match(solverReason ?? '', /least squares/);
  });

  it('keeps rows without entries at nothing, and predicts the mean there', async () => {
    const empty = matrix.map((row, i) => (i === 4 ? row.map(() => NaN) : row));
    const { W, biases } = await factorizing(sparseDatasetOf(empty), { model: biased, solver: als });
    assert.equal(biases?.rows[4], 0);
    assert.ok(W.subarray(8, 10).every((value) => Math.abs(value) < 1e-6));
  });

  it('refuses models that are no least squares, and biases with other solvers', async () => {
    const { model } = presetOf('nmf');
    await assert.rejects(
      factorizing(datasetOf(matrix), { model, solver: als }),
      /als cannot minimise .* no constraints/,
    );
    await assert.rejects(
      factorizing(datasetOf(matrix), { model: biased, solver: { id: 'momentum', rate: 0.5, momentum: 0.9 } }),
      /momentum does not know the biases/,
    );
    await assert.rejects(
      factorizing(datasetOf(matrix), { model: { ...biased, loss: { kind: 'absolute' } } }),
      /biases of this model are learned by steps/,
    );
  });
});

describe('the recommender', () => {
  const model = presetModel('recommender');

  it('foretells ratings better than their biases alone, and keeps the biases in its file', async () => {
    const matrix = partial(80, 50, 0.6, 5);
    const result = await factorizing(sparseDatasetOf(matrix), { model, rank: 4, holdout: 0.1 });
    const alone = await factorizing(sparseDatasetOf(matrix), {
      model: { ...model, penalties: { W: { ...noPenalty, l2: 1e6 }, H: { ...noPenalty, l2: 1e6 } } },
      holdout: 0.1,
    });
    assert.ok((result.heldOut?.rmse ?? 9) < 0.7 * (alone.heldOut?.rmse ?? 0));
    const reopened = decodeFactorization(encodeFactorization(result), 'x.factors.npz');
    assert.deepEqual(reopened, result);
    assert.equal(reopened.biases?.rows.length, 80);
  });

  it('foretells planted ratings about as well as noise and their number allow', async () => {
    const [rows, columns, noise] = [200, 150, 0.1];
    const result = await factorizing(sparseDatasetOf(partial(rows, columns, 0.6, 4)), {
      model: { ...ridge(0.1), biases: { l2: 0.1 } },
      holdout: 0.1,
    });
    // Each number that is learned from noise adds its part to the error (Cramér & Rao).
    const learned = 2 * (rows + columns - 2) + rows + columns;
    const least = noise * Math.sqrt(1 + learned / result.statistics.observed);
    assert.ok((result.heldOut?.rmse ?? 1) < 1.08 * least, `${result.heldOut?.rmse}, and ${least} could be`);
  });

  it('goes on from a result with its biases', async () => {
    const dataset = sparseDatasetOf(partial(30, 20, 0.3, 2));
    const settings = { model, stopping: { iterations: 3, tolerance: 0 } };
    const short = await factorizing(dataset, settings);
    const { restarts } = await factorizing(
      dataset,
      { ...settings, start: 'file' },
      {},
      {
        name: 'x',
        source: dataset.source,
        rows: 30,
        columns: 20,
        rank: 2,
        W: short.W,
        H: short.H,
        ...(short.biases && { biases: short.biases }),
      },
    );
    const first = restarts[0]?.trace.objective[0] as number;
    assert.ok(Math.abs(first / short.statistics.objective - 1) < 1e-5);
  });
});

describe('sparse data', () => {
  const counts = partial(20, 12, 0.5).map((row) =>
    row.map((x) => (x > 2 ? 1 : x > 1 ? 0.5 : Number.isNaN(x) ? x : 0.1)),
  );
  for (const [name, model] of Object.entries(models)) {
    if (model.biases) continue;
    it(`do the same as whole ones with a mask under ${name}`, async () => {
      const solver = model.loss.kind === 'absolute' ? ({ id: 'adam', rate: 0.02 } as const) : { id: 'auto' as const };
      const settings = { model, solver, stopping: { iterations: 6, tolerance: 0 } };
      const whole = await factorizing(datasetOf(counts, 0.3), settings);
      const sparse = await factorizing(sparseDatasetOf(counts), settings);
      assert.equal(whole.settings.solver.id, sparse.settings.solver.id);
      assert.equal(whole.restarts[0]?.trace.objective[0] === undefined, false);
      // Their steps differ in length, since sparse data allow longer ones; where they begin is the same, and both descend.
      const [a, b] = [whole, sparse].map(({ restarts }) => restarts[0]?.trace.objective ?? new Float64Array());
      assert.ok(Math.abs((a?.[0] as number) / (b?.[0] as number) - 1) < 1e-4);
      assert.ok((b?.at(-1) as number) < (b?.[0] as number));
      assert.ok((b?.at(-1) as number) < 1.2 * (a?.at(-1) as number) + 1e-3);
    });
  }

  it('take memory and time for their entries, not for rows × columns', async () => {
    const side = 100_000;
    const count = 3000;
    const spread = Uint32Array.from({ length: count }, (_, k) => k * 33);
    const dataset = {
      ...sparseDatasetOf([[1]]),
      rows: side,
      columns: side,
      missing: side * side - count,
      entries: {
        rows: spread,
        columns: spread.map((row, k) => (k % 2 === 0 ? row : 7)),
        values: Float32Array.from(spread, (_, k) => 1 + (k % 5)),
      },
    };
    for (const model of [presetModel('recommender'), presetModel('robust')]) {
      const { statistics, W } = await factorizing(dataset, { model, stopping: { iterations: 3, tolerance: 0 } });
      assert.equal(statistics.observed, count);
      assert.equal(W.length, 2 * side);
      assert.ok(Number.isFinite(statistics.objective));
    }
  });

  it('refuse starts that need the whole matrix', async () => {
    await assert.rejects(factorizing(sparseDatasetOf(counts), { start: 'svd' }), /svd needs a whole matrix/);
  });
});

describe('entryBlocks', () => {
  it('holds every entry once, and pads little', async () => {
    const shape = fc.record({ rows: fc.integer({ min: 1, max: 40 }), columns: fc.integer({ min: 1, max: 40 }) });
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.integer({ min: 0, max: 99 }),
        fc.double({ min: 0, max: 0.95, noNaN: true }),
        async ({ rows, columns }, seed, missing) => {
          const matrix = partial(rows, columns, missing, seed);
          const observations = await gatherObservations(sparseDatasetOf(matrix, weightAt));
          assert.ok(observations.places);
          for (const side of ['rows', 'columns'] as const) {
            const blocks = entryBlocks(observations, side, 1);
            const count = side === 'rows' ? rows : columns;
            const padding = side === 'rows' ? columns : rows;
            const lines = blocks.flatMap((block) => [...block.lines]).sort((a, b) => a - b);
            assert.deepEqual(
              lines,
              Array.from({ length: count }, (_, line) => line),
            );
            let found = 0;
            for (const block of blocks) {
              block.lines.forEach((line, i) => {
                for (let k = 0; k < block.width; k++) {
                  const place = block.places[i * block.width + k] as number;
                  if (place === padding) continue;
                  found++;
                  const [row, column] = side === 'rows' ? [line, place] : [place, line];
                  assert.equal(block.values[i * block.width + k], Math.fround((matrix[row]?.[column] as number) - 1));
                  assert.equal(block.weights?.[i * block.width + k], weightAt(row, column));
                }
              });
            }
            assert.equal(found, observations.X.length);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('conjugateGradients', () => {
  it('solves small systems in as many steps as they have unknowns', () => {
    const size = 4;
    const { data } = randomNormal([3 * size * size], { seed: 8 });
    const symmetric: number[][][] = [0, 1, 2].map((s) =>
      Array.from({ length: size }, (_, i) =>
        Array.from({ length: size }, (_, j) => {
          let sum = i === j ? 0.5 : 0;
          for (let k = 0; k < size; k++) {
            sum += (data[s * 16 + k * size + i] as number) * (data[s * 16 + k * size + j] as number);
          }
          return sum;
        }),
      ),
    );
    const A = constant({ data: Float64Array.from(symmetric.flat(2)), shape: [3, size, size] });
    const solution = [1, -2, 0.5, 3];
    const right = symmetric.map((matrix) =>
      matrix.map((row) => row.reduce((sum, a, j) => sum + a * (solution[j] as number), 0)),
    );
    const residual = constant({ data: Float64Array.from(right.flat()), shape: [3, size] });
    const diagonal = constant({
      data: Float64Array.from(symmetric.flatMap((m) => m.map((row, i) => row[i] as number))),
      shape: [3, size],
    });
    const found = conjugateGradients((p) => A.mul(unsqueeze(p, 1)).sum(2), residual, diagonal, size);
    const [values] = evaluate([found]);
    values?.data.forEach((value, at) => assert.ok(Math.abs(value - (solution[at % size] as number)) < 1e-8));
  });

  it('stays where a system is solved or singular', () => {
    const zero = constant({ data: new Float64Array(6), shape: [2, 3] });
    const [values] = evaluate([conjugateGradients((p) => p.mul(0), zero, zero, 4)]);
    assert.deepEqual([...(values?.data ?? [])], [0, 0, 0, 0, 0, 0]);
  });
});
