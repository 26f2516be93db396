import type { Biases, Factors } from './factors';
import type { Constraint, FactorPenalty, Loss, Model } from './model';
import { withValues, type Observations } from './observations';
import type { BatchSolver, SolverState } from './solvers/solver';

/**
 * Data in units in which their numbers are about 1, with the model that says the same of them. Solvers work on these: what
 * they add to keep a logarithm or a quotient finite is then small beside the data, and nothing leaves the range of float32.
 * All scales are powers of two, so that nothing is rounded on the way.
 */
export interface Units {
  model: Model;
  observations: Observations;
  /** Factors of the data in these units, and back. */
  enter<F extends Factors>(factors: F): F;
  leave<F extends Factors>(factors: F): F;
  /** What the objective in these units is to be multiplied by. */
  objective: number;
  /** What the factors in these units are to be multiplied by. */
  factors: { W: number; H: number };
}

/** Sizes of numbers, as powers of 4, from which on data get units of their own: those of losses that have constants, and others. */
const plainPowers = { constants: 2, none: 10 };

/** The unit that a model's data are brought to, a power of 4; undefined where they are about right, or cannot be in another. */
export function unitOf(
  { loss, constraints, biases }: Model,
  { mean, observed, sumOfSquares, centredSumOfSquares }: Pick<Observations, keyof DataTotals>,
): number | undefined {
  if (growthOf(loss, 1) === undefined) return undefined;
  // What is added to a divergence's arguments is to be small beside the mean, which may be far below the root mean square.
  const size = isDivergence(loss)
    ? mean
    : Math.sqrt((biases ? centredSumOfSquares : sumOfSquares) / Math.max(1, observed));
  if (!(size > 0)) return undefined;
  const power = Math.round(Math.log2(size) / 2);
  const least = loss.kind === 'squared' ? plainPowers.none : plainPowers.constants;
  if (Math.abs(power) <= least || (isFixed(constraints.W) && isFixed(constraints.H))) return undefined;
  return 4 ** power;
}

/** The units for a model and its data; undefined where they need none of their own. */
export function unitsFor(model: Model, observations: Observations): Units | undefined {
  const s = unitOf(model, observations);
  if (s === undefined) return undefined;
  const { loss, constraints } = model;
  const { W, H, objective } = scalesOf(model, s, isFixed);
  return {
    model: {
      ...model,
      loss: loss.kind === 'huber' ? { ...loss, delta: loss.delta / s } : loss,
      penalties: {
        W: penaltyIn(model.penalties.W, W, objective),
        H: penaltyIn(model.penalties.H, H, objective),
      },
      constraints: { W: constraintIn(constraints.W, W), H: constraintIn(constraints.H, H) },
      ...(model.biases && { biases: { l2: (model.biases.l2 * s * s) / objective } }),
    },
    observations: observationsIn(observations, s),
    enter: (factors) => scaled(factors, 1 / W, 1 / H, 1 / s),
    leave: (factors) => scaled(factors, W, H, s),
    objective,
    factors: { W, H },
  };
}

type DataTotals = Pick<Observations, 'mean' | 'observed' | 'sumOfSquares' | 'centredSumOfSquares'>;

/** The penalties named, whose weights are for data of which 1 is the unit, for the same data with the unit s. */
export function penaltiesOutOf(model: Model, s: number, names: readonly (keyof FactorPenalty)[]): Model['penalties'] {
  // What is to lie between bounds, or to be of some length, is so in any unit.
  const scales = scalesOf(model, s, (constraint) => isFixed(constraint) || constraint.kind === 'box');
  const outOf = (factor: 'W' | 'H'): FactorPenalty => {
    const own = model.penalties[factor];
    const scaled = penaltyIn(own, 1 / scales[factor], 1 / scales.objective);
    return { ...own, ...Object.fromEntries(names.map((name) => [name, scaled[name]])) };
  };
  return { W: outOf('W'), H: outOf('H') };
}

/** What a loss grows by when the data do by s; undefined where its data have no unit. */
function growthOf({ kind }: Loss, s: number): number | undefined {
  switch (kind) {
    case 'squared':
    case 'huber':
      return s * s;
    case 'absolute':
    case 'kullback-leibler':
      return s;
    case 'itakura-saito':
      return 1;
    case 'poisson':
    case 'logistic':
      return undefined;
  }
}

/** What factors and objective grow by when the data do by s. A factor of a given length leaves the scale to the other. */
function scalesOf(
  { loss, constraints }: Model,
  s: number,
  isGiven: (constraint: Constraint) => boolean,
): { W: number; H: number; objective: number } {
  const objective = growthOf(loss, s);
  if (objective === undefined) return { W: 1, H: 1, objective: 1 };
  const [givenW, givenH] = [isGiven(constraints.W), isGiven(constraints.H)];
  if (givenW && givenH) return { W: 1, H: 1, objective };
  const W = givenW ? 1 : givenH ? s : Math.sqrt(s);
  return { W, H: s / W, objective };
}

const isDivergence = ({ kind }: Loss): boolean => kind === 'kullback-leibler' || kind === 'itakura-saito';

/** Whether a constraint says how long a factor may be. */
const isFixed = ({ kind }: Constraint): boolean => kind === 'unit-ball' || kind === 'unit-norm' || kind === 'simplex';

const penaltyIn = (
  { l1, l2, group, smooth, orthogonal }: FactorPenalty,
  scale: number,
  objective: number,
): FactorPenalty => ({
  l1: (l1 * scale) / objective,
  l2: (l2 * scale ** 2) / objective,
  group: (group * scale) / objective,
  smooth: (smooth * scale ** 2) / objective,
  orthogonal: (orthogonal * scale ** 4) / objective,
});

const constraintIn = (constraint: Constraint, scale: number): Constraint =>
  constraint.kind === 'box'
    ? { ...constraint, least: constraint.least / scale, most: constraint.most / scale }
    : constraint;

function observationsIn(observations: Observations, s: number): Observations {
  const { mean, observed, sumOfSquares, centredSumOfSquares, X } = observations;
  return withValues(
    observations,
    X.map((x) => x / s),
    {
      mean: mean / s,
      observed,
      sumOfSquares: sumOfSquares / s ** 2,
      centredSumOfSquares: centredSumOfSquares / s ** 2,
    },
  );
}

function scaled<F extends Factors>(factors: F, W: number, H: number, s: number): F {
  const times = (values: Float32Array, scale: number): Float32Array =>
    scale === 1 ? values : values.map((value) => value * scale);
  const { biases } = factors;
  const own: Biases | undefined = biases && {
    mean: biases.mean * s,
    rows: times(biases.rows, s),
    columns: times(biases.columns, s),
  };
  return { ...factors, W: times(factors.W, W), H: times(factors.H, H), ...(own && { biases: own }) };
}

/** A solver of data in some units as one of the data as they are. What it carries along beside the factors stays in its units. */
export const inUnits = ({ enter, leave, objective: scale }: Units, solver: BatchSolver): BatchSolver => ({
  device: solver.device,
  size: solver.size,
  begin: (states, done, planned) => solver.begin(states.map(enter), done, planned),
  async advance(count) {
    const times = (values: ArrayLike<number>): Float64Array => new Float64Array(values).map((value) => value * scale);
    return (await solver.advance(count)).map(({ objective, stationarity, rate }) => ({
      objective: times(objective),
      stationarity: times(stationarity),
      rate,
    }));
  },
  states: async () => (await solver.states()).map((state: SolverState) => leave(state)),
  dispose: () => solver.dispose(),
});
