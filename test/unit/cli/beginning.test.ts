import assert from 'node:assert/strict';
import { beginningOf } from '../../../src/cli/run';
import { factorizationOf } from '../../support/factorizations';

describe('what runs begin with from a file', () => {
  it('is the factors, where they came from, and the name of the file without its folder', () => {
    const result = factorizationOf();
    assert.deepEqual(beginningOf(result, 'folder/earlier.factors.npz'), {
      name: 'earlier.factors.npz',
      rows: 3,
      columns: 2,
      rank: 1,
      W: Float32Array.of(1, 2, 3),
      H: Float32Array.of(4, 5),
      source: result.source,
      columnLabels: ['x', 'y'],
    });
  });

  it('has the biases of a model that has them', () => {
    const biases = { mean: 2, rows: Float32Array.of(1, 2, 3), columns: Float32Array.of(4, 5) };
    const { columnLabels: _, ...nameless } = factorizationOf({ biases });
    const begin = beginningOf(nameless, 'earlier.factors.npz');
    assert.deepEqual(begin.biases, biases);
    assert.ok(!('columnLabels' in begin));
  });
});
