import assert from 'node:assert/strict';
import { resultState } from '../../../src/inspector/state';
import { applyProgress } from '../../../src/protocol/apply-progress';
import { factorizationOf, traceOf } from '../../support/factorizations';

describe('what an increment makes of a state', () => {
  const preview = (rows: number, columns: number) => ({
    rows,
    columns,
    rowStep: 1,
    columnStep: 1,
    values: new Float32Array(rows * columns),
  });

  it('keeps the labels of factors, and draws no row of an H as an image that may be thinned', () => {
    const before = resultState(factorizationOf({ drawing: { width: 2, height: 1, channels: 1 }, rowLabels: ['a'] }));
    assert.ok(before.factors?.drawing);
    const increment = { restart: 0, seed: 0, points: traceOf([500, 1]), rate: 0, elapsed: 1, remaining: 0 };
    const { factors } = applyProgress(before, { ...increment, factors: { W: preview(1, 2), H: preview(2, 2) } });
    assert.deepEqual(factors?.rowLabels, ['a']);
    assert.equal(factors?.drawing, undefined);
    assert.equal(applyProgress(before, increment).factors, before.factors);
  });
});
