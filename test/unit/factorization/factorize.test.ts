import assert from 'node:assert/strict';
import type { Dataset } from '../../../src/data/dataset';
import type { Factorization } from '../../../src/factorization/result';
import type { FactorizationSettings } from '../../../src/model/settings';
import type { FactorizeCallbacks } from '../../../src/factorization/runs/job';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { namedSolvers } from '../../../src/model/solvers';
import { datasetOf, digits, referenceOf } from '../../support/datasets';
import { factorizing, objectiveOf } from '../../support/factorizing';

/** With normalised gradient descent, of which these tests know what it does; the solver can be changed as anything can. */
function run(
  dataset: Dataset,
  changes: Partial<FactorizationSettings> = {},
  callbacks: Partial<FactorizeCallbacks> = {},
  from?: Factorization,
): Promise<Factorization> {
  return factorizing(dataset, { solver: namedSolvers.ngd, ...changes }, callbacks, undefined, from && { from });
}

const penalised = (l1: number, l2: number): Model => ({
  ...defaultModel,
  penalties: { W: { ...noPenalty, l1, l2 }, H: { ...noPenalty, l1, l2 } },
});

function assertClose(actual: number, expected: number, relative: number): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not within ${relative} of ${expected}`,
  );
}

/** A small matrix that has a known rank: rows are combinations of two patterns. */
const planted = Array.from({ length: 12 }, (_, i) =>
  Array.from({ length: 7 }, (_, j) => Math.fround(Math.sin(i + 1) * Math.cos(j) + (i % 3) * (j - 2))),
);

describe('factorize', function () {
  this.timeout(120_000);

  describe('on digits.csv at rank 10', () => {
    const rows = digits();
    const reference = referenceOf('digits.csv').ranks['10'];
    assert.ok(reference);

    it('comes within 1 % of the Eckart–Young bound, and never under it', async () => {
      const result = await run(datasetOf(rows), { rank: 10, restarts: 5 });
      assert.equal(result.restarts.length, 5);
      assert.ok(result.statistics.sse >= reference.eckart_young_sse * (1 - 1e-6));
      assertClose(result.statistics.sse, reference.eckart_young_sse, 0.01);
      assertClose(objectiveOf(rows, result, defaultModel), result.statistics.objective, 1e-9);
      assert.equal(result.restarts[result.best]?.objective, Math.min(...result.restarts.map((r) => r.objective)));
    });

    it('comes within 1 % of the closed form of the ridge optimum', async () => {
      const model = penalised(0, 50);
      const result = await run(datasetOf(rows), { rank: 10, restarts: 2, model });
      const optimum = reference.ridge_optimum['50'] as number;
      assert.ok(result.statistics.objective >= optimum * (1 - 1e-6));
      assertClose(result.statistics.objective, optimum, 0.01);
      assertClose(objectiveOf(rows, result, model), result.statistics.objective, 1e-9);
    });

    it('finds more exact zeros and more entries under 1e-3 the larger the L1 penalty', async () => {
      const shares: { zero: number; small: number }[] = [];
      for (const l1 of [0, 10, 100, 300]) {
        const { W, H } = await run(datasetOf(rows), { rank: 10, model: penalised(l1, 0) });
        const entries = [...W, ...H];
        shares.push({
          zero: entries.filter((v) => v === 0).length / entries.length,
          small: entries.filter((v) => Math.abs(v) < 1e-3).length / entries.length,
        });
      }
      for (let k = 1; k < shares.length; k++) {
        assert.ok((shares[k]?.zero as number) > (shares[k - 1]?.zero as number), JSON.stringify(shares));
        assert.ok((shares[k]?.small as number) > (shares[k - 1]?.small as number), JSON.stringify(shares));
      }
    });

    it('gives smaller norms the larger the L2 penalty', async () => {
      const norms: number[] = [];
      for (const l2 of [1, 50, 500]) {
        const { W, H } = await run(datasetOf(rows), { rank: 10, model: penalised(0, l2) });
        norms.push([...W, ...H].reduce((s, v) => s + v * v, 0));
      }
      assert.ok((norms[0] as number) > (norms[1] as number) && (norms[1] as number) > (norms[2] as number));
    });
  });

  it('recovers an exactly low-rank matrix', async () => {
    const result = await run(datasetOf(planted), { stopping: { iterations: 3000, tolerance: 0 }, restarts: 3 });
    assert.ok(result.statistics.relativeError < 1e-3, String(result.statistics.relativeError));
  });

  it('gives identical numbers for the same seed and others for another', async () => {
    const [first, again, other] = await Promise.all([1, 1, 2].map((seed) => run(datasetOf(planted), { seed })));
    assert.deepEqual(first?.W, again?.W);
    assert.deepEqual(first?.H, again?.H);
    assert.notDeepEqual(first?.W, other?.W);
  });

  it('makes every restart reproducible by its own seed', async () => {
    const three = await run(datasetOf(planted), { restarts: 3, seed: 4 });
    for (const report of three.restarts) {
      const alone = await run(datasetOf(planted), { seed: report.seed });
      // The same steps, but sums in another order.
      assert.equal(alone.restarts[0]?.trace.objective[0]?.toPrecision(6), report.trace.objective[0]?.toPrecision(6));
      const difference = Math.abs(alone.statistics.objective - report.objective);
      assert.ok(difference <= 1e-6 * (report.trace.objective[0] as number), `${difference}`);
    }
    assert.deepEqual(
      (await run(datasetOf(planted), { restarts: 3, seed: 4 })).restarts.map(({ objective }) => objective),
      three.restarts.map(({ objective }) => objective),
    );
  });

  it('never lets a masked value influence anything', async () => {
    const holed = planted.map((row, i) => row.map((x, j) => ((i * 7 + j) % 5 === 0 ? NaN : x)));
    const zero = await run(datasetOf(holed, 0));
    const huge = await run(datasetOf(holed, 1e30));
    assert.deepEqual(zero.W, huge.W);
    assert.deepEqual(zero.H, huge.H);
    assertClose(objectiveOf(holed, zero, defaultModel), zero.statistics.sse, 1e-9);
  });

  it('fills in the missing entries of a low-rank matrix', async () => {
    const holed = planted.map((row, i) => row.map((x, j) => ((i * 7 + j) % 11 === 0 ? NaN : x)));
    const { W, H, rank, columns } = await run(datasetOf(holed), {
      restarts: 5,
      stopping: { iterations: 5000, tolerance: 0 },
    });
    let worst = 0;
    holed.forEach((row, i) => {
      row.forEach((x, j) => {
        if (!Number.isNaN(x)) return;
        let filled = 0;
        for (let k = 0; k < rank; k++) filled += (W[i * rank + k] as number) * (H[k * columns + j] as number);
        worst = Math.max(worst, Math.abs(filled - (planted[i]?.[j] as number)));
      });
    });
    assert.ok(worst < 0.05, `an entry was filled in ${worst} off`);
  });

  it('never raises the objective at an adaptive rate', async () => {
    for (const model of [defaultModel, penalised(0.5, 0), penalised(0, 0.5)]) {
      const { restarts } = await run(datasetOf(planted), {
        model,
        solver: { ...namedSolvers.ngd, schedule: 'adaptive' },
      });
      const { objective } = restarts[0]?.trace as { objective: Float64Array };
      // The last value is recomputed in float64 and may differ from the float32 ones in their last digits.
      for (let k = 1; k < objective.length; k++) {
        assert.ok((objective[k] as number) <= (objective[k - 1] as number) * (1 + 1e-6) + 1e-6);
      }
    }
  });

  it('makes the article’s steps: constant rate, absolute length', async () => {
    const solver = { id: 'ngd', rate: 0.05, schedule: 'constant', stepLength: 'absolute' } as const;
    const starts = await run(datasetOf(planted), { solver, stopping: { iterations: 0, tolerance: 0 } });
    const moved = await run(datasetOf(planted), { solver, stopping: { iterations: 1, tolerance: 0 } });
    for (const factor of ['W', 'H'] as const) {
      const length = Math.hypot(...moved[factor].map((v, k) => v - (starts[factor][k] as number)));
      assertClose(length, 0.05, 1e-4);
    }
  });

  describe('stopping and going on', () => {
    it('keeps what there is when stopped, and goes on without a jump', async () => {
      let chunks = 0;
      const half = await run(
        datasetOf(planted),
        { restarts: 4, stopping: { iterations: 4000, tolerance: 0 } },
        { shouldStop: () => chunks++ > 5 },
      );
      const stopped = half.restarts[half.best];
      // All were on their way, side by side.
      assert.deepEqual(
        half.restarts.map(({ stopReason }) => stopReason),
        ['stopped', 'stopped', 'stopped', 'stopped'],
      );
      assert.ok(stopped);
      assert.ok(stopped.iterations > 0 && stopped.iterations < 4000);
      assertClose(objectiveOf(planted, half, defaultModel), half.statistics.objective, 1e-6);

      const whole = await run(datasetOf(planted), { stopping: { iterations: 4000, tolerance: 0 } }, {}, half);
      const { trace, iterations } = whole.restarts[half.best] as (typeof whole.restarts)[number];
      assert.equal(iterations, 4000);
      const at = trace.iteration.indexOf(stopped.iterations);
      assertClose(trace.objective[at] as number, half.statistics.objective, 1e-4);
    });

    it('takes the same steps as a run that was never stopped', async () => {
      let chunks = 0;
      const stopping = { iterations: 4000, tolerance: 0 };
      const half = await run(datasetOf(planted), { stopping }, { shouldStop: () => chunks++ > 5 });
      assert.equal(half.restarts[0]?.stopReason, 'stopped');
      const whole = await run(datasetOf(planted), { stopping }, {}, half);
      const straight = await run(datasetOf(planted), { stopping });
      assert.deepEqual(whole.W, straight.W);
    });

    it('goes on from a finished run without ever rising', async () => {
      const first = await run(datasetOf(planted), { restarts: 2, stopping: { iterations: 40, tolerance: 0 } });
      const longer = await run(datasetOf(planted), { stopping: { iterations: 60, tolerance: 0 } }, {}, first);
      const { trace, iterations } = longer.restarts[first.best] as (typeof longer.restarts)[number];
      assert.equal(iterations, 100);
      assert.equal(longer.restarts.length, 2);
      assert.ok(longer.statistics.objective < first.statistics.objective);
      // Beside such a start the objective is so small that float32 no longer tells its last digits.
      const rounding = 1e-9 * (trace.objective[0] as number);
      for (let k = trace.iteration.indexOf(40) + 1; k < trace.objective.length; k++) {
        assert.ok((trace.objective[k] as number) <= (trace.objective[k - 1] as number) * (1 + 1e-6) + rounding);
      }
    });

    it('refuses to go on from other data', async () => {
      const first = await run(datasetOf(planted));
      const other = { ...datasetOf(planted), source: { name: 'numbers', bytes: 1, sha256: 'b'.repeat(64) } };
      await assert.rejects(run(other, {}, {}, first), /numbers has changed/);
      await assert.rejects(run(datasetOf(planted.slice(1)), {}, {}, first), /11 × 7.*12 × 7/);
    });

    it('answers a checkpoint while it runs', async () => {
      let make: (() => Factorization | null) | undefined;
      let seen: Factorization | null = null;
      let before: Factorization | null | undefined;
      await run(
        datasetOf(planted),
        {},
        {
          onCheckpointable: (given) => {
            make = given;
            before = given();
          },
          onProgress: ({ phase }) => {
            if (phase === 'iterating') seen = make?.() ?? null;
          },
        },
      );
      assert.equal(before, null);
      assert.ok(seen);
      const checkpoint: Factorization = seen;
      assertClose(objectiveOf(planted, checkpoint, defaultModel), checkpoint.statistics.objective, 1e-6);
    });

    it('gives a checkpoint that nobody waits for only while that costs next to nothing', async () => {
      const asked: boolean[] = [];
      let make: ((waitedFor?: boolean) => Factorization | null) | undefined;
      await run(
        datasetOf(digits()),
        { rank: 10, restarts: 1, stopping: { iterations: 40, tolerance: 0 } },
        {
          onCheckpointable: (given) => (make = given),
          onProgress: ({ phase }) => {
            if (phase === 'iterating') asked.push(make?.(false) !== null, make?.(true) !== null);
          },
        },
      );
      // Each that is waited for uses up what could have been spent on others.
      assert.ok(asked.filter((given, k) => k % 2 === 1 && given).length > 1);
      assert.ok(asked.filter((given, k) => k % 2 === 0 && given).length < 2, String(asked));
    });

    it('gives up when told to', async () => {
      const controller = new AbortController();
      controller.abort(new Error('no longer wanted'));
      await assert.rejects(run(datasetOf(planted), {}, { signal: controller.signal }), /no longer wanted/);
    });
  });

  it('tells its factors before it examines them, and stops examining when told to', async () => {
    const told: string[] = [];
    let fitted: Factorization | undefined;
    const result = await run(
      datasetOf(planted),
      { rank: 1 },
      {
        onFitted: (given) => {
          told.push('fitted');
          fitted = given;
        },
        onProgress: (progress) => {
          if (progress.phase === 'diagnosing') told.push(progress.part);
        },
        shouldStop: () => fitted !== undefined,
      },
    );
    assert.deepEqual(told, ['fitted', 'consensus']);
    assert.ok(fitted && fitted.optimum === undefined && fitted.timing.diagnose === undefined);
    assert.deepEqual([fitted.W, fitted.H, fitted.restarts], [result.W, result.H, result.restarts]);
    assert.ok(result.optimum?.kind === 'none' && /stopped/.test(result.optimum.reason));
  });

  it('tells how far the restarts agree on the groups of the rows, on a sample of many', async () => {
    const model: Model = { ...defaultModel, constraints: { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } } };
    // Each row has one of three patterns, in its own strength.
    const patterns = [[1, 2, 0, 0, 0, 0], [0, 0, 3, 1, 0, 0], [0, 0, 0, 0, 1, 1]]; // prettier-ignore
    const rows = Array.from({ length: 700 }, (_, i) =>
      (patterns[(i + (i >> 3)) % 3] as number[]).map((x, j) => x * (1 + (i % 7)) + ((i + j) % 2) / 50),
    );
    const settings = { model, rank: 3, restarts: 3, solver: { id: 'auto' } } as const;
    const { consensus } = await run(datasetOf(rows), settings);
    assert.ok(consensus?.kind === 'consensus', JSON.stringify(consensus));
    assert.deepEqual([consensus.restarts, consensus.rows.length], [3, 400]);
    assert.ok((consensus.cophenetic ?? NaN) > 0.9, String(consensus.cophenetic));
    assert.deepEqual((await run(datasetOf(rows), settings)).consensus, consensus);
    const { consensus: one } = await run(datasetOf(rows), { ...settings, restarts: 1 });
    assert.ok(one?.kind === 'none' && /one restart/.test(one.reason));
  });

  it('says that a run did not converge, and only then', async () => {
    const short = await run(datasetOf(planted), { stopping: { iterations: 3, tolerance: 1e-5 } });
    assert.match(short.warnings.join(' '), /had not converged after 3 iterations/);
    const long = await run(datasetOf(planted), {
      model: penalised(0, 1),
      stopping: { iterations: 2000, tolerance: 1e-8 },
    });
    assert.equal(long.restarts[0]?.stopReason, 'converged');
    assert.ok((long.restarts[0]?.iterations ?? Infinity) < 2000);
    assert.deepEqual(long.warnings, []);
    const further = await run(datasetOf(planted), {
      model: penalised(0, 1),
      stopping: { iterations: 5000, tolerance: 0 },
    });
    const sumOfSquares = planted.flat().reduce((s, x) => s + x * x, 0);
    assert.ok(long.statistics.objective - further.statistics.objective <= 1e-8 * sumOfSquares);
  });

  it('keeps the last finite factors of a run that diverges, and says so', async () => {
    const solver = { id: 'ngd', rate: 1e18, schedule: 'constant', stepLength: 'absolute' } as const;
    const result = await run(datasetOf(planted), { solver });
    assert.equal(result.restarts[0]?.stopReason, 'diverged');
    assert.ok([...result.W, ...result.H].every(Number.isFinite));
    assert.ok(Number.isFinite(result.statistics.objective));
    assert.match(result.warnings.join(' '), /smaller rate/);
  });

  describe('on degenerate data', () => {
    const cases: [string, number[][], number][] = [
      ['one row', [[1, 2, 3]], 1],
      ['one column', [[1], [2], [3]], 1],
      ['one entry', [[4]], 1],
      [
        'zeros alone',
        [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
        2,
      ],
      [
        'a rank above both sides',
        [
          [1, 2],
          [3, 4],
        ],
        5,
      ],
      [
        'duplicate rows and a constant column',
        [
          [1, 2],
          [1, 2],
          [1, 5],
        ],
        1,
      ],
      [
        'a row that is wholly missing',
        [
          [1, 2],
          [NaN, NaN],
          [3, 4],
        ],
        1,
      ],
    ];
    for (const [name, rows, rank] of cases) {
      it(`gives finite factors for ${name}`, async () => {
        const result = await run(datasetOf(rows), { rank });
        assert.ok([...result.W, ...result.H].every(Number.isFinite));
        assert.equal(result.W.length, rows.length * rank);
        assertClose(objectiveOf(rows, result, defaultModel), result.statistics.sse, 1e-6);
      });
    }

    it('refuses data that are wholly missing', async () => {
      await assert.rejects(run(datasetOf([[NaN, NaN]])), /every entry is missing/);
    });

    it('refuses settings that make no sense, naming them', async () => {
      await assert.rejects(run(datasetOf(planted), { rank: 0 }), /The rank is 0; give a whole number of at least 1/);
      await assert.rejects(run(datasetOf(planted), { model: penalised(-1, 0) }), /L1 penalty of W is -1/);
      await assert.rejects(run(datasetOf(planted), { solver: { ...namedSolvers.ngd, rate: 0 } }), /The rate is 0/);
    });

    it('warns of a rank that the data cannot have', async () => {
      assert.match(
        (
          await run(
            datasetOf([
              [1, 2],
              [3, 4],
            ]),
            { rank: 3 },
          )
        ).warnings.join(' '),
        /Rank 3 is more than 2/,
      );
    });
  });

  it('ends in good order when its time is up, with the best so far, and says so', async () => {
    const data = datasetOf(digits().slice(0, 300));
    const endless = { iterations: 1e8, tolerance: 0, seconds: 0.3 };
    const result = await run(data, { rank: 4, restarts: 50, stopping: endless, solver: { id: 'auto' } });
    const last = result.restarts.at(-1);
    assert.equal(last?.stopReason, 'time');
    assert.ok(result.restarts.length < 50);
    assert.ok(result.W.every(Number.isFinite) && result.statistics.objective > 0);
    assert.match(result.warnings.join(' '), /time limit of 0\.3 seconds ended the run after \d+ iterations/);
    // It goes on from where it was, with as much time again.
    const more = await run(data, {}, {}, result);
    assert.ok((more.restarts[more.best]?.iterations ?? 0) >= (result.restarts[result.best]?.iterations ?? 0));
    assert.ok(more.statistics.objective <= result.statistics.objective * (1 + 1e-6));
    await assert.rejects(run(data, { stopping: { ...endless, seconds: 0 } }), /time limit is 0/);
  });
});
