import { readFileSync } from 'node:fs';
import type { Trace } from '../../../src/factorization/runs/trace';
import type { InspectorState, RestartView } from '../../../src/protocol/inspector';
import type { MatrixPreview } from '../../../src/factorization/progress';
import { testData } from '../../support/repository';

const rank = 10;
const columns = 64;

/** A small generator of numbers in [0, 1) (mulberry32), so that pictures are the same every time. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Digits {
  rows: number;
  values: Float64Array;
  labels: string[];
  columnLabels: string[];
}

function readDigits(): Digits {
  const [header = '', ...lines] = readFileSync(testData('digits.csv'), 'utf8').trim().split(/\r?\n/);
  const cells = lines.map((line) => line.split(','));
  return {
    rows: cells.length,
    values: Float64Array.from(cells.flatMap((row) => row.slice(1).map(Number))),
    labels: cells.map(([label = '']) => label),
    columnLabels: header.split(',').slice(1),
  };
}

/** W = X·Hᵀ for rows of H, rank×columns. */
function project({ rows, values }: Digits, H: Float64Array): Float64Array {
  const W = new Float64Array(rows * rank);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < rank; k++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += (values[i * columns + j] ?? 0) * (H[k * columns + j] ?? 0);
      W[i * rank + k] = sum;
    }
  return W;
}

function orthonormalize(H: Float64Array): void {
  for (let k = 0; k < rank; k++) {
    const own = H.subarray(k * columns, (k + 1) * columns);
    for (let l = 0; l < k; l++) {
      const other = H.subarray(l * columns, (l + 1) * columns);
      const along = own.reduce((sum, value, j) => sum + value * (other[j] ?? 0), 0);
      own.forEach((value, j) => (own[j] = value - along * (other[j] ?? 0)));
    }
    const length = Math.hypot(...own);
    own.forEach((value, j) => (own[j] = value / length));
  }
}

/** XᵀX, columns×columns: all that the iteration needs of X. */
function gram({ rows, values }: Digits): Float64Array {
  const G = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * columns, (i + 1) * columns);
    row.forEach((left, j) => {
      if (left !== 0) row.forEach((right, k) => (G[j * columns + k] = (G[j * columns + k] ?? 0) + left * right));
    });
  }
  return G;
}

/** H·G, rank×columns. */
function multiply(H: Float64Array, G: Float64Array): Float64Array {
  const product = new Float64Array(rank * columns);
  for (let k = 0; k < rank; k++)
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let l = 0; l < columns; l++) sum += (H[k * columns + l] ?? 0) * (G[l * columns + j] ?? 0);
      product[k * columns + j] = sum;
    }
  return product;
}

/** Orthogonal iteration from a random start: with H orthonormal and W = XHᵀ, Σ(X−WH)² is ΣX² − Σ(HG∘H). */
function run(G: Float64Array, seed: number, iterations: number): { H: Float64Array; trace: Trace } {
  const random = randomNumbers(seed + 1);
  const H = Float64Array.from({ length: rank * columns }, () => random() - 0.5);
  orthonormalize(H);
  let total = 0;
  for (let j = 0; j < columns; j++) total += G[j * columns + j] ?? 0;
  const objective: number[] = [];
  let step = multiply(H, G);
  for (let iteration = 0; iteration < iterations; iteration++) {
    // A damped power step, so that the descent is long enough to look at.
    H.forEach((value, index) => (H[index] = value + (step[index] ?? 0) / (total * 0.06)));
    orthonormalize(H);
    step = multiply(H, G);
    objective.push(total - H.reduce((sum, value, index) => sum + value * (step[index] ?? 0), 0));
  }
  const trace: Trace = {
    iteration: Float64Array.from(objective, (_, index) => index + 1),
    seconds: Float64Array.from(objective, (_, index) => 0.004 * (index + 1)),
    objective: Float64Array.from(objective),
  };
  return { H, trace };
}

function whole(rows: number, width: number, values: Float64Array): MatrixPreview {
  return { rows, columns: width, rowStep: 1, columnStep: 1, values: Float32Array.from(values) };
}

/** Every step-th row of a matrix, as the worker thins it. */
export function thin(matrix: MatrixPreview, rowStep: number): MatrixPreview {
  const rows = Math.ceil(matrix.rows / rowStep);
  const values = new Float32Array(rows * matrix.columns);
  for (let i = 0; i < rows; i++) {
    const from = i * rowStep * matrix.columns;
    values.set(matrix.values.subarray(from, from + matrix.columns), i * matrix.columns);
  }
  return { ...matrix, rows, rowStep, values };
}

let finished: InspectorState | undefined;

/** A finished factorization of digits.csv, 1797×64, rank 10, with five restarts: real numbers of both signs. */
export function digitsDone(): InspectorState {
  if (finished === undefined) {
    const digits = readDigits();
    const G = gram(digits);
    const runs = [3, 1, 4, 0, 5].map((seed) => ({ seed, ...run(G, seed, 60) }));
    const restarts: RestartView[] = runs.map(({ seed, trace }, index) => ({
      seed,
      trace,
      stopReason: index === 1 ? 'converged' : 'iterations',
      objective: trace.objective.at(-1) ?? NaN,
    }));
    const best = restarts.reduce(
      (lowest, { objective = Infinity }, index) =>
        objective < (restarts[lowest]?.objective ?? Infinity) ? index : lowest,
      0,
    );
    const kept = runs[best];
    if (kept === undefined) throw new Error('There are no restarts.');
    const objective = restarts[best]?.objective ?? NaN;
    finished = {
      source: 'digits.csv',
      objective: 'Σ(X − WH)²',
      status: 'done',
      rows: digits.rows,
      columns,
      missing: 0,
      rank,
      restartCount: 5,
      iterationLimit: 60,
      restarts,
      best,
      elapsed: 1.84,
      device: { requested: 'auto', used: 'cpu', reason: 'No GPU was found, so the processor computes.' },
      reading: {
        kind: 'table',
        delimiter: ',',
        encoding: 'UTF-8',
        decimal: '.',
        header: true,
        features: digits.columnLabels,
        label: 'digit',
        leftOut: [
          { column: 'writer', reason: 'text, and another column names the rows' },
          { column: 'scanned', reason: 'dates' },
        ],
      },
      statistics: { objective, sse: objective, relativeError: 0.2931, explainedVariance: 0.7382, observed: 115008 },
      facts: [
        { label: 'Method', value: 'Matrix factorization, normalized gradient descent' },
        { label: 'Objective', value: 'Σ(X − WH)²' },
        { label: 'Rate', value: '0.1, cosine' },
        { label: 'Stopping', value: '60 iterations, tolerance 1e-5' },
        { label: 'Seed', value: '0' },
        { label: 'Data', value: 'digits.csv, 264 kB, SHA-256 5d41402abc4b' },
        { label: 'Versions', value: 'Factorlens 0.1.0, ONNX Runtime 1.30.0' },
      ],
      warnings: ['Two of five restarts ran out of iterations before they settled: allow more to be sure.'],
      factors: {
        W: whole(digits.rows, rank, project(digits, kept.H)),
        H: whole(rank, columns, kept.H),
        rowLabels: digits.labels,
        columnLabels: digits.columnLabels,
      },
      can: { stop: false, continue: true, export: true, retry: false, save: false },
    };
  }
  return structuredClone(finished);
}

/** The same job midway through its third restart, with thinned factors. */
export function digitsRunning(points = 24): InspectorState {
  const { statistics: _statistics, best: _best, ...state } = digitsDone();
  const running = state.restarts[2];
  if (running === undefined || state.factors === undefined) throw new Error('The job has too few restarts.');
  const { seed, trace } = running;
  const part: Trace = {
    iteration: trace.iteration.slice(0, points),
    seconds: trace.seconds.slice(0, points),
    objective: trace.objective.slice(0, points),
  };
  return {
    ...state,
    status: 'running',
    restarts: [...state.restarts.slice(0, 2), { seed, trace: part }],
    rate: 0.0731,
    elapsed: 0.9,
    remaining: 1.1,
    warnings: [],
    factors: { ...state.factors, W: thin(state.factors.W, 4) },
    can: { stop: true, continue: false, export: false, retry: false, save: false },
  };
}

/** A state with nothing but its status: the start of every job. */
export function emptyState(change: Partial<InspectorState>): InspectorState {
  return {
    source: 'digits.csv',
    objective: 'Σ(X − WH)²',
    status: 'queued',
    rank,
    restartCount: 5,
    iterationLimit: 500,
    restarts: [],
    facts: [],
    warnings: [],
    can: { stop: true, continue: false, export: false, retry: false, save: false },
    ...change,
  };
}
