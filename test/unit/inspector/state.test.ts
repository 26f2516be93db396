import type { ConsensusMatrix, Scree } from '../../../src/factorization/diagnostics/findings';
import assert from 'node:assert/strict';
import { defaultModel } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import fc from 'fast-check';
import {
  continuingState,
  failedState,
  mergeIncrements,
  progressIncrement,
  reduce,
  resultState,
  startingState,
  type IteratingProgress,
} from '../../../src/inspector/state';
import type { InspectorState } from '../../../src/protocol/inspector';
import type { JobProgress } from '../../../src/protocol/worker';
import { factorizationOf, restartOf, settingsOf, traceOf } from '../../support/factorizations';

const jobId = 'job';
const start = startingState('small.csv', settingsOf());

describe('the state of an inspector', () => {
  it('begins in the queue, with a job that can be stopped and nothing to export', () => {
    assert.equal(start.status, 'queued');
    assert.equal(start.restartCount, 5);
    assert.equal(start.iterationLimit, 100);
    assert.deepEqual(start.can, { stop: true, continue: false, export: false, retry: false, save: false });
  });

  it('goes through queue, reading, compiling and running, and keeps no figure of a phase that is over', () => {
    const queued = reduce(start, { jobId, phase: 'queued', position: 2 });
    assert.equal(queued.queuePosition, 2);
    const reading = reduce(queued, { jobId, phase: 'reading', fraction: 0.5 });
    assert.equal(reading.readFraction, 0.5);
    assert.equal('queuePosition' in reading, false);
    const compiling = reduce(reading, compilingOf());
    assert.equal(compiling.status, 'compiling');
    assert.deepEqual([compiling.rows, compiling.columns, compiling.missing], [3, 2, 1]);
    assert.deepEqual(compiling.warnings, ['A column was left out.']);
    assert.equal('readFraction' in compiling, false);
    const running = reduce(compiling, iteratingOf());
    assert.equal(running.status, 'running');
    assert.equal(running.device?.used, 'cpu');
  });

  it('tells which ranks are compared, and has no rank before it is chosen', () => {
    const asked = settingsOf();
    const start = startingState('x.csv', { ...asked, rank: 1, rankSearch: { folds: 5, fraction: 0.1, most: 64 } });
    assert.equal(start.rank, undefined);
    const search = { rank: 3, fold: 1, folds: 5 };
    const curve = [{ rank: 1, error: 2, standardError: 0.1 }];
    const searching = reduce(start, { jobId, phase: 'choosing-rank', ...search, curve });
    assert.deepEqual([searching.status, searching.rankSearch, searching.can.stop], ['choosing-rank', search, true]);
    assert.deepEqual(searching.rankCurve, curve);
    const chosen = reduce(searching, { jobId, phase: 'rank-chosen', rank: 4, curve });
    assert.deepEqual([chosen.rank, chosen.rankSearch, chosen.rankCurve], [4, undefined, curve]);
    assert.equal(reduce(chosen, iteratingOf()).rank, 4);
  });

  it('appends points to the trace of their restart and leaves the others alone', () => {
    let state = reduce(start, iteratingOf({ restart: 0, points: traceOf([1, 50], [2, 40]) }));
    state = reduce(state, iteratingOf({ restart: 0, points: traceOf([3, 30]) }));
    state = reduce(state, { jobId, phase: 'restart-ended', restart: 0, report: restartOf({ objective: 29 }) });
    state = reduce(state, iteratingOf({ restart: 1, seed: 1, points: traceOf([1, 45]) }));
    assert.equal(state.restarts.length, 2);
    assert.equal(state.restarts[0]?.stopReason, 'iterations');
    assert.deepEqual([...(state.restarts[1]?.trace.objective ?? [])], [45]);
    assert.equal(state.restarts[1]?.seed, 1);
    assert.equal(state.restarts[1].stopReason, undefined);
  });

  it('does not change the state it was given', () => {
    const before = reduce(start, iteratingOf({ points: traceOf([1, 50]) }));
    const copy = structuredClone(before);
    reduce(before, iteratingOf({ points: traceOf([2, 40]) }));
    reduce(before, { jobId, phase: 'restart-ended', restart: 0, report: restartOf() });
    assert.deepEqual(before, copy);
  });

  it('calls best the restart with the lowest objective, ended or at work', () => {
    let state = reduce(start, iteratingOf({ restart: 0, points: traceOf([1, 50]) }));
    assert.equal(state.best, 0);
    state = reduce(state, { jobId, phase: 'restart-ended', restart: 0, report: restartOf({ objective: 10 }) });
    state = reduce(state, iteratingOf({ restart: 1, points: traceOf([1, 50]) }));
    assert.equal(state.best, 0);
    state = reduce(state, iteratingOf({ restart: 1, points: traceOf([2, 8]) }));
    assert.equal(state.best, 1);
  });

  it('keeps the last drawing of the factors until there is a newer one', () => {
    const matrix = { rows: 1, columns: 1, rowStep: 1, columnStep: 1, values: Float32Array.of(7) };
    const drawn = reduce(start, iteratingOf({ preview: { W: matrix, H: matrix } }));
    const later = reduce(drawn, iteratingOf({ points: traceOf([9, 1]) }));
    assert.equal(later.factors?.W.values[0], 7);
  });

  it('shows a result whole, with its facts, and offers to continue and to export it', () => {
    const state = resultState(factorizationOf());
    assert.equal(state.status, 'done');
    assert.equal(state.missing, 1);
    assert.deepEqual(state.factors?.W, {
      rows: 3,
      columns: 1,
      rowStep: 1,
      columnStep: 1,
      values: Float32Array.of(1, 2, 3),
    });
    assert.deepEqual(state.factors?.columnLabels, ['x', 'y']);
    assert.deepEqual(state.can, { stop: false, continue: true, export: true, retry: false, save: false });
    assert.match(textOf(state), /Σ\(X − WH\)²/);
    assert.match(textOf(state), /seed 0/);
    assert.match(textOf(state), /b{64}/);
  });

  it('tells a job that was cut short from one that came to its end, and has all of its time', () => {
    const result = factorizationOf();
    assert.equal(resultState(result).cutShort, undefined);
    assert.equal(resultState(result).elapsed, result.timing.total);
    for (const stopReason of ['stopped', 'time'] as const) {
      const restarts = result.restarts.map((restart) => ({ ...restart, stopReason }));
      assert.equal(resultState({ ...result, restarts }).cutShort, stopReason);
      assert.equal(continuingState({ ...result, restarts }, result.settings).cutShort, undefined);
    }
  });

  it('has the agreement of the restarts and the singular values, or why there are none', () => {
    const consensus: ConsensusMatrix = {
      kind: 'consensus',
      restarts: 2,
      rows: [0, 1],
      matrix: Float32Array.of(1, 0.5, 0.5, 1),
      order: [0, 1],
      clusters: [2],
      dispersion: 0.5,
    };
    const scree: Scree = { kind: 'singular-values', values: [2], complete: true, explainedVariance: [1] };
    const known = resultState(factorizationOf({ consensus, scree }));
    assert.deepEqual([known.consensus, known.scree], [consensus, scree]);
    assert.match(textOf(known), /Of 2 restarts: dispersion 0\.5/);
    const unknown = resultState(
      factorizationOf({
        consensus: { kind: 'none', reason: 'There was one restart.' },
        scree: { kind: 'none', reason: 'Entries are missing.' },
      }),
    );
    assert.match(textOf(unknown), /There was one restart\..*Entries are missing\./s);
  });

  it('words every penalty of the objective', () => {
    const penalties = { W: { ...noPenalty, l1: 2 }, H: { ...noPenalty, l2: 0.5 } };
    const model = { ...defaultModel, penalties };
    assert.match(textOf(startingState('x', settingsOf({ model }))), /2·Σ\|W\| \+ 0\.5·ΣH²/);
  });

  it('goes on with the trace of the best restart when a result is continued', () => {
    let state = continuingState(factorizationOf(), settingsOf());
    assert.equal(state.status, 'queued');
    assert.equal(state.iterationLimit, 200);
    state = reduce(state, iteratingOf({ restart: 1, seed: 1, points: traceOf([101, 3]) }));
    assert.equal(state.restarts.length, 2);
    assert.deepEqual([...(state.restarts[1]?.trace.iteration ?? [])], [1, 100, 101]);
    assert.equal(state.restarts[1]?.stopReason, undefined);
    assert.equal(state.restarts[0]?.stopReason, 'iterations');
  });

  it('takes the point that a continued run begins with only once', () => {
    const state = reduce(
      continuingState(factorizationOf(), settingsOf()),
      iteratingOf({ restart: 1, seed: 1, points: traceOf([100, 9], [101, 3]) }),
    );
    assert.deepEqual([...(state.restarts[1]?.trace.iteration ?? [])], [1, 100, 101]);
  });

  it('has only the rest of the iterations before it when a stopped result is continued', () => {
    const restarts = [restartOf({ iterations: 40, stopReason: 'stopped' })];
    const state = continuingState(
      factorizationOf({ restarts, best: 0, settings: settingsOf({ restarts: 1 }) }),
      settingsOf(),
    );
    assert.equal(state.iterationLimit, 100);
  });

  it('keeps in view what a failed job had reached, and offers to retry', () => {
    const running = reduce(start, iteratingOf({ points: traceOf([1, 50]) }));
    const failed = failedState(running, 'The file has gone.', false);
    assert.equal(failed.error, 'The file has gone.');
    assert.equal(failed.restarts.length, 1);
    assert.equal('remaining' in failed, false);
    assert.deepEqual(failed.can, { stop: false, continue: false, export: false, retry: true, save: false });
    assert.deepEqual(failedState(running, 'x', true).can, {
      stop: false,
      continue: true,
      export: true,
      retry: true,
      save: false,
    });
  });
});

describe('increments', () => {
  it('joined or one by one bring the page the same points as the state has', () => {
    const messages = fc.array(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 5 }), { minLength: 2 });
    fc.assert(
      fc.property(messages, (objectives) => {
        let iteration = 0;
        const progress = objectives.map((values) =>
          iteratingOf({ points: traceOf(...values.map((value): [number, number] => [++iteration, value])) }),
        );
        const state = progress.reduce<InspectorState>(reduce, start);
        const joined = progress.map(progressIncrement).reduce(mergeIncrements);
        assert.deepEqual([...joined.points.objective], objectives.flat());
        assert.deepEqual(state.restarts[0]?.trace, joined.points);
      }),
    );
  });

  it('keep the newest drawing of the factors', () => {
    const matrix = (value: number) => ({
      rows: 1,
      columns: 1,
      rowStep: 1,
      columnStep: 1,
      values: Float32Array.of(value),
    });
    const [drawn, plain, redrawn] = [
      iteratingOf({ preview: { W: matrix(1), H: matrix(1) } }),
      iteratingOf(),
      iteratingOf({ preview: { W: matrix(2), H: matrix(2) } }),
    ].map(progressIncrement);
    assert.ok(drawn && plain && redrawn);
    assert.equal(mergeIncrements(drawn, plain).factors?.W.values[0], 1);
    assert.equal(mergeIncrements(drawn, redrawn).factors?.W.values[0], 2);
  });
});

function compilingOf(): JobProgress {
  const { reading } = factorizationOf();
  return {
    jobId,
    phase: 'compiling',
    data: { rows: 3, columns: 2, missing: 1, reading, warnings: ['A column was left out.'] },
  };
}

function iteratingOf(changes: Partial<IteratingProgress> = {}): IteratingProgress {
  return {
    jobId,
    phase: 'iterating',
    restart: 0,
    restarts: 5,
    seed: 0,
    points: traceOf([1, 50]),
    rate: 0.1,
    elapsed: 1,
    remaining: 4,
    device: { requested: 'auto', used: 'cpu', reason: 'It is the only one here.' },
    ...changes,
  };
}

function textOf(state: InspectorState): string {
  return state.facts.map(({ label, value }) => `${label}: ${value}`).join('\n');
}
