import type { Curvature } from '../../../src/factorization/diagnostics/findings';
import assert from 'node:assert/strict';
import { randomNormal } from '../../../src/engine';
import { smallestCurvature } from '../../../src/factorization/diagnostics/curvature';
import { symmetryProjection } from '../../../src/factorization/diagnostics/symmetries';
import type { Direction } from '../../../src/factorization/diagnostics/derivatives';
import { extremeEigenvalues } from '../../../src/factorization/diagnostics/extreme-eigenvalues';
import { truncatedSvd } from '../../../src/factorization/linear-algebra/svd';
import { symmetricEigen, symmetricEigenvalues } from '../../../src/factorization/linear-algebra/symmetric';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { gatherObservations } from '../../../src/factorization/observations';
import type { Factors } from '../../../src/factorization/factors';
import { datasetOf, digits, mutations } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

const ridge = (l2: number): Model => ({
  ...defaultModel,
  penalties: { W: { ...noPenalty, l2 }, H: { ...noPenalty, l2 } },
});

const nonNegative: Model = {
  ...defaultModel,
  constraints: { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } },
};

const rows = mutations().map((row) => row.map((x) => x / 1000));

/** Factors whose product has only the chosen singular pairs, each value lessened by `less`: stationary points of ridge. */
async function singularPoint(chosen: readonly number[], less = 0): Promise<{ factors: Factors; values: number[] }> {
  const { values, left, right } = await truncatedSvd(await gatherObservations(datasetOf(rows)), 21);
  const rank = chosen.length;
  const W = new Float32Array(96 * rank);
  const H = new Float32Array(rank * 21);
  chosen.forEach((pair, k) => {
    const root = Math.sqrt((values[pair] as number) - less);
    for (let i = 0; i < 96; i++) W[i * rank + k] = root * (left[pair * 96 + i] as number);
    for (let j = 0; j < 21; j++) H[k * 21 + j] = root * (right[pair * 21 + j] as number);
  });
  return { factors: { W, H }, values: Array.from(values) };
}

async function curvatureOf(
  data: readonly (readonly number[])[],
  model: Model,
  rank: number,
  factors: Factors,
  seconds = 60,
): Promise<Curvature> {
  return smallestCurvature(model, await gatherObservations(datasetOf(data)), rank, factors, {
    deadline: performance.now() + 1000 * seconds,
  });
}

type Found = Exclude<Curvature, { kind: 'none' }>;

function found(curvature: Curvature, kind: Found['kind']): Found {
  assert.ok(curvature.kind !== 'none' && curvature.kind === kind, JSON.stringify(curvature));
  return curvature;
}

function reasonOf(curvature: Curvature): string {
  assert.ok(curvature.kind === 'none', JSON.stringify(curvature));
  return curvature.reason;
}

describe('smallestCurvature', function () {
  this.timeout(60_000);

  it('calls the best rank-2 approximation a minimum, although mixing its components changes nothing', async () => {
    const { factors } = await singularPoint([0, 1]);
    const { smallest, resolution } = found(await curvatureOf(rows, defaultModel, 2, factors), 'minimum');
    assert.ok(smallest > -resolution);
  });

  it('calls an approximation by lesser components a saddle, of the curvature 2(σ₂ − σ₁)', async () => {
    const { factors, values } = await singularPoint([1]);
    const { smallest } = found(await curvatureOf(rows, defaultModel, 1, factors), 'saddle');
    const expected = 2 * ((values[1] as number) - (values[0] as number));
    assert.ok(Math.abs(smallest - expected) < 1e-4 * Math.abs(expected), `${smallest}, not ${expected}`);
  });

  it('finds zero factors under ridge a saddle of the curvature 2(λ − σ₁), or a minimum where λ is larger', async () => {
    const { values } = await singularPoint([0]);
    const zero = { W: new Float32Array(96 * 2), H: new Float32Array(2 * 21) };
    const sigma = values[0] as number;
    const low = found(await curvatureOf(rows, ridge(1), 2, zero), 'saddle');
    assert.ok(Math.abs(low.smallest - 2 * (1 - sigma)) < 1e-4 * sigma, String(low.smallest));
    const high = found(await curvatureOf(rows, ridge(sigma + 3), 2, zero), 'minimum');
    assert.ok(Math.abs(high.smallest - 6) < 1e-2, String(high.smallest));
  });

  it('finds the ridge optimum of rank 1 a minimum of the curvature min(2(σ₁ − σ₂), 4λ)', async () => {
    const { factors, values } = await singularPoint([0], 0.5);
    const { smallest } = found(await curvatureOf(rows, ridge(0.5), 1, factors), 'minimum');
    const expected = Math.min(2 * ((values[0] as number) - (values[1] as number)), 2);
    assert.ok(Math.abs(smallest - expected) < 1e-2, `${smallest}, not ${expected}`);
  });

  it('sees through the rotations that ridge leaves free', async () => {
    const { factors } = await singularPoint([0, 1, 2], 0.2);
    found(await curvatureOf(rows, ridge(0.2), 3, factors), 'minimum');
    const skipped = await singularPoint([0, 2], 0.2);
    found(await curvatureOf(rows, ridge(0.2), 2, skipped.factors), 'saddle');
  });

  it('tells a minimum of NMF on digits.csv, where the spectrum is dense near zero', async () => {
    const data = digits();
    const { W, H } = await factorizing(
      datasetOf(data),
      { rank: 5, restarts: 1, model: nonNegative, solver: { id: 'auto' } },
      { diagnose: 'none' },
    );
    const { smallest, largest } = found(await curvatureOf(data, nonNegative, 5, { W, H }), 'minimum');
    assert.ok(smallest > 0 && smallest < largest / 400, `${smallest} of ${largest}`);
  });

  it('looks only where non-negative factors may go', async () => {
    // The exact factorization of a block matrix is a minimum; zeros there are held by the constraint.
    const blocks = [[1, 2, 0, 0], [2, 4, 0, 0], [0, 0, 3, 1], [0, 0, 6, 2]]; // prettier-ignore
    const factors = { W: Float32Array.of(1, 0, 2, 0, 0, 1, 0, 2), H: Float32Array.of(1, 2, 0, 0, 0, 0, 3, 1) };
    found(await curvatureOf(blocks, nonNegative, 2, factors), 'minimum');
    // Two components alike share what one of them should leave to the other: moving apart lowers the objective.
    const alike = [[1, 0], [0, 1]]; // prettier-ignore
    const half = Math.sqrt(0.25);
    const stuck = { W: new Float32Array(4).fill(half), H: new Float32Array(4).fill(half) };
    found(await curvatureOf(alike, nonNegative, 2, stuck), 'saddle');
  });

  it('says why there is none', async () => {
    const { factors } = await singularPoint([0]);
    const doubled = { W: factors.W.map((value) => 2 * value), H: factors.H };
    const moving = await curvatureOf(rows, defaultModel, 1, doubled);
    assert.match(reasonOf(moving), /stationary/);
    const notNumbers = { W: factors.W.map(() => NaN), H: factors.H };
    assert.match(reasonOf(await curvatureOf(rows, defaultModel, 1, notNumbers)), /stationary/);
    const kinked = await curvatureOf(rows, { ...defaultModel, penalties: { W: { ...noPenalty, l1: 1 }, H: noPenalty } }, 1, factors); // prettier-ignore
    assert.match(reasonOf(kinked), /kinks/);
  });
});

describe('extremeEigenvalues', () => {
  it('agrees with a whole decomposition', async () => {
    const size = 60;
    const A = new Float64Array(size * size);
    const { data } = randomNormal([size, size], { seed: 3 });
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) A[i * size + j] = (data[i * size + j] as number) + (data[j * size + i] as number);
    }
    const map = (v: Float64Array): Promise<Float64Array> =>
      Promise.resolve(
        Float64Array.from({ length: size }, (_, i) =>
          v.reduce((sum, x, j) => sum + x * (A[i * size + j] as number), 0),
        ),
      );
    const extremes = await extremeEigenvalues(map, Float64Array.from(randomNormal([size], { seed: 4 }).data), {
      products: size,
      kept: size,
      tolerance: 1e-10,
    });
    const { values } = symmetricEigen(A, size);
    assert.ok(Math.abs(extremes.largest - (values[0] as number)) < 1e-8);
    assert.ok(Math.abs(extremes.smallest - (values[size - 1] as number)) < 1e-8);
  });
});

describe('a preconditioned search for the smallest eigenvalue', () => {
  // A spectrum that is dense at its lower end, on the diagonal, and a little beside it.
  const size = 800;
  const diagonal = Float64Array.from({ length: size }, (_, i) => 1 + (i * i) / 50);
  const map = (v: Float64Array): Promise<Float64Array> =>
    Promise.resolve(v.map((x, i) => (diagonal[i] as number) * x + 0.3 * ((v[i - 1] ?? 0) + (v[i + 1] ?? 0))));
  const start = Float64Array.from(randomNormal([size], { seed: 4 }).data);
  const dense = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    dense[i * size + i] = diagonal[i] as number;
    if (i > 0) dense[i * size + i - 1] = dense[(i - 1) * size + i] = 0.3;
  }
  const options = { products: 400, kept: 24, tolerance: 1e-6 };

  it('finds that of a whole decomposition with a small part of the products', async () => {
    const smallest = symmetricEigenvalues(dense, size).at(-1) as number;
    const precondition = (v: Float64Array): Float64Array => v.map((x, i) => x / (diagonal[i] as number));
    const found = await extremeEigenvalues(map, start, { ...options, precondition });
    assert.ok(Math.abs(found.smallest - smallest) < 1e-4, `${found.smallest}, not ${smallest}`);
    assert.ok(found.products < 60, String(found.products));
    const plain = await extremeEigenvalues(map, start, options);
    assert.ok(plain.products > 3 * found.products, `${plain.products} and ${found.products}`);
  });

  it('finds a negative one that hides behind small ones', async () => {
    const planted = (v: Float64Array): Promise<Float64Array> =>
      map(v).then((image) =>
        image.map((x, i) => (i === 37 ? x - ((diagonal[37] as number) + 2) * (v[37] as number) : x)),
      );
    dense[37 * size + 37] = -2;
    const smallest = symmetricEigenvalues(dense, size).at(-1) as number;
    const precondition = (v: Float64Array): Float64Array => v.map((x, i) => x / (diagonal[i] as number));
    const found = await extremeEigenvalues(planted, start, { ...options, precondition });
    assert.ok(Math.abs(found.smallest - smallest) < 1e-4, `${found.smallest}, not ${smallest}`);
  });
});

describe('symmetryProjection', () => {
  const rank = 3;
  const direction = (seed: number): Direction => ({
    W: Float64Array.from(randomNormal([7, rank], { seed }).data),
    H: Float64Array.from(randomNormal([rank, 5], { seed: seed + 1 }).data),
  });
  const factors = direction(1);

  /** (W·A, −A·H). */
  function tangent(A: readonly number[]): Direction {
    const at = (matrix: Float64Array, i: number, j: number, width: number): number => matrix[i * width + j] as number;
    const inner = Array.from({ length: rank }, (_, l) => l);
    return {
      W: Float64Array.from({ length: 7 * rank }, (_, x) =>
        inner.reduce(
          (s, l) => s + at(factors.W, Math.floor(x / rank), l, rank) * (A[l * rank + (x % rank)] as number),
          0,
        ),
      ),
      H: Float64Array.from({ length: rank * 5 }, (_, x) =>
        inner.reduce((s, l) => s - (A[Math.floor(x / 5) * rank + l] as number) * at(factors.H, l, x % 5, 5), 0),
      ),
    };
  }
  const product = (a: Direction, b: Direction): number =>
    a.W.reduce((s, x, i) => s + x * (b.W[i] as number), 0) + a.H.reduce((s, x, i) => s + x * (b.H[i] as number), 0);

  for (const [symmetry, A] of [
    ['linear', [1, 2, 3, 4, 5, 6, 7, 8, 10]],
    ['rotation', [0, 2, -3, -2, 0, 1, 3, -1, 0]],
    ['scaling', [1, 0, 0, 0, -2, 0, 0, 0, 3]],
  ] as const) {
    it(`takes out what changes nothing (${symmetry}), and leaves what is orthogonal to it`, () => {
      const project = symmetryProjection(symmetry, factors, rank);
      const moved = tangent(A);
      const length = product(moved, moved);
      project(moved);
      assert.ok(product(moved, moved) < 1e-20 * length);
      const other = direction(5);
      const before = product(other, other);
      project(other);
      assert.ok(product(other, other) < before);
      assert.ok(Math.abs(product(other, tangent(A))) < 1e-10 * length);
      const once = { W: other.W.slice(), H: other.H.slice() };
      project(other);
      assert.ok(other.W.every((x, i) => Math.abs(x - (once.W[i] as number)) < 1e-10));
    });
  }
});
