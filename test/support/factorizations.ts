import { defaultModel } from '../../src/model/model';
import type { Factorization } from '../../src/factorization/result';
import type { FactorizationSettings } from '../../src/model/settings';
import type { RestartReport, Trace } from '../../src/factorization/runs/trace';

/** A small result by hand: 3×2 data, rank 1, two restarts of which the second is kept. */
export function factorizationOf(changes: Partial<Factorization> = {}): Factorization {
  return {
    rows: 3,
    columns: 2,
    rank: 1,
    W: Float32Array.of(1, 2, 3),
    H: Float32Array.of(4, 5),
    rowLabels: ['a', 'b', 'c'],
    columnLabels: ['x', 'y'],
    source: { name: 'small.csv', uri: 'file:///data/small.csv', bytes: 24, sha256: 'b'.repeat(64) },
    reading: {
      kind: 'table',
      delimiter: ',',
      encoding: 'utf-8',
      decimal: '.',
      header: true,
      features: ['x', 'y'],
      label: 'name',
      leftOut: [],
    },
    settings: settingsOf({ rank: 1, restarts: 2 }),
    device: { requested: 'auto', used: 'cpu', reason: 'It is the only one here.' },
    precision: 'float32',
    restarts: [restartOf({ seed: 0, objective: 9 }), restartOf({ seed: 1, objective: 4 })],
    best: 1,
    statistics: { objective: 4, sse: 4, relativeError: 0.1, explainedVariance: 0.9, observed: 5 },
    timing: { read: 0.1, compile: 0.2, iterate: 0.3, total: 0.6 },
    warnings: ['One entry is missing.'],
    versions: { factorlens: '0.1.0' },
    ...changes,
  };
}

export function settingsOf(changes: Partial<FactorizationSettings> = {}): FactorizationSettings {
  return {
    model: defaultModel,
    solver: { id: 'ngd', rate: 0.1, schedule: 'cosine', stepLength: 'relative' },
    stopping: { iterations: 100, tolerance: 1e-5 },
    rank: 10,
    restarts: 5,
    seed: 0,
    device: 'auto',
    ...changes,
  };
}

export function restartOf(changes: Partial<RestartReport> = {}): RestartReport {
  return {
    seed: 0,
    objective: 9,
    iterations: 100,
    stopReason: 'iterations',
    trace: traceOf([1, 20], [100, 9]),
    ...changes,
  };
}

/** A trace of [iteration, objective] points, a tenth of a second an iteration. */
export function traceOf(...points: [iteration: number, objective: number][]): Trace {
  return {
    iteration: Float64Array.from(points, ([iteration]) => iteration),
    seconds: Float64Array.from(points, ([iteration]) => iteration / 10),
    objective: Float64Array.from(points, ([, objective]) => objective),
  };
}
