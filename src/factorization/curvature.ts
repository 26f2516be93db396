import { performance } from 'node:perf_hooks';
import { compile } from '../engine/compile';
import { grad } from '../engine/gradient';
import { matrix } from '../engine/graph';
import { randomNormal } from '../engine/tensor';
import { gaugeProjection, type Direction, type Gauge } from './curvature-gauge';
import { extremeEigenvalues } from './curvature-lanczos';
import type { Model } from './model';
import { smoothObjective } from './objective';
import type { Observations } from './observations';
import { dataOf, declareVariables, inputsOf } from './solvers/program';
import type { Factors } from './solvers/solver';

/**
 * What the second derivatives say about the point that a run ended at.
 * - `saddle`: there is a direction along which the objective curves downwards, which proves that it is no minimum.
 * - `minimum`: none was found. Directions of no curvature are not told from slightly upward ones, and a better minimum
 *   may lie elsewhere.
 * - `undecided`: the search was too short to say.
 * - `none`: nothing was computed; `reason` says why.
 */
export type Curvature =
  Extremes<'minimum'> | Extremes<'saddle'> | Extremes<'undecided'> | { kind: 'none'; reason: string };

export interface Extremes<K extends 'minimum' | 'saddle' | 'undecided'> {
  kind: K;
  /** Smallest and largest eigenvalue of the Hessian, found by Lanczos, off the directions that change nothing. */
  smallest: number;
  largest: number;
  /** Curvatures nearer to zero than this count as zero. */
  resolution: number;
  /** What this proves and what it does not, in a sentence for the user. */
  meaning: string;
}

export interface CurvatureOptions {
  signal?: AbortSignal;
  /** Most seconds to spend. */
  seconds: number;
  seed?: number;
}

const mostSteps = 120;
const fewestSteps = 20;

/** Most numbers in X, and in the vectors that the search keeps: 256 MB each. */
const mostNumbers = 1 << 25;

/** Part of the largest curvature below which a curvature counts as zero: float32 factors leave about that much. */
const leastShare = 1e-4;

/** A slope above this part of the objective is none of a stationary point. */
const mostSlope = 0.01;

/**
 * The smallest curvature of a smooth objective at W and H: Lanczos on products of the Hessian with vectors, which the
 * engine derives from the objective as gradients of ⟨gradient, vector⟩ (Pearlmutter 1994) and runs in float64. Under
 * non-negativity the entries at zero stay there, and the rest may move.
 */
export async function smallestCurvature(
  model: Model,
  observations: Observations,
  rank: number,
  factors: Factors,
  { signal, seconds, seed = 0 }: CurvatureOptions,
): Promise<Curvature> {
  const obstacle = obstacleTo(model);
  if (obstacle) return { kind: 'none', reason: obstacle };
  const { rows, columns } = observations;
  const size = (rows + columns) * rank;
  const steps = Math.min(mostSteps, Math.floor(mostNumbers / size));
  if (steps < fewestSteps || observations.X.length > mostNumbers)
    return { kind: 'none', reason: 'The data are too large for the search for a negative curvature.' };

  const deadline = performance.now() + 1000 * seconds;
  const at: Direction = { W: Float64Array.from(factors.W), H: Float64Array.from(factors.H) };
  const free: Free = { W: freeEntries(at.W, model, 'W'), H: freeEntries(at.H, model, 'H') };
  const { slope, objective } = await slopeAt(model, observations, rank, factors, free);
  // Written so that a slope that is no number is none of a stationary point either.
  if (!(slope <= mostSlope * Math.max(objective, leastShare * observations.sumOfSquares))) {
    return {
      kind: 'none',
      reason:
        'To the tolerance asked for the gradient is not yet that of a stationary point, where alone the curvature decides; a smaller tolerance brings it nearer.',
    };
  }
  const hessian = await compileHessian(model, observations, rank, factors);
  try {
    const withoutGauge = gaugeProjection(gaugeOf(model), at, rank);
    const project = (vector: Float64Array): Float64Array => {
      const direction = split(vector, rows * rank);
      restrict(direction, free);
      withoutGauge(direction);
      restrict(direction, free);
      return vector;
    };
    const start = project(Float64Array.from(randomNormal([size], { seed }).data));
    if (start.every((value) => value === 0)) {
      return { kind: 'none', reason: 'Every entry of the factors is held by a constraint, so none can move.' };
    }
    const { smallest, largest, uncertainty } = await extremeEigenvalues(
      async (vector) => {
        signal?.throwIfAborted();
        return project(await hessian.times(split(vector, rows * rank)));
      },
      start,
      { steps, tolerance: leastShare / 2, isOver: () => performance.now() > deadline },
    );
    const scale = Math.min(squareSum(at.W), squareSum(at.H));
    const resolution = Math.max(leastShare * Math.max(Math.abs(smallest), largest), scale > 0 ? slope / scale : 0);
    return conclusion(smallest, largest, resolution, uncertainty);
  } finally {
    await hessian.dispose();
  }
}

function conclusion(smallest: number, largest: number, resolution: number, uncertainty: number): Curvature {
  const figures = { smallest, largest, resolution };
  if (smallest < -resolution) {
    return {
      kind: 'saddle',
      ...figures,
      meaning: 'The objective curves downwards in some direction from here, so this is a saddle point and no minimum.',
    };
  }
  if (uncertainty > resolution) {
    return {
      kind: 'undecided',
      ...figures,
      meaning: 'No downward direction was found, but the search was too short to say that there is none.',
    };
  }
  return {
    kind: 'minimum',
    ...figures,
    meaning:
      'The objective curves downwards in no direction that was found, so this is a minimum nearby; it does not say that there is none lower elsewhere.',
  };
}

function obstacleTo({ loss, penalties, constraints, biases }: Model): string | undefined {
  if (biases) return 'The curvature of a model with biases is not computed.';
  if (loss.kind === 'absolute') return 'The absolute loss has kinks, where there is no curvature.';
  for (const name of ['W', 'H'] as const) {
    const { l1, group } = penalties[name];
    const { kind } = constraints[name];
    if (l1 > 0 || group > 0) return `The penalty of ${name} has kinks, where there is no curvature.`;
    if (kind !== 'none' && kind !== 'non-negative') {
      return `The curvature along the bounds of the ${kind} constraint of ${name} is not computed.`;
    }
  }
  return undefined;
}

function gaugeOf({ penalties: { W, H }, constraints }: Model): Gauge {
  if (W.orthogonal > 0 || H.orthogonal > 0) return 'none';
  // A rotation of the components changes neither their sum of squares nor that of their differences.
  const penalised = [W, H].some(({ l2, smooth }) => l2 > 0 || smooth > 0);
  if (constraints.W.kind === 'none' && constraints.H.kind === 'none') return penalised ? 'rotation' : 'linear';
  return penalised ? 'none' : 'scaling';
}

/** 1 where an entry may move both ways, 0 where non-negativity holds it at zero; absent where all may move. */
function freeEntries(factor: Float64Array, { constraints }: Model, name: 'W' | 'H'): Float64Array | undefined {
  return constraints[name].kind === 'none' ? undefined : factor.map((value) => (value > 0 ? 1 : 0));
}

interface Free {
  W: Float64Array | undefined;
  H: Float64Array | undefined;
}

function restrict(direction: Direction, free: Free): void {
  for (const name of ['W', 'H'] as const) {
    const allowed = free[name];
    if (allowed) direction[name].forEach((value, at) => (direction[name][at] = value * (allowed[at] as number)));
  }
}

/** Two views of one vector: the part of W, then the part of H. */
const split = (vector: Float64Array, at: number): Direction => ({ W: vector.subarray(0, at), H: vector.subarray(at) });

const squareSum = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

/** The smooth objective and its gradients as a graph, with its data. */
function declare(model: Model, observations: Observations, rank: number) {
  const variables = declareVariables(observations, rank, model);
  const { W, H } = variables;
  const cost = smoothObjective(model, variables);
  const [gradientW, gradientH] = grad(cost, [W, H]);
  const { inputs, values: data } = inputsOf(dataOf(observations, variables));
  return { W, H, cost, gradientW, gradientH, inputs, data };
}

const inFloat64 = { device: 'cpu', precision: 'float64' } as const;

/** Products of the Hessian with directions. */
async function compileHessian(
  model: Model,
  observations: Observations,
  rank: number,
  factors: Factors,
): Promise<{ times(direction: Direction): Promise<Float64Array>; dispose(): Promise<void> }> {
  const { rows, columns } = observations;
  const { W, H, gradientW, gradientH, inputs, data } = declare(model, observations, rank);
  const P = matrix('P', { shape: [rows, rank] });
  const Q = matrix('Q', { shape: [rank, columns] });
  const slopeAlong = gradientW.mul(P).sum().add(gradientH.mul(Q).sum());
  const [alongW, alongH] = grad(slopeAlong, [W, H]);
  const program = await compile<string, never, 'W' | 'H'>({
    inputs: { ...inputs, P, Q },
    outputs: { W: alongW, H: alongH },
    ...inFloat64,
  });
  program.set(W, { data: factors.W, shape: [rows, rank] });
  program.set(H, { data: factors.H, shape: [rank, columns] });
  return {
    async times(direction) {
      const image = await program.run({
        ...data,
        P: { data: direction.W, shape: [rows, rank] },
        Q: { data: direction.H, shape: [rank, columns] },
      });
      const joined = new Float64Array((rows + columns) * rank);
      joined.set(image.W);
      joined.set(image.H, rows * rank);
      return joined;
    },
    dispose: () => program.dispose(),
  };
}

/** Σ_F ‖F‖·‖G_F‖ over what may move, and the smooth objective. */
async function slopeAt(
  model: Model,
  observations: Observations,
  rank: number,
  factors: Factors,
  free: Free,
): Promise<{ slope: number; objective: number }> {
  const { rows, columns } = observations;
  const { W, H, cost, gradientW, gradientH, inputs, data } = declare(model, observations, rank);
  const program = await compile<string, never, 'cost' | 'W' | 'H'>({
    inputs,
    outputs: { cost, W: gradientW, H: gradientH },
    ...inFloat64,
  });
  try {
    program.set(W, { data: factors.W, shape: [rows, rank] });
    program.set(H, { data: factors.H, shape: [rank, columns] });
    const result = await program.run(data);
    const part = (name: 'W' | 'H'): number => {
      const allowed = free[name];
      let squares = 0;
      result[name].forEach((value, at) => {
        // A gradient that pushes an entry against its bound is no slope; one that would lift it off is.
        const felt = allowed?.[at] === 0 ? Math.min(0, value) : value;
        squares += felt * felt;
      });
      return Math.sqrt(squares * squareSum(Float64Array.from(factors[name])));
    };
    return { slope: part('W') + part('H'), objective: result.cost[0] as number };
  } finally {
    await program.dispose();
  }
}
