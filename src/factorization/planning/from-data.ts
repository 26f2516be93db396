import { fitFrom, type FitControl } from '../rank/best-fit';
import type { DeviceChoice } from '../../model/run';
import type { Loss } from '../../model/losses';
import type { Model } from '../../model/model';
import type { Stopping } from '../../model/stopping';
import { forEachObserved, isPartial, type Observations } from '../observations';
import { predictor, type Factors } from '../factors';
import { chooseSolver } from '../solvers/solvers';
import { prepareStarts } from '../starts/start';
import { isNothing } from '../objective/statistics';
import { penaltiesOutOf } from '../objective/units';

/**
 * Defaults that carry the data's units come from the data: what was found stands in the result's model as if it had been
 * given.
 */

/** The model with the weights of its penalties for the data's unit, where they were for data of standard deviation 1. */
export function withPenaltiesInUnits(model: Model, observations: Observations): Model {
  const { relative, ...absolute } = model;
  if (!relative) return model;
  return { ...absolute, penalties: penaltiesOutOf(model, deviationOf(observations), relative) };
}

/** The standard deviation, or the size of numbers that are all alike. */
function deviationOf({ centredSumOfSquares, sumOfSquares, observed }: Observations): number {
  const squares = isNothing(centredSumOfSquares, sumOfSquares) ? sumOfSquares : centredSumOfSquares;
  return Math.sqrt(squares / Math.max(1, observed)) || 1;
}

/** A normal residual is let count as squared with an efficiency of 95 % (Huber 1964); 1.4826·median |r| is its deviation. */
const deviations = 1.345;
const medianToDeviation = 1.4826;

/** δ is at least this part of the data's standard deviation: data that a fit meets have no residuals to speak of. */
const minDelta = 2e-3;

const iterationsEach = 50;
const maxRounds = 12;
/** δ has settled when it changes by less than this part. */
const settled = 0.02;

/** Not that of the settings: restart k of seed s is to be the one run of seed s + k. */
const ownSeed = 0;

interface FitSettings {
  rank: number;
  device: DeviceChoice;
  stopping: Stopping;
}

/**
 * The model with the δ of its Huber loss, where that is to come from the data: 1.345 robust standard deviations of the
 * residuals of a fit, at first of least squares, then of the loss with the δ before, until δ stays.
 */
export async function withDelta(
  model: Model,
  observations: Observations,
  settings: FitSettings,
  control: FitControl,
): Promise<Model> {
  const { loss } = model;
  if (loss.kind !== 'huber' || loss.fromData !== true) return model;
  const { observed, centredSumOfSquares } = observations;
  const least = minDelta * Math.sqrt(centredSumOfSquares / Math.max(1, observed)) || 1;
  const withLoss = (next: Loss): Model => ({ ...model, loss: next });
  const start = (await prepareStarts('random', observations, withLoss({ kind: 'squared' }), settings.rank))(ownSeed);
  let factors = start;
  let delta: number | undefined;
  for (let round = 0; round < maxRounds && (delta === undefined || !control.shouldStop()); round++) {
    const next = withLoss(delta === undefined ? { kind: 'squared' } : { ...loss, delta });
    // Least squares may have given a component to an outlier, which the loss would not leave again.
    factors = await fit(next, observations, round <= 1 ? start : factors, settings, control);
    const found = Math.max(
      least,
      deviations * medianToDeviation * medianResidual(observations, factors, settings.rank),
    );
    const before = delta;
    delta = found;
    if (before !== undefined && Math.abs(found - before) <= settled * before) break;
  }
  return withLoss({ ...loss, delta: delta ?? least });
}

async function fit(
  model: Model,
  observations: Observations,
  start: Factors,
  { rank, device, stopping }: FitSettings,
  control: FitControl,
): Promise<Factors> {
  const choice = chooseSolver({ id: 'auto' }, model, isPartial(observations), { ...observations, rank });
  const options = 'solver' in choice ? choice.solver : choice;
  const limited = { ...stopping, iterations: Math.min(iterationsEach, stopping.iterations) };
  return fitFrom(observations, rank, start, { model, solver: options, stopping: limited, device }, control);
}

/** Residuals looked at, at most. */
const maxResiduals = 1 << 18;

function medianResidual(observations: Observations, factors: Factors, rank: number): number {
  const predict = predictor(factors, rank);
  const stride = Math.ceil(observations.observed / maxResiduals);
  const residuals = new Float64Array(Math.ceil(observations.observed / stride));
  let met = 0;
  let count = 0;
  forEachObserved(observations, (at, row, column) => {
    if (met++ % stride !== 0) return;
    residuals[count++] = Math.abs(observations.X[at]! - predict(row, column));
  });
  return residuals.subarray(0, count).sort()[Math.floor(count / 2)] ?? 0;
}

/** What the user should know of a Huber loss that met no outlier. */
export function deltaWarnings({ loss }: Model, observations: Observations, factors: Factors, rank: number): string[] {
  if (loss.kind !== 'huber') return [];
  const predict = predictor(factors, rank);
  let most = 0;
  forEachObserved(observations, (at, row, column) => {
    most = Math.max(most, Math.abs(observations.X[at]! - predict(row, column)));
  });
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  return most > loss.delta
    ? []
    : [
        `No residual exceeds δ = ${shown(loss.delta)} (the largest is ${shown(most)}), so the Huber loss was the squared loss and no outlier was met: give a smaller δ, or let it come from the data.`,
      ];
}
