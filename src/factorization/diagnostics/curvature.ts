import type { Curvature } from './findings';
import { performance } from 'node:perf_hooks';
import { randomNormal } from '../../engine';
import { compileDerivatives } from './derivatives';
import { gaugeProjection, type Direction, type Gauge } from './symmetries';
import { blockPreconditioner, type Free } from './preconditioner';
import { extremeEigenvalues, fewestKept } from './extreme-eigenvalues';
import { innerProducts, transposed } from '../linear-algebra/row-products';
import type { Model } from '../../model/model';
import { isPenalisedBy } from '../../model/penalties';
import { meanPenaltyCurvature } from '../objective/penalties';
import type { Observations } from '../observations';
import type { Factors } from '../factors';
import { baselineOf } from '../objective/statistics';
import { unitsFor, type Units } from '../objective/units';

export interface CurvatureOptions {
  signal?: AbortSignal;
  /** When to end with what there is, in milliseconds of `performance.now()`; never by default. */
  deadline?: number;
  /** Asked in between: true ends with what there is. */
  shouldStop?(): boolean;
  /** Whether the search ends as soon as the smallest is clearly above zero, however much it is. */
  signOnly?: boolean;
  seed?: number;
}

const maxProducts = 400;
/** Most vectors that the search keeps, each with its image. */
const maxKept = 24;

/** Most numbers in X, and in the vectors that the search keeps: 256 MB each. */
export const maxNumbersSearched = 1 << 25;

/** Part of the largest curvature below which a curvature counts as zero: float32 factors leave about that much. */
const minShare = 1e-4;

/** An eigenvalue lies within its residual: one that is so small a part of the lowest found says that it is above zero. */
const clearShare = 1 / 4;

/** A slope above this part of the objective is none of a stationary point. */
const maxSlope = 0.01;

/**
 * The smallest curvature of a smooth objective at W and H, from products of the Hessian with vectors, which the engine
 * derives from the objective (Pearlmutter 1994) and runs in float64. Under non-negativity the entries at zero stay there,
 * and the rest may move.
 */
export async function smallestCurvature(
  model: Model,
  observations: Observations,
  rank: number,
  factors: Factors,
  options: CurvatureOptions,
): Promise<Curvature> {
  const obstacle = obstacleTo(model);
  if (obstacle) return { kind: 'none', reason: obstacle };
  if (observations.X.length > maxNumbersSearched) return tooLarge;
  // As solvers do, so that it is the objective they minimised: what keeps a divergence finite is small beside the data.
  const units = unitsFor(model, observations);
  if (!units) return curvatureAt(model, observations, rank, factors, options);
  const found = await curvatureAt(units.model, units.observations, rank, units.enter(factors), options);
  return found.kind === 'none' ? found : inUnitsOfData(found, units);
}

const tooLarge: Curvature = {
  kind: 'none',
  reason: 'The data are too large for the search for a negative curvature.',
};

/** Neither factor has a length of its own here, so that both were scaled alike: a second derivative by the objective over their square. */
function inUnitsOfData<K extends Exclude<Curvature, { kind: 'none' }>>(
  { smallest, largest, resolution, ...found }: K,
  { objective, factors: { W, H } }: Units,
) {
  const scale = objective / (W * H);
  return { ...found, smallest: smallest * scale, largest: largest * scale, resolution: resolution * scale };
}

async function curvatureAt(
  model: Model,
  observations: Observations,
  rank: number,
  factors: Factors,
  { signal, deadline = Infinity, shouldStop = () => false, signOnly = false, seed = 0 }: CurvatureOptions,
): Promise<Curvature> {
  const { rows, columns } = observations;
  const size = (rows + columns) * rank;
  const kept = Math.min(maxKept, Math.floor(maxNumbersSearched / (2 * size)));
  if (kept < fewestKept) return tooLarge;

  let cut: Cut | undefined;
  const isOver = (): boolean => {
    cut = shouldStop() ? 'stopped' : performance.now() > deadline ? 'time' : undefined;
    return cut !== undefined;
  };
  const at: Direction = { W: Float64Array.from(factors.W), H: Float64Array.from(factors.H) };
  const free: Free = { W: freeEntries(at.W, model, 'W'), H: freeEntries(at.H, model, 'H') };
  const derivatives = await compileDerivatives(model, observations, rank, factors);
  try {
    const slope = slopeOf(derivatives.gradient, at, free);
    // Written so that a slope that is no number is none of a stationary point either.
    if (!(slope <= maxSlope * Math.max(derivatives.objective, minShare * baselineOf(observations, model)))) {
      return {
        kind: 'none',
        reason:
          'To the tolerance asked for the gradient is not yet that of a stationary point, where alone the curvature decides; a smaller tolerance brings it nearer.',
      };
    }
    const withoutGauge = gaugeProjection(gaugeOf(model), at, rank);
    const project = (vector: Float64Array): Float64Array => {
      const direction = split(vector, rows * rank);
      restrict(direction, free);
      // Its tangents are zero where the factors are, so that nothing moves there again.
      withoutGauge(direction);
      return vector;
    };
    const start = project(Float64Array.from(randomNormal([size], { seed }).data));
    if (start.every((value) => value === 0)) {
      return { kind: 'none', reason: 'Every entry of the factors is held by a constraint, so none can move.' };
    }
    const { pack, unpack } = packing(free, size, rows * rank);
    const times = async (direction: Direction): Promise<Float64Array> => {
      signal?.throwIfAborted();
      return derivatives.times(direction);
    };
    const precondition = blockPreconditioner(
      await lineCurvatures(times, model, at, rank, split(start, rows * rank)),
      rank,
      free,
    );
    const { smallest, largest, uncertainty } = await extremeEigenvalues(
      async (vector) => pack(project(await times(split(unpack(vector), rows * rank)))),
      pack(start),
      {
        products: maxProducts,
        kept,
        tolerance: minShare / 2,
        ...(signOnly && { enough: ({ smallest, uncertainty }) => uncertainty <= clearShare * smallest }),
        precondition: (residual) => {
          const whole = unpack(residual);
          precondition(split(whole, rows * rank));
          return pack(project(whole));
        },
        isOver,
      },
    );
    const scale = Math.min(squareSum(at.W), squareSum(at.H));
    const resolution = Math.max(minShare * Math.max(Math.abs(smallest), largest), scale > 0 ? slope / scale : 0);
    return conclusion(smallest, largest, resolution, uncertainty, cut);
  } finally {
    await derivatives.dispose();
  }
}

/**
 * About how the Hessian's part of one row of W is made, and of one column of H: a multiple of the other factor's Gram
 * matrix, which one product with a random direction tells, and what the penalties add.
 */
async function lineCurvatures(
  times: (direction: Direction) => Promise<Float64Array>,
  { penalties }: Model,
  at: Direction,
  rank: number,
  random: Direction,
): Promise<Record<'W' | 'H', Float64Array>> {
  const { W, H } = random;
  const grams = { W: gramOf(at.H, rank, 'H'), H: gramOf(at.W, rank, 'W') };
  const along = {
    W: dot(W, split(await times({ W, H: new Float64Array(H.length) }), W.length).W),
    H: dot(H, split(await times({ W: new Float64Array(W.length), H }), W.length).H),
  };
  const shares = (['W', 'H'] as const).map((name) => {
    // Σ of lineᵀ·G·line over the lines.
    const seen = dot(gramOf(random[name], rank, name), grams[name]);
    const ofPenalty = meanPenaltyCurvature(penalties[name]) * squareSum(random[name]);
    return seen > 0 ? Math.max(0, (along[name] - ofPenalty) / seen) : 0;
  });
  const [shareW = 0, shareH = 0] = shares;
  const least = minShare * Math.max(shareW * largestOf(grams.W), shareH * largestOf(grams.H));
  const made = (name: 'W' | 'H', share: number): Float64Array => {
    const shift = meanPenaltyCurvature(penalties[name]) + least;
    return grams[name].map((value, place) => share * value + (place % (rank + 1) === 0 ? shift || 1 : 0));
  };
  return { W: made('W', shareW), H: made('H', shareH) };
}

/** WᵀW or HHᵀ, rank×rank. */
function gramOf(factor: Float64Array, rank: number, name: 'W' | 'H'): Float64Array {
  const components = name === 'W' ? transposed(factor, factor.length / rank, rank) : factor;
  return innerProducts(components, rank, components, rank);
}

/** Why a search ended before its time. */
type Cut = 'stopped' | 'time';

const cutWords: Readonly<Record<Cut, string>> = {
  stopped: ' It was stopped.',
  time: ' It had the time that the run took; diagnosing in full (--diagnose full) takes as long as it needs.',
};

function conclusion(
  smallest: number,
  largest: number,
  resolution: number,
  uncertainty: number,
  cut: Cut | undefined,
): Curvature {
  const figures = { smallest, largest, resolution };
  if (smallest < -resolution) {
    return {
      kind: 'saddle',
      ...figures,
      meaning: 'The objective curves downwards in some direction from here, so this is a saddle point and no minimum.',
    };
  }
  // An eigenvalue lies within the uncertainty of the smallest: where all that is not below zero, it need not be known better.
  if (uncertainty > resolution && smallest - uncertainty < -resolution) {
    return {
      kind: 'undecided',
      ...figures,
      meaning: `No downward direction was found, but the search was too short to say that there is none.${cut ? cutWords[cut] : ''}`,
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
    const { kind } = constraints[name];
    if (isPenalisedBy(penalties[name], ({ kink }) => kink === true))
      return `The penalty of ${name} has kinks, where there is no curvature.`;
    if (kind !== 'none' && kind !== 'non-negative') {
      return `The curvature along the bounds of the ${kind} constraint of ${name} is not computed.`;
    }
  }
  return undefined;
}

function gaugeOf({ penalties: { W, H }, constraints }: Model): Gauge {
  if ([W, H].some((penalty) => isPenalisedBy(penalty, ({ tellsComponents }) => tellsComponents === true)))
    return 'none';
  // A rotation of the components changes neither their sum of squares nor that of their differences.
  const penalised = [W, H].some((penalty) => isPenalisedBy(penalty, () => true));
  if (constraints.W.kind === 'none' && constraints.H.kind === 'none') return penalised ? 'rotation' : 'linear';
  return penalised ? 'none' : 'scaling';
}

/** 1 where an entry may move both ways, 0 where non-negativity holds it at zero; absent where all may move. */
function freeEntries(factor: Float64Array, { constraints }: Model, name: 'W' | 'H'): Float64Array | undefined {
  return constraints[name].kind === 'none' ? undefined : factor.map((value) => (value > 0 ? 1 : 0));
}

/** The search's vectors have no place for entries that may not move: under non-negativity that is half of them or more. */
function packing(
  free: Free,
  size: number,
  ofW: number,
): Record<'pack' | 'unpack', (vector: Float64Array) => Float64Array> {
  const mayMove = (place: number): boolean => (place < ofW ? free.W?.[place] : free.H?.[place - ofW]) !== 0;
  const places = Uint32Array.from({ length: size }, (_, place) => place).filter(mayMove);
  if (places.length === size) return { pack: (vector) => vector, unpack: (vector) => vector };
  return {
    pack: (vector) => {
      const packed = new Float64Array(places.length);
      for (let at = 0; at < packed.length; at++) packed[at] = vector[places[at]!]!;
      return packed;
    },
    unpack: (packed) => {
      const vector = new Float64Array(size);
      for (let at = 0; at < packed.length; at++) vector[places[at]!] = packed[at]!;
      return vector;
    },
  };
}

function restrict(direction: Direction, free: Free): void {
  for (const name of ['W', 'H'] as const) {
    const allowed = free[name];
    const values = direction[name];
    if (!allowed) continue;
    for (let at = 0; at < values.length; at++) values[at] = values[at]! * allowed[at]!;
  }
}

/** Two views of one vector: the part of W, then the part of H. */
const split = (vector: Float64Array, at: number): Direction => ({ W: vector.subarray(0, at), H: vector.subarray(at) });

const squareSum = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const largestOf = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);

/** Σ_F ‖F‖·‖G_F‖ over what may move. */
function slopeOf(gradient: Direction, at: Direction, free: Free): number {
  const part = (name: 'W' | 'H'): number => {
    const allowed = free[name];
    let squares = 0;
    gradient[name].forEach((value, place) => {
      // A gradient that pushes an entry against its bound is no slope; one that would lift it off is.
      const felt = allowed?.[place] === 0 ? Math.min(0, value) : value;
      squares += felt * felt;
    });
    return Math.sqrt(squares * squareSum(at[name]));
  };
  return part('W') + part('H');
}
