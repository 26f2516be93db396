import type { RankPoint } from '../../../src/factorization/rank/findings';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomNormal, randomSource } from '../../../src/engine';
import { presetModel } from '../../../src/model/presets';
import { defaultModel, type Model } from '../../../src/model/model';
import { defaultRankSearch } from '../../../src/model/run';
import { namedSolvers, type NamedSolverOptions } from '../../../src/model/solvers';
import { defaultStopping } from '../../../src/model/stopping';
import { gatherObservations, withoutEntries } from '../../../src/factorization/observations';
import { drawFolds, heldOutError } from '../../../src/factorization/rank/held-out';
import { selectRank, type RankControl, type RankSelection } from '../../../src/factorization/rank/selection';
import { candidateRanks, smallestWithinOneError } from '../../../src/factorization/rank/curve';
import { screeOf } from '../../../src/factorization/diagnostics/eckart-young';
import { findSpectrum } from '../../../src/factorization/linear-algebra/svd';
import { datasetOf } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

/** W·H with random factors of the given rank, and noise of the given standard deviation. */
function planted(rows: number, columns: number, rank: number, noise: number, seed: number): number[][] {
  const W = randomNormal([rows, rank], { seed }).data;
  const H = randomNormal([rank, columns], { seed: seed + 1 }).data;
  const E = randomNormal([rows, columns], { seed: seed + 2 }).data;
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => {
      let sum = noise * (E[i * columns + j] as number);
      for (let k = 0; k < rank; k++) sum += (W[i * rank + k] as number) * (H[k * columns + j] as number);
      return sum;
    }),
  );
}

const patientControl: RankControl = {
  signal: new AbortController().signal,
  shouldStop: () => false,
  onRun: () => undefined,
};

async function select(
  rows: readonly (readonly number[])[],
  {
    most = 12,
    seed = 0,
    model = defaultModel,
    solver = namedSolvers.ngd,
  }: { most?: number; seed?: number; model?: Model; solver?: NamedSolverOptions } = {},
  control: Partial<RankControl> = {},
): Promise<RankSelection> {
  return selectRank(
    await gatherObservations(datasetOf(rows)),
    { model, solver, stopping: defaultStopping, seed, device: 'cpu' },
    { ...defaultRankSearch, most },
    { ...patientControl, ...control },
  );
}

describe('drawFolds', () => {
  it('draws disjoint sets of observed entries, the same for the same seed, none taking over half of a line', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom(1, 2, NaN), { minLength: 5, maxLength: 5 }), { minLength: 2, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 1000 }),
        async (rows, folds, seed) => {
          const observations = await gatherObservations(datasetOf(rows));
          const options = { folds, fraction: 0.2, seed };
          const drawn = drawFolds(observations, options);
          assert.deepEqual(drawn, drawFolds(observations, options));
          assert.equal(drawn.length, folds);
          const all = drawn.flatMap((entries) => Array.from(entries));
          assert.equal(new Set(all).size, all.length);
          const flat = rows.flat();
          for (const at of all) assert.ok(!Number.isNaN(flat[at]));
          for (const entries of drawn) {
            rows.forEach((row, i) => {
              const observed = row.filter((x) => !Number.isNaN(x)).length;
              assert.ok(entries.filter((at) => Math.floor(at / 5) === i).length <= observed / 2);
            });
          }
        },
      ),
    );
  });

  it('draws about the fraction asked for, and other entries for another seed', async () => {
    const observations = await gatherObservations(datasetOf(planted(100, 40, 1, 1, 0)));
    const drawn = drawFolds(observations, { folds: 5, fraction: 0.1, seed: 3 });
    for (const entries of drawn) assert.ok(Math.abs(entries.length - 400) < 80, String(entries.length));
    assert.notDeepEqual(drawn, drawFolds(observations, { folds: 5, fraction: 0.1, seed: 4 }));
  });
});

describe('withoutEntries', () => {
  it('removes every trace of the values', async () => {
    const rows = [[1, 2, NaN], [4, 50, 6]]; // prettier-ignore
    const kept = withoutEntries(await gatherObservations(datasetOf(rows)), Uint32Array.of(1, 4));
    const absent = await gatherObservations(datasetOf([[1, NaN, NaN], [4, NaN, 6]])); // prettier-ignore
    assert.deepEqual(kept, absent);
  });
});

describe('heldOutError', () => {
  it('is computed from the entries alone', async () => {
    const observations = await gatherObservations(datasetOf([[1, 2], [3, 4]])); // prettier-ignore
    const factors = { W: Float32Array.of(1, 2), H: Float32Array.of(1, 1) };
    const error = heldOutError(observations, Uint32Array.of(1, 3), factors, 1, defaultModel);
    assert.deepEqual(error, { rmse: Math.sqrt((1 + 4) / 2), mae: 1.5, meanLoss: 2.5, entries: 2 });
  });
});

describe('selectRank', function () {
  this.timeout(180_000);

  for (const rank of [1, 3, 5]) {
    it(`finds a planted rank of ${rank} under noise`, async () => {
      const selection = await select(planted(80, 40, rank, 0.5, 10 * rank));
      assert.equal(selection.rank, rank, JSON.stringify(selection.curve));
    });
  }

  it('finds it among missing entries too', async () => {
    const rows = planted(80, 40, 2, 0.3, 5).map((row, i) => row.map((x, j) => ((7 * i + 3 * j) % 5 === 0 ? NaN : x)));
    assert.equal((await select(rows)).rank, 2);
  });

  it('gives the same curve for the same seed and another for another', async () => {
    const rows = planted(30, 20, 2, 0.5, 1);
    const [one, two, other] = await Promise.all([
      select(rows, { most: 3 }),
      select(rows, { most: 3 }),
      select(rows, { most: 3, seed: 1 }),
    ]);
    assert.deepEqual(one, two);
    assert.notDeepEqual(one.curve, other.curve);
    assert.deepEqual(
      one.curve.map(({ rank }) => rank),
      [1, 2, 3],
    );
  });

  it('ends with what it has when it is told to stop', async () => {
    let runs = 0;
    const rows = planted(30, 20, 3, 0.1, 1);
    const stopped = await select(rows, {}, { onRun: () => runs++, shouldStop: () => runs >= 10 });
    assert.deepEqual(
      stopped.curve.map(({ rank }) => rank),
      [1, 2],
    );
    const never = await select(rows, {}, { shouldStop: () => true });
    assert.deepEqual([never.rank, never.curve], [1, []]);
  });

  it('tells what the fits of each rank explain, and whether they agree', async () => {
    // Three blocks of columns, each row having one of them: at rank 3 the groups are plain.
    const rows = Array.from({ length: 36 }, (_, i) =>
      Array.from({ length: 12 }, (_, j) => (Math.floor(j / 4) === i % 3 ? 5 + ((i + j) % 3) : ((i * j) % 5) / 10)),
    );
    const model: Model = {
      ...defaultModel,
      constraints: { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } },
    };
    const { curve } = await select(rows, { most: 4, model, solver: { id: 'apg', inner: 10 } });
    const [one, two, three] = curve as [RankPoint, RankPoint, RankPoint];
    assert.deepEqual(
      curve.map(({ rank }) => rank),
      [1, 2, 3, 4],
    );
    assert.equal('cophenetic' in one, false);
    assert.ok((three.cophenetic as number) > 0.99, String(three.cophenetic));
    assert.ok((two.cophenetic as number) < (three.cophenetic as number), String(two.cophenetic));
    // With fits to nine tenths of the data, about what the best of each rank explains of all.
    const observations = await gatherObservations(datasetOf(rows));
    const scree = screeOf(await findSpectrum(observations, 4, { seconds: 60 }), observations);
    assert.ok(scree.kind === 'singular-values');
    for (const { rank, explainedVariance = NaN } of curve) {
      const most = scree.explainedVariance[rank - 1] as number;
      assert.ok(Math.abs(explainedVariance - most) < 0.06, `rank ${rank}: ${explainedVariance}, not ${most}`);
    }
    const rotated = await select(rows, { most: 2 });
    assert.ok(rotated.curve.every((point) => !('cophenetic' in point) && Number.isFinite(point.explainedVariance)));
  });

  it('tries rank 1 where there is nothing else', async () => {
    assert.equal((await select([[1], [2], [3], [4]])).rank, 1); // prettier-ignore
  });
});

describe('the rank of data that have a planted one', function () {
  this.timeout(180_000);

  /** Zeros and ones whose log-odds have four factors. */
  const binary = (rows: number, columns: number, size: number, seed: number): number[][] => {
    const random = randomSource(seed + 77);
    return planted(rows, columns, 4, 0, seed).map((row) =>
      row.map((y) => (random() < 1 / (1 + Math.exp(-size * y)) ? 1 : 0)),
    );
  };
  /** Sums of four non-negative parts, and some noise. */
  const parts = (rows: number, columns: number, noise: number, seed: number): number[][] => {
    const [W, H, E] = [[rows, 4], [4, columns], [rows, columns]].map((shape, k) =>
      randomNormal(shape, { seed: seed + 1000 * k }).data,
    ) as [Float32Array, Float32Array, Float32Array]; // prettier-ignore
    return Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (__, j) => {
        let sum = noise * E[i * columns + j]!;
        for (let k = 0; k < 4; k++) sum += Math.max(0, W[i * 4 + k]!) * Math.max(0, H[k * columns + j]!);
        return Math.max(0, sum);
      }),
    );
  };
  const tables = {
    'binary, 100 × 30': { preset: 'binary', of: (seed: number) => binary(100, 30, 1, seed) },
    'binary, 200 × 40': { preset: 'binary', of: (seed: number) => binary(200, 40, 1.5, seed) },
    'binary, 80 × 80': { preset: 'binary', of: (seed: number) => binary(80, 80, 2, seed) },
    'NMF, 80 × 30': { preset: 'nmf', of: (seed: number) => parts(80, 30, 0.1, seed) },
  } as const;
  for (const [name, { preset, of }] of Object.entries(tables)) {
    for (const seed of [1, 2, 3]) {
      it(`is found by default: ${name}, seed ${seed}`, async () => {
        const { rank, rankCurve } = await factorizing(
          datasetOf(of(seed)),
          { model: presetModel(preset), rankSearch: defaultRankSearch },
          { diagnose: 'none' },
        );
        assert.equal(rank, 4, JSON.stringify(rankCurve));
      });
    }
  }

  it('is 1 where no rank foretells better than the column means', async () => {
    const draws = randomNormal([60 * 12], { seed: 5 }).data;
    const white = Array.from({ length: 60 }, (_, i) => Array.from({ length: 12 }, (__, j) => draws[i * 12 + j]!));
    const { rank, rankCurve, warnings } = await factorizing(
      datasetOf(white),
      { rankSearch: defaultRankSearch },
      { diagnose: 'none' },
    );
    assert.ok((rankCurve?.length ?? 0) > 1);
    assert.equal(rank, 1);
    assert.ok(warnings.some((text) => text.startsWith('No rank beats the column means')));
  });
});

describe('smallestWithinOneError', () => {
  it('takes the error of the difference where folds were compared one by one', () => {
    // Folds differ by far more than ranks do within each.
    const curve = [
      { rank: 1, error: 11, standardError: 3 },
      { rank: 2, error: 10, standardError: 3 },
      { rank: 3, error: 9.9, standardError: 3 },
    ];
    assert.equal(smallestWithinOneError(curve), 1);
    const losses = new Map([
      [1, [5, 11, 17]],
      [2, [4, 10.2, 15.8]],
      [3, [4, 9.9, 15.8]],
    ]);
    assert.equal(smallestWithinOneError(curve, losses), 2);
  });

  it('prefers the smallest rank that is as good as the best within its standard error', () => {
    const point = (rank: number, error: number, standardError = 0.1) => ({ rank, error, standardError });
    assert.equal(smallestWithinOneError([point(1, 5), point(2, 1.09), point(3, 1), point(4, 1.2)]), 2);
    assert.equal(smallestWithinOneError([point(1, 5), point(2, 1.11), point(3, 1)]), 3);
  });
});

describe('candidateRanks', () => {
  it('increases and ends at the highest', () => {
    for (const most of [1, 2, 7, 8, 9, 30, 64]) {
      const ranks = candidateRanks(most);
      assert.equal(ranks[0], 1);
      assert.equal(ranks.at(-1), most);
      assert.deepEqual(
        ranks,
        [...new Set(ranks)].sort((a, b) => a - b),
      );
    }
  });
});
