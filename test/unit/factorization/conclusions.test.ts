import assert from 'node:assert/strict';
import { concludeFrom } from '../../../src/factorization/conclusions';
import { defaultModel } from '../../../src/factorization/model';
import { gatherObservations } from '../../../src/factorization/observations';
import { datasetOf } from '../../support/datasets';
import { restartOf } from '../../support/factorizations';

describe('the conclusions of a result', () => {
  const never = new AbortController().signal;
  const exact = [
    [1, 2],
    [2, 4],
    [3, 6],
  ];
  const factors = { W: Float32Array.of(1, 2, 3), H: Float32Array.of(1, 2) };
  const conclude = async (restarts: ReturnType<typeof restartOf>[], ended: [number, Float32Array][], stopped = false) =>
    concludeFrom(
      defaultModel,
      await gatherObservations(datasetOf(exact)),
      1,
      { restarts, best: 0, factors },
      new Map(ended),
      { signal: never, iterating: 1, stopped },
    );

  it('are a bound that is reached and a minimum, for exact factors', async () => {
    const { optimum, curvature, restartSpread } = await conclude([restartOf({ objective: 0 })], [[0, factors.H]]);
    assert.ok(optimum.kind === 'eckart-young' && optimum.bound < 1e-9 && optimum.gap === 0, JSON.stringify(optimum));
    assert.equal(curvature.kind, 'minimum');
    assert.equal(restartSpread, undefined);
  });

  it('compare the restarts that came to an end, and not those that diverged', async () => {
    const restarts = [
      restartOf({ objective: 1 }),
      restartOf({ objective: 3 }),
      restartOf({ objective: 9, stopReason: 'diverged' }),
    ];
    const { restartSpread } = await conclude(restarts, [
      [0, factors.H],
      // Parallel, so as alike as can be, in the other direction and longer.
      [1, Float32Array.of(-3, -6)],
      [2, Float32Array.of(2, -1)],
    ]);
    assert.deepEqual([restartSpread?.best, restartSpread?.worst, restartSpread?.relative], [1, 3, 2]);
    const [similarity = NaN] = restartSpread?.componentSimilarity ?? [];
    assert.ok(Math.abs(similarity - 1) < 1e-6, String(similarity));
  });

  it('are left out of a run that was stopped, and say so', async () => {
    const { optimum, curvature } = await conclude([restartOf()], [], true);
    for (const none of [optimum, curvature]) {
      assert.ok(none.kind === 'none');
      assert.match(none.reason, /run was stopped/);
    }
  });
});
