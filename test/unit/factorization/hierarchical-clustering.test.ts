import assert from 'node:assert/strict';
import fc from 'fast-check';
import { averageLinkage, copheneticCorrelation } from '../../../src/factorization/diagnostics/consensus';
import { clusterings } from '../../support/datasets';

/** The symmetric matrix of SciPy's condensed distances. */
function squareOf(condensed: readonly number[], size: number): Float64Array {
  const square = new Float64Array(size * size);
  let at = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) square[i * size + j] = square[j * size + i] = condensed[at++] as number;
  }
  return square;
}

describe('averageLinkage', () => {
  for (const { size, distances, cophenetic, coefficient, cut, sizes } of clusterings().distances) {
    it(`has the tree, its cut and its cophenetic correlation as SciPy does for ${size} items`, () => {
      const square = squareOf(distances, size);
      const found = averageLinkage(square, size);
      squareOf(cophenetic, size).forEach((expected, at) => {
        assert.ok(Math.abs((found.cophenetic[at] as number) - expected) < 1e-10 * size ** 2);
      });
      const correlation = copheneticCorrelation(square, found.cophenetic, size) ?? NaN;
      assert.ok(Math.abs(correlation - coefficient) < 1e-12, `${correlation}, not ${coefficient}`);
      assert.deepEqual(
        found.cut(cut).sort((a, b) => a - b),
        sizes,
      );
    });
  }

  it('orders the items so that those of every branch lie together, however many are equally far apart', () => {
    const distances = fc
      .integer({ min: 1, max: 9 })
      .chain((size) => fc.tuple(fc.constant(size), fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 81 })));
    fc.assert(
      fc.property(distances, fc.integer({ min: 1, max: 12 }), ([size, numbers], branches) => {
        const square = squareOf(numbers, size);
        const { order, cophenetic, cut } = averageLinkage(square, size);
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          Array.from({ length: size }, (_, i) => i),
        );
        // Along the order, two leaves are as far apart as the highest branch point between them.
        for (let a = 0; a < size; a++) {
          let highest = 0;
          for (let b = a + 1; b < size; b++) {
            const [before, item] = [order[b - 1] as number, order[b] as number];
            highest = Math.max(highest, cophenetic[before * size + item] as number);
            assert.equal(cophenetic[(order[a] as number) * size + item], highest);
          }
        }
        const sizes = cut(branches);
        const steps = order.slice(1).map((item, k) => cophenetic[(order[k] as number) * size + item] as number);
        assert.equal(sizes.length, Math.min(branches, 1 + steps.filter((height) => height > 0).length));
        assert.equal(
          sizes.reduce((sum, part) => sum + part, 0),
          size,
        );
      }),
    );
  });
});

describe('copheneticCorrelation', () => {
  it('is undefined where all distances are alike, and for one item', () => {
    const alike = squareOf([0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 4);
    assert.equal(copheneticCorrelation(alike, averageLinkage(alike, 4).cophenetic, 4), undefined);
    assert.equal(
      copheneticCorrelation(Float64Array.of(0), averageLinkage(Float64Array.of(0), 1).cophenetic, 1),
      undefined,
    );
  });
});
