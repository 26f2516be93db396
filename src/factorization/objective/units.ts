import type { Biases, Factors } from '../factors';
import { constraintRecord, type Constraint } from '../../model/constraints';
import { fieldsOf, type Fields } from '../../model/fields';
import { losses, type LossRecord } from '../../model/losses';
import type { Model } from '../../model/model';
import { penalties, penaltyNames, type FactorPenalty, type PenaltyName } from '../../model/penalties';
import { withValues, type Observations } from '../observations';

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
  const { nonNegative, degree }: LossRecord = losses[loss.kind];
  if (degree === undefined) return undefined;
  // What is added to a divergence's arguments is to be small beside the mean, which may be far below the root mean square.
  const size = nonNegative ? mean : Math.sqrt((biases ? centredSumOfSquares : sumOfSquares) / Math.max(1, observed));
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
  const { options }: LossRecord = losses[loss.kind];
  const { W, H, objective } = scalesOf(model, s, isFixed);
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
    factors: { W, H },
  };
}

type DataTotals = Pick<Observations, 'mean' | 'observed' | 'sumOfSquares' | 'centredSumOfSquares'>;

/** The penalties named, whose weights are for data of which 1 is the unit, for the same data with the unit s. */
export function penaltiesOutOf(model: Model, s: number, names: readonly PenaltyName[]): Model['penalties'] {
  // What is to lie between bounds, or to be of some length, is so in any unit.
  const scales = scalesOf(model, s, (constraint) => isFixed(constraint) || hasUnit(constraint));
  const outOf = (factor: 'W' | 'H'): FactorPenalty => {
    const own = model.penalties[factor];
    const scaled = penaltyIn(own, 1 / scales[factor], 1 / scales.objective);
    return { ...own, ...Object.fromEntries(names.map((name) => [name, scaled[name]])) };
  };
  return { W: outOf('W'), H: outOf('H') };
}

/** What factors and objective grow by when the data do by s. A factor of a given length leaves the scale to the other. */
function scalesOf(
  { loss, constraints }: Model,
  s: number,
  isGiven: (constraint: Constraint) => boolean,
): { W: number; H: number; objective: number } {
  const { degree }: LossRecord = losses[loss.kind];
  if (degree === undefined) return { W: 1, H: 1, objective: 1 };
  const objective = s ** degree;
  const [givenW, givenH] = [isGiven(constraints.W), isGiven(constraints.H)];
  if (givenW && givenH) return { W: 1, H: 1, objective };
  const W = givenW ? 1 : givenH ? s : Math.sqrt(s);
  return { W, H: s / W, objective };
}

/** Whether a constraint's numbers are in the factor's unit. */
const hasUnit = (constraint: Constraint): boolean =>
  fieldsOf(constraintRecord(constraint).options, 'number').some(([, { unit }]) => unit === 'factor');

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
