import type { Curvature } from './findings';
import { performance } from 'node:perf_hooks';
import { randomNormal } from '../../engine';
import {
  compileDerivatives,
  freeEntries,
  packing,
  restrict,
  stationarityOf,
  split,
  type Direction,
  type Free,
} from './derivatives';
import { symmetryProjection, type Symmetry } from './symmetries';
import { blockPreconditioner, lineCurvatures } from './preconditioner';
import { extremeEigenvalues, fewestKept } from './extreme-eigenvalues';
import type { Model } from '../../model/model';
import { isPenalisedBy } from '../../model/penalties';
import type { Observations } from '../observations';
import type { Factors } from '../factors';
import { squareSum } from '../linear-algebra/vectors';
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

/** Why there is no answer, where the time was too short for one. */
export const notInTime =
  'Not examined within the time that the run took; diagnosing in full (--diagnose full) takes as long as it needs.';

const maxProducts = 400;
/** Most vectors that the search keeps, each with its image. */
const maxKept = 16;

/** Most numbers in X, and in the vectors that the search keeps: 256 MB each. */
export const maxNumbersSearched = 1 << 25;

/** Part of the largest curvature below which a curvature counts as zero: float32 factors leave about that much. */
const minShare = 1e-4;

/** A stationarity above this part of the objective is none of a stationary point. */
const maxStationarity = 0.01;

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
  const refusal = refusesCurvature(model);
  if (refusal) return { kind: 'none', reason: refusal };
  if (observations.X.length > maxNumbersSearched) return tooLarge;
  // As solvers do, so that it is the objective they minimised: what keeps a divergence finite is small beside the data.
  const units = unitsFor(model, observations);
  if (!units) return curvatureAt(model, observations, rank, factors, options);
  const found = await curvatureAt(units.model, units.observations, rank, units.enter(factors), options);
  return found.kind === 'none' ? found : inUnitsOfData(found, units);
}

/** Fewer products of the Hessian say nothing: so many begin the search, and some are to follow. */
const fewestProducts = 20;

/** About what a product takes: X's shape meets a factor in four products, at a nanosecond for each multiplication and addition. */
const millisecondsOfProduct = ({ X }: Observations, rank: number): number => 4e-6 * X.length * rank;

const tooShort: Curvature = { kind: 'none', reason: notInTime };

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

  // Nothing is compiled for a search that would not come so far.
  if (performance.now() + fewestProducts * millisecondsOfProduct(observations, rank) > deadline) return tooShort;

  let cut: Cut | undefined;
  const isOver = (): boolean => {
    cut = shouldStop() ? 'stopped' : performance.now() > deadline ? 'time' : undefined;
    return cut !== undefined;
  };
  const at: Direction = { W: Float64Array.from(factors.W), H: Float64Array.from(factors.H) };
  const free: Free = { W: freeEntries(at.W, model, 'W'), H: freeEntries(at.H, model, 'H') };
  const derivatives = await compileDerivatives(model, observations, rank, factors);
  try {
    const stationarity = stationarityOf(derivatives.gradient, at, free);
    // Written so that one that is no number is none of a stationary point either.
    if (
      !(stationarity <= maxStationarity * Math.max(derivatives.objective, minShare * baselineOf(observations, model)))
    ) {
      return {
        kind: 'none',
        reason:
          'To the tolerance asked for the gradient is not yet that of a stationary point, where alone the curvature decides; a smaller tolerance brings it nearer.',
      };
    }
    const withoutSymmetry = symmetryProjection(symmetryOf(model), at, rank);
    const project = (vector: Float64Array): Float64Array => {
      const direction = split(vector, rows * rank);
      restrict(direction, free);
      // Its tangents are zero where the factors are, so that nothing moves there again.
      withoutSymmetry(direction);
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
    const before = performance.now();
    const lines = await lineCurvatures(times, model, at, rank, split(start, rows * rank));
    // Two products were timed: a search that ends before it can tell anything is not begun.
    if (performance.now() + (fewestProducts / 2) * (performance.now() - before) > deadline) return tooShort;
    const precondition = blockPreconditioner(lines, rank, free);
    const { smallest, largest, uncertainty } = await extremeEigenvalues(
      async (vector) => pack(project(await times(split(unpack(vector), rows * rank)))),
      pack(start),
      {
        products: maxProducts,
        kept,
        tolerance: minShare / 2,
        // An eigenvalue lies within its residual, so that this one is above zero, however much it is.
        ...(signOnly && { enough: ({ smallest, uncertainty }) => uncertainty <= smallest }),
        precondition: (residual) => {
          const whole = unpack(residual);
          precondition(split(whole, rows * rank));
          return pack(project(whole));
        },
        isOver,
      },
    );
    const scale = Math.min(squareSum(at.W), squareSum(at.H));
    const resolution = Math.max(minShare * Math.max(Math.abs(smallest), largest), scale > 0 ? stationarity / scale : 0);
    return conclusion(smallest, largest, resolution, uncertainty, cut);
  } finally {
    await derivatives.dispose();
  }
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

function refusesCurvature({ loss, penalties, constraints, biases }: Model): string | undefined {
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

function symmetryOf({ penalties: { W, H }, constraints }: Model): Symmetry {
  if ([W, H].some((penalty) => isPenalisedBy(penalty, ({ tellsComponents }) => tellsComponents === true)))
    return 'none';
  // A rotation of the components changes neither their sum of squares nor that of their differences.
  const penalised = [W, H].some((penalty) => isPenalisedBy(penalty, () => true));
  if (constraints.W.kind === 'none' && constraints.H.kind === 'none') return penalised ? 'rotation' : 'linear';
  return penalised ? 'none' : 'scaling';
}
