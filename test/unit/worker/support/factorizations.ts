import type { Factorization } from '../../../../src/factorization/result';
import type { FactorizationSettings } from '../../../../src/model/settings';
import { defaultModel } from '../../../../src/model/model';
import { defaultSolver } from '../../../../src/model/solvers';
import { defaultStopping } from '../../../../src/model/stopping';

export const settings: FactorizationSettings = {
  model: defaultModel,
  solver: defaultSolver,
  stopping: defaultStopping,
  rank: 1,
  restarts: 1,
  seed: 0,
  device: 'cpu',
};

/** A result of the given factors, complete enough to cross any border. */
export function factorizationOf(W: Float32Array, H: Float32Array, rank = 1, iterations = 0): Factorization {
  return {
    rows: W.length / rank,
    columns: H.length / rank,
    rank,
    W,
    H,
    source: { name: 'X.csv', bytes: 1, sha256: '00' },
    reading: {
      kind: 'table',
      delimiter: ',',
      encoding: 'utf-8',
      decimal: '.',
      header: true,
      features: ['a', 'b'],
      leftOut: [],
    },
    settings: { ...settings, rank },
    device: { requested: 'cpu', used: 'cpu', reason: '' },
    precision: 'float32',
    restarts: [
      {
        seed: 0,
        objective: 1.5,
        iterations,
        stopReason: 'stopped',
        trace: {
          iteration: Float64Array.of(1, 2),
          seconds: Float64Array.of(0.5, 1),
          objective: Float64Array.of(2.5, 1.5),
        },
      },
    ],
    best: 0,
    statistics: { objective: 1.5, sse: 1.5, relativeError: 0.1, explainedVariance: 0.9, observed: 4 },
    timing: { read: 0, compile: 0.25, iterate: 0.5, total: 0.75 },
    warnings: [],
    versions: { factorlens: '0.1.0' },
  };
}
