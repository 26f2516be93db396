import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { namedSolvers } from '../../../src/model/solvers';
import { runTogether, type RestartOutcome } from '../../../src/factorization/runs/restart';
import { sideBySide } from '../../../src/factorization/solvers/batching';
import type { BatchSolver, SolverState } from '../../../src/factorization/solvers/solver';
import { gatherObservations } from '../../../src/factorization/observations';
import { TraceRecorder } from '../../../src/factorization/runs/trace';
import { datasetOf } from '../../support/datasets';
import { factorizing, models } from '../../support/factorizing';

const rows = Array.from({ length: 12 }, (_, i) =>
  Array.from({ length: 7 }, (__, j) => 0.5 + 0.4 * Math.sin(i * j + 0.3 * i) + 0.01 * ((i * 3 + j * 5) % 7)),
);

describe('restarts side by side', function () {
  this.timeout(60_000);

  for (const [name, model] of Object.entries(models)) {
    it(`are each the run of its seed alone: ${name}`, async () => {
      const stopping = { iterations: 12, tolerance: 0 };
      const together = await factorizing(datasetOf(rows), { model, restarts: 3, seed: 5, stopping });
      assert.equal(together.restartsAtOnce?.size, 3);
      for (const { seed, trace } of together.restarts) {
        const alone = await factorizing(datasetOf(rows), { model, seed, stopping });
        assert.equal(alone.restartsAtOnce, undefined);
        const own = alone.restarts[0]?.trace;
        assert.deepEqual(trace.iteration, own?.iteration);
        trace.objective.forEach((value, k) => {
          const expected = own?.objective[k] ?? NaN;
          // Rounding of float32 sums, and what a dozen steps make of it.
          const tolerance = 2e-3 * Math.abs(expected) + 1e-6 * (own?.objective[0] ?? NaN);
          assert.ok(Math.abs(value - expected) <= tolerance, `seed ${seed}, point ${k}: ${value}, not ${expected}`);
        });
      }
    });
  }

  for (const id of ['hals', 'als', 'irls', 'mu', 'adam', 'momentum', 'ngd'] as const) {
    it(`are the same by ${id}, and the same again`, async () => {
      const model = models['nmf'];
      assert.ok(model);
      const settings = { model, solver: namedSolvers[id], stopping: { iterations: 12, tolerance: 0 } };
      if (id === 'als' || id === 'momentum') settings.model = models['ridge'] ?? model;
      if (id === 'irls') settings.model = models['absolute non-negative'] ?? model;
      const many = { ...settings, restarts: 4, seed: 9 };
      const [together, again] = [await factorizing(datasetOf(rows), many), await factorizing(datasetOf(rows), many)];
      assert.equal(together.restartsAtOnce?.size, 4);
      assert.deepEqual([together.W, together.H, together.best], [again.W, again.H, again.best]);
      for (const { seed, objective, trace } of together.restarts) {
        const alone = (await factorizing(datasetOf(rows), { ...settings, seed })).statistics.objective;
        assert.ok(Math.abs(objective - alone) <= 1e-3 * alone + 1e-6 * (trace.objective[0] ?? NaN), `seed ${seed}`);
      }
    });
  }

  it('end by themselves, in the objective and the product of the run alone', async () => {
    const settings = { model: models['ridge'] ?? assert.fail(), stopping: { iterations: 2000, tolerance: 1e-6 } };
    const { restarts } = await factorizing(datasetOf(rows), { ...settings, restarts: 5, seed: 2 });
    assert.deepEqual(new Set(restarts.map(({ stopReason }) => stopReason)), new Set(['converged']));
    assert.ok(new Set(restarts.map(({ iterations }) => iterations)).size > 1, 'all ended at the same iteration');
    for (const { seed, objective } of restarts) {
      const alone = await factorizing(datasetOf(rows), { ...settings, seed });
      assert.ok(Math.abs(alone.statistics.objective - objective) <= 1e-5 * objective);
    }
  });

  it('go on from the best where all were stopped, as that one would have gone, and leave the others', async () => {
    const stopping = { iterations: 300, tolerance: 0 };
    const settings = {
      model: models['ridge'] ?? assert.fail(),
      solver: namedSolvers.ngd,
      restarts: 4,
      seed: 9,
      stopping,
    };
    const whole = await factorizing(datasetOf(rows), settings);
    let asked = 0;
    const stopped = await factorizing(datasetOf(rows), settings, { shouldStop: () => ++asked > 2 });
    assert.equal(stopped.restartsAtOnce?.size, 4);
    const { best } = stopped;
    const [before] = stopped.restarts.slice(best);
    assert.ok(before && before.iterations > 0 && before.iterations < 300, `stopped after ${before?.iterations}`);
    assert.deepEqual(new Set(stopped.restarts.map(({ stopReason }) => stopReason)), new Set(['stopped']));

    const further = await factorizing(datasetOf(rows), settings, {}, undefined, { from: stopped });
    assert.equal(further.best, best);
    assert.deepEqual(further.restarts.toSpliced(best, 1), stopped.restarts.toSpliced(best, 1));
    const [after, expected] = [further, whole].map(({ restarts }) => restarts[best]);
    assert.ok(after && expected);
    assert.equal(after.iterations, 300);
    assert.deepEqual(after.trace.iteration.slice(0, 2), before.trace.iteration.slice(0, 2));
    assert.ok(after.objective < before.objective);
    const difference = Math.abs(after.objective - expected.objective);
    assert.ok(difference <= 1e-3 * expected.objective, `${after.objective}, not ${expected.objective}`);
  });

  it('go on from the best where all had come to their end, for as long again', async () => {
    const settings = {
      model: models['nmf'] ?? assert.fail(),
      restarts: 3,
      seed: 5,
      stopping: { iterations: 8, tolerance: 0 },
    };
    const first = await factorizing(datasetOf(rows), settings);
    assert.equal(first.restartsAtOnce?.size, 3);
    const further = await factorizing(datasetOf(rows), settings, {}, undefined, { from: first });
    const { seed, iterations, objective } = further.restarts[first.best] ?? assert.fail();
    assert.deepEqual([further.best, seed, iterations], [first.best, 5 + first.best, 16]);
    assert.ok(objective < first.statistics.objective);
    const alone = await factorizing(datasetOf(rows), { ...settings, restarts: 1, seed });
    const aloneFurther = await factorizing(datasetOf(rows), settings, {}, undefined, { from: alone });
    const expected = aloneFurther.statistics.objective;
    assert.ok(Math.abs(objective - expected) <= 2e-3 * expected, `${objective}, not ${expected}`);
  });

  it('are as many as fit, and none where a run has its own values for every entry of much data', async () => {
    const model = models['nmf'] ?? assert.fail();
    const topics = models['topics'] ?? assert.fail();
    const observations = await gatherObservations(datasetOf(rows));
    const much = { ...observations, rows: 1 << 20, X: new Float32Array(1 << 20), columns: 64 };
    assert.equal(sideBySide(model, namedSolvers.apg, observations, 2, 8).size, 8);
    assert.equal(sideBySide(model, namedSolvers.apg, observations, 2, 10).size, 5);
    assert.equal(sideBySide(model, namedSolvers.apg, much, 2, 8).size, 3);
    assert.equal(sideBySide(model, namedSolvers.apg, much, 50, 8).size, 1);
    assert.match(sideBySide(topics, namedSolvers.mu, much, 2, 8).reason, /one after another/);
    assert.match(sideBySide(model, namedSolvers.lbfgs, observations, 2, 8).reason, /own line/);
  });
});

describe('runs that go side by side', () => {
  const limit = 1000;
  const stopping = { iterations: 60, tolerance: 1e-5 };
  /** x becomes x·c in every iteration; the objective is x and no longer a number above the limit. Several at a time. */
  function geometric(size: number, secondsEach: number): BatchSolver {
    let states: { x: number; c: number }[] = [];
    const objective = (x: number): number => (x > limit ? NaN : x);
    return {
      device: { requested: 'cpu', used: 'cpu', reason: '' },
      size,
      begin(from) {
        assert.equal(from.length, size);
        states = from.map(({ W, H }) => ({ x: W[0] as number, c: H[0] as number }));
      },
      async advance(count) {
        await setTimeout(1000 * secondsEach * count);
        return states.map((state) => {
          const values = Float64Array.from({ length: count }, () => {
            const before = objective(state.x);
            state.x = Math.fround(state.x * state.c);
            return before;
          });
          return { objective: values, stationarity: values, rate: 1 };
        });
      },
      states: () => Promise.resolve(states.map(({ x, c }) => ({ W: Float32Array.of(x), H: Float32Array.of(c) }))),
      dispose: () => Promise.resolve(),
    };
  }
  const start = (x: number, c: number): SolverState => ({ W: Float32Array.of(x), H: Float32Array.of(c) });
  const starts = [
    start(1, 0.9),
    start(1, 2),
    start(1, 0.5),
    start(1, 0.999),
    start(0.001, 0.5),
    start(5000, 1),
    start(3, 0.7),
  ];

  async function run(secondsEach: number, stopAfter = Infinity, from = starts) {
    const sizes: number[] = [];
    const recorders = from.map(() => new TraceRecorder());
    const ended: number[] = [];
    let chunks = 0;
    const began = performance.now();
    const outcomes = await runTogether(
      (runs) => {
        sizes.push(runs);
        // Sometimes with places to spare.
        return Promise.resolve(geometric(runs + (runs % 2), secondsEach));
      },
      from.map((first, at) => ({ start: first, recorder: recorders[at] as TraceRecorder })),
      0,
      stopping,
      { converged: (objective) => objective < 0.01, exhausted: () => false, alike: () => false },
      {
        shouldStop: () => chunks++ >= stopAfter,
        signal: new AbortController().signal,
        onPoints: (at, points) => assert.ok(points.iteration.length > 0 && !ended.includes(at)),
        onEnded: (at) => ended.push(at),
      },
    );
    const seconds = (performance.now() - began) / 1000;
    return { outcomes, traces: recorders.map((recorder) => recorder.trace()), sizes, ended, seconds };
  }

  const stepsTo = (x: number, c: number): number => Math.ceil(Math.log(0.01 / x) / Math.log(c) - 1e-6);
  const summary = ({ iterations, stopReason, factors: { W } }: RestartOutcome) => [stopReason, iterations, W[0]];

  it('end each at its own iteration, in the factors of that iteration, however the runs are cut', async () => {
    const [fast, slow] = [await run(0), await run(0.004)];
    const expected = starts.map(({ W, H }): unknown[] => {
      const [x, c] = [W[0] as number, H[0] as number];
      const after = (count: number): number => {
        let value = x;
        for (let k = 0; k < count; k++) value = Math.fround(value * c);
        return value;
      };
      if (x > limit) return ['diverged', 0, x];
      if (c > 1) return ['diverged', 9, after(9)];
      const steps = Math.max(0, stepsTo(x, c));
      return steps <= 60 ? ['converged', steps, after(steps)] : ['iterations', 60, after(60)];
    });
    for (const { outcomes, traces, sizes, ended } of [fast, slow]) {
      assert.deepEqual(outcomes.map(summary), expected);
      traces.forEach(({ iteration }, at) => {
        const reached = (expected[at] as [string, number])[1];
        const last = starts[at] === starts[5] ? undefined : reached === 60 ? 59 : reached;
        assert.equal(iteration.at(-1), last, `run ${at}`);
      });
      assert.deepEqual(ended.toSorted(), [0, 1, 2, 3, 4, 5, 6]);
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => b - a),
      );
      assert.ok((sizes.at(-1) as number) < 3);
    }
  });

  it('have traces whose seconds are those that went by', async () => {
    const each = 0.004;
    // It ends with its iterations, so nothing is computed twice.
    const { traces, seconds } = await run(each, Infinity, [start(1, 0.999)]);
    const [{ iteration, seconds: at } = new TraceRecorder().trace()] = traces;
    const [iterations, last] = [iteration.at(-1) as number, at.at(-1) as number];
    assert.equal(iterations, 59);
    assert.ok(last <= seconds, `${last} s of ${seconds} s`);
    // A sleep never ends early, save for the rounding of timers.
    assert.ok(last >= 0.9 * each * iterations, `${last} s for ${iterations} iterations`);
  });

  it('all keep what they have when they are stopped', async () => {
    const { outcomes } = await run(0, 4);
    const stopped = outcomes.filter(({ stopReason }) => stopReason === 'stopped');
    assert.ok(stopped.length >= 2);
    for (const { iterations, factors } of stopped) {
      assert.ok(iterations > 0 && iterations < 60);
      assert.ok(Number.isFinite(factors.W[0]));
    }
    assert.equal(new Set(stopped.map(({ iterations }) => iterations)).size, 1);
  });
});
