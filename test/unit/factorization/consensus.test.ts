import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomNormal } from '../../../src/engine';
import {
  matchedSimilarity,
  similaritiesTo,
  spaceSimilarity,
  spreadOf,
  bestAssignment,
} from '../../../src/factorization/diagnostics/restart-spread';

/** The greatest total by trying every permutation. */
function greatestTotal(values: readonly number[], size: number): number {
  const search = (row: number, used: ReadonlySet<number>): number => {
    if (row === size) return 0;
    let best = -Infinity;
    for (let column = 0; column < size; column++) {
      if (used.has(column)) continue;
      best = Math.max(best, (values[row * size + column] as number) + search(row + 1, new Set([...used, column])));
    }
    return best;
  };
  return search(0, new Set());
}

describe('bestAssignment', () => {
  it('reaches the total of the best of all permutations', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }).chain((size) =>
          fc.record({
            size: fc.constant(size),
            values: fc.array(fc.integer({ min: -5, max: 9 }), { minLength: size * size, maxLength: size * size }),
          }),
        ),
        ({ size, values }) => {
          const columns = bestAssignment(Float64Array.from(values), size);
          assert.equal(new Set(columns).size, size);
          const total = columns.reduce((sum, column, row) => sum + (values[row * size + column] as number), 0);
          assert.equal(total, greatestTotal(values, size));
        },
      ),
    );
  });
});

describe('matchedSimilarity', () => {
  it('is 1 for the same components in another order, scale and sign', () => {
    const rank = 4;
    const H = randomNormal([rank, 9], { seed: 1 }).data;
    const order = [2, 0, 3, 1];
    const scales = [-3, 0.1, 7, -1];
    const other = Float32Array.from({ length: rank * 9 }, (_, at) => {
      const k = Math.floor(at / 9);
      return (scales[k] as number) * (H[(order[k] as number) * 9 + (at % 9)] as number);
    });
    for (const value of matchedSimilarity(Float32Array.from(H), other, rank)) assert.ok(Math.abs(value - 1) < 1e-6);
  });

  it('is the cosine where components differ', () => {
    const a = Float32Array.of(1, 0, 0, 0, 1, 0);
    const b = Float32Array.of(0, 1, 1, 1, 0, 0);
    const [first, second] = matchedSimilarity(a, b, 2) as [number, number];
    assert.ok(Math.abs(first - 1) < 1e-12);
    assert.ok(Math.abs(second - Math.SQRT1_2) < 1e-7);
  });

  it('counts a component of zeros as unlike any', () => {
    assert.deepEqual(matchedSimilarity(Float32Array.of(0, 0, 1, 0), Float32Array.of(1, 0, 0, 1), 2), [0, 1]);
  });
});

describe('spaceSimilarity', () => {
  it('is 1 for mixtures of the same rows and 0 for orthogonal ones', () => {
    const a = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0);
    const mixed = Float32Array.of(1, 1, 0, 0, 1, -2, 0, 0);
    assert.ok(Math.abs(spaceSimilarity(a, mixed, 2) - 1) < 1e-6);
    assert.ok(spaceSimilarity(a, Float32Array.of(0, 0, 1, 0, 0, 0, 1, 1), 2) < 1e-12);
    assert.ok(Math.abs(spaceSimilarity(a, Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1), 2) - 0.5) < 1e-12);
  });
});

describe('similaritiesTo', () => {
  it('averages over the other restarts, and is absent where there are none', () => {
    const kept = Float32Array.of(1, 0, 0, 1);
    const { componentSimilarity } = similaritiesTo(kept, [kept, Float32Array.of(1, 0, 1, 0)], 2);
    assert.deepEqual(componentSimilarity, [1, 0.5]);
    assert.deepEqual(similaritiesTo(kept, [], 2), {});
  });
});

describe('spreadOf', () => {
  const ended = (objective: number, stopReason: 'converged' | 'diverged' = 'converged') => ({ objective, stopReason });

  it('tells least, middle and greatest objective', () => {
    assert.deepEqual(spreadOf([ended(12), ended(10), ended(11), ended(15)]), {
      best: 10,
      median: 11.5,
      worst: 15,
      relative: 0.5,
    });
  });

  it('leaves out restarts that diverged, and says nothing of fewer than two', () => {
    assert.equal(spreadOf([ended(12), ended(NaN, 'diverged')]), undefined);
    assert.equal(spreadOf([ended(0), ended(0)])?.relative, 0);
  });
});
