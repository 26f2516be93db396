import assert from 'node:assert/strict';
import { diagnose, endedRestart } from '../../../src/factorization/diagnostics/diagnostics';
import { defaultModel, type Model } from '../../../src/model/model';
import { gatherObservations } from '../../../src/factorization/observations';
import { datasetOf } from '../../support/datasets';
import { restartOf } from '../../support/factorizations';

describe('the diagnosis of a result', () => {
  const never = new AbortController().signal;
  const exact = [
    [1, 2],
    [2, 4],
    [3, 6],
  ];
  const factors = { W: Float32Array.of(1, 2, 3), H: Float32Array.of(1, 2) };
  const rows = [0, 1, 2];
  const conclude = async (
    restarts: ReturnType<typeof restartOf>[],
    ended: [number, Float32Array][],
    { stopped = false, model = defaultModel, rank = 1, seconds = 2 } = {},
  ) =>
    diagnose(
      model,
      await gatherObservations(datasetOf(exact)),
      rank,
      { restarts, best: 0, factors },
      new Map(ended.map(([index, H]) => [index, endedRestart({ W: factors.W, H }, 1, rows)])),
      rows,
      { signal: never, seconds, shouldStop: () => stopped },
    );

  it('are a bound that is reached, for exact factors, which leaves nothing to ask of the curvature', async () => {
    const { optimum, curvature, restartSpread } = await conclude([restartOf({ objective: 0 })], [[0, factors.H]]);
    assert.ok(optimum.kind === 'eckart-young' && optimum.bound < 1e-9 && optimum.gap === 0, JSON.stringify(optimum));
    assert.ok(curvature.kind === 'none' && /reaches the bound/.test(curvature.reason), JSON.stringify(curvature));
    assert.equal(restartSpread, undefined);
  });

  it('ask nothing of the curvature where the bound leaves less than the digits that are shown', async () => {
    const spread = [[3, 0], [0, 1], [0, 0]]; // prettier-ignore
    const { optimum, curvature } = await diagnose(
      defaultModel,
      await gatherObservations(datasetOf(spread)),
      1,
      // Of rank 1, ΣX² − σ₁² = 1 is the least.
      { restarts: [restartOf({ objective: 1 + 2e-7 })], best: 0, factors },
      new Map(),
      rows,
      { signal: never, seconds: 2, shouldStop: () => false },
    );
    assert.ok(optimum.kind === 'eckart-young' && Math.abs(optimum.gap - 2e-7) < 1e-9, JSON.stringify(optimum));
    assert.ok(curvature.kind === 'none' && /more than 0\.00002 % of itself/.test(curvature.reason), curvature.kind);
  });

  it('say what was not examined for want of time, and how it is', async () => {
    const { curvature } = await conclude([restartOf({ objective: 1e-6 })], [[0, factors.H]], { seconds: 0 });
    assert.ok(curvature.kind === 'none' && /within the time that the run took.*--diagnose full/.test(curvature.reason));
  });

  it('are a minimum where the objective is above the bound', async () => {
    const { optimum, curvature } = await conclude([restartOf({ objective: 1e-6 })], [[0, factors.H]]);
    assert.ok(optimum.kind === 'eckart-young' && optimum.gap > 0.9, JSON.stringify(optimum));
    assert.equal(curvature.kind, 'minimum');
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
    const { optimum, curvature, scree } = await conclude([restartOf()], [], { stopped: true });
    for (const none of [optimum, curvature, scree]) {
      assert.ok(none.kind === 'none');
      assert.match(none.reason, /run was stopped/);
    }
  });

  it('have the singular values of the data', async () => {
    const { scree } = await conclude([restartOf()], [[0, factors.H]]);
    assert.ok(scree.kind === 'singular-values' && scree.complete);
    // Rank 1: ‖(1, 2, 3)‖·‖(1, 2)‖, and nothing else.
    assert.ok(Math.abs((scree.values[0] as number) - Math.sqrt(70)) < 1e-6);
    assert.deepEqual(scree.values.slice(1), [0]);
    assert.deepEqual(scree.explainedVariance, [1, 1]);
  });

  describe('of several restarts', () => {
    const nonNegative: Model = {
      ...defaultModel,
      constraints: { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } },
    };
    const observations = gatherObservations(datasetOf(exact));
    const H = Float32Array.of(1, 0, 0, 1);
    const agreement = async (
      runs: { W: number[]; stopReason?: 'diverged' }[],
      { model = nonNegative, rank = 2, continued = false } = {},
    ) => {
      const ended = runs.map(({ W }, index) => [index, endedRestart({ W: Float32Array.from(W), H }, 2, rows)] as const);
      const { consensus } = await diagnose(
        model,
        await observations,
        rank,
        {
          restarts: runs.map(({ stopReason }) => restartOf(stopReason && { stopReason })),
          best: 0,
          factors: { W: Float32Array.from(runs[0]?.W ?? []), H },
        },
        new Map(continued ? ended.slice(0, 1) : ended),
        rows,
        { signal: never, seconds: 2, shouldStop: () => true },
      );
      return consensus;
    };
    const first = { W: [2, 1, 1, 3, 0, 4] };
    const swapped = { W: [1, 2, 3, 1, 4, 0] };
    const different = { W: [2, 1, 3, 1, 0, 4] };

    it('tell how far those agree that came to an end', async () => {
      const agreed = await agreement([first, swapped, { ...different, stopReason: 'diverged' }]);
      assert.ok(agreed.kind === 'consensus');
      assert.deepEqual([agreed.restarts, agreed.cophenetic, agreed.dispersion, agreed.rows], [2, 1, 1, [0, 1, 2]]);
      assert.deepEqual(agreed.matrix, Float32Array.of(1, 0, 0, 0, 1, 1, 0, 1, 1));
      const split = await agreement([first, different]);
      assert.ok(split.kind === 'consensus');
      assert.deepEqual(split.matrix, Float32Array.of(1, 0.5, 0, 0.5, 1, 0.5, 0, 0.5, 1));
    });

    it('say why there is nothing to agree on', async () => {
      const reasons: [ReturnType<typeof agreement>, RegExp][] = [
        [agreement([first]), /one restart/],
        [agreement([first, swapped], { rank: 1 }), /one component/],
        [agreement([first, swapped], { model: defaultModel }), /rotation/],
        [agreement([first, swapped], { continued: true }), /continued/],
        [agreement([first, { ...swapped, stopReason: 'diverged' }]), /diverged/],
      ];
      for (const [found, words] of reasons) {
        const consensus = await found;
        assert.ok(consensus.kind === 'none');
        assert.match(consensus.reason, words);
      }
    });
  });
});
