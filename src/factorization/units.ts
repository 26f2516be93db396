import type { Biases, Factors } from './factors';
import { constraintRecord, type Constraint } from '../model/constraints';
import { fieldsOf, type Fields } from '../model/fields';
import { losses, type LossRecord } from '../model/losses';
import type { Model } from '../model/model';
import { penalties, penaltyNames, type FactorPenalty } from '../model/penalties';
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
}

/** Sizes of numbers, as powers of 4, from which on data get units of their own: those of losses that have constants, and others. */
const plainPowers = { constants: 2, none: 10 };

/** The units for a model and its data; undefined where the data are about right, or cannot be in other units. */
export function unitsFor(model: Model, observations: Observations): Units | undefined {
  const { loss, constraints } = model;
  const { nonNegative, degree, options }: LossRecord = losses[loss.kind];
  if (degree === undefined) return undefined;
  const { mean, observed, sumOfSquares, centredSumOfSquares } = observations;
  // What is added to a divergence's arguments is to be small beside the mean, which may be far below the root mean square.
  const size = nonNegative
    ? mean
    : Math.sqrt((model.biases ? centredSumOfSquares : sumOfSquares) / Math.max(1, observed));
  if (!(size > 0)) return undefined;
  const power = Math.round(Math.log2(size) / 2);
  const least = loss.kind === 'squared' ? plainPowers.none : plainPowers.constants;
  if (Math.abs(power) <= least || (isFixed(constraints.W) && isFixed(constraints.H))) return undefined;
  const s = 4 ** power;
  // A factor of a given length leaves the scale to the other.
  const W = isFixed(constraints.W) ? 1 : isFixed(constraints.H) ? s : 2 ** power;
  const H = s / W;
  const objective = s ** degree;
  return {
    model: {
      ...model,
      loss: inUnit(loss, options, 'X', s),
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
  };
}

/** Whether a constraint says how long a factor may be. */
const isFixed = (constraint: Constraint): boolean => constraintRecord(constraint).fixesLength === true;

const penaltyIn = (penalty: FactorPenalty, scale: number, objective: number): FactorPenalty =>
  Object.fromEntries(
    penaltyNames.map((name) => [name, (penalty[name] * scale ** penalties[name].power) / objective]),
  ) as FactorPenalty;

const constraintIn = (constraint: Constraint, scale: number): Constraint =>
  inUnit(constraint, constraintRecord(constraint).options, 'factor', scale);

/** Options that have a unit, in one that is `scale` times as large. */
function inUnit<T extends object>(options: T, fields: Fields | undefined, unit: 'X' | 'factor', scale: number): T {
  const values = options as Readonly<Record<string, unknown>>;
  const changed = fieldsOf(fields, 'number').filter(([, field]) => field.unit === unit);
  return { ...options, ...Object.fromEntries(changed.map(([name]) => [name, Number(values[name]) / scale])) };
}

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
