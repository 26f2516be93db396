import type { Loss } from '../model/losses';
import type { Model } from '../model/model';
import type { FactorPenalty } from '../model/penalties';
import type { RateSchedule, SolverOptions } from '../model/solvers';
import { defaultModel } from '../model/model';
import { namedSolvers, normalizedGradient, solverIds } from '../model/solvers';
import { presetIds, presetOf, type Preset } from '../model/presets';
import { constraintsFrom, withSigns } from './constraint';
import { UsageError } from './errors';
import { choice, number, pair } from './values';

export const schedules: readonly RateSchedule[] = ['constant', 'inverse-sqrt', 'cosine', 'adaptive'];
export const losses: readonly Loss['kind'][] = [
  'squared',
  'absolute',
  'huber',
  'kullback-leibler',
  'itakura-saito',
  'poisson',
  'logistic',
];

export const penaltyNames = ['l1', 'l2', 'group', 'smooth', 'orthogonal'] as const satisfies (keyof FactorPenalty)[];

/** The options that say what is minimised, as they were written. */
export interface ModelOptions {
  preset?: string | undefined;
  loss?: string | undefined;
  delta?: string | undefined;
  nonnegative?: string | undefined;
  constrain?: string | undefined;
  l1?: string | undefined;
  l2?: string | undefined;
  group?: string | undefined;
  smooth?: string | undefined;
  orthogonal?: string | undefined;
}

/** The preset that was named; undefined where none was. @throws UsageError listing them */
export const presetFrom = (name: string | undefined): Preset | undefined =>
  name === undefined ? undefined : presetOf(choice('preset', name, presetIds));

/**
 * The preset's model, or the plain one, with what the other options change of it.
 * @throws UsageError naming the option
 */
export function modelFrom({ preset, loss, delta, nonnegative, constrain, ...given }: ModelOptions): Model {
  const base = presetFrom(preset)?.model ?? defaultModel;
  const range = { minimum: 0, maximum: 1e30 };
  const weights: Partial<Record<keyof FactorPenalty, { W: number; H: number }>> = {};
  for (const name of penaltyNames) {
    const text = given[name];
    if (text !== undefined) weights[name] = weightsOf(base, name, pair(name, text, range), /^[^,]+$/.test(text));
  }
  const penalty = (factor: 'W' | 'H'): FactorPenalty => ({
    ...base.penalties[factor],
    ...Object.fromEntries(Object.entries(weights).map(([name, pair]) => [name, pair[factor]])),
  });
  return {
    loss: lossFrom(base.loss, loss, delta),
    penalties: { W: penalty('W'), H: penalty('H') },
    constraints: askedConstraints(base.constraints, nonnegative, constrain),
    // One number stands for all; two say nothing of the biases.
    ...(base.biases && {
      biases: weights.l2?.W === weights.l2?.H ? { l2: weights.l2?.W ?? base.biases.l2 } : base.biases,
    }),
    // A weight that is given is meant as it is.
    ...(base.relative && weights.l2 === undefined && { relative: true }),
  };
}

/** One number alone is that of the factor which the preset penalises so, where it is one: to penalise the other as well would be another model. */
function weightsOf(
  { penalties }: Model,
  name: keyof FactorPenalty,
  { W, H }: { W: number; H: number },
  one: boolean,
): { W: number; H: number } {
  const [ofW, ofH] = [penalties.W[name] > 0, penalties.H[name] > 0];
  return one && ofW !== ofH ? { W: ofW ? W : 0, H: ofH ? H : 0 } : { W, H };
}

/** Its δ comes from the residuals. */
const fromData: Loss = { kind: 'huber', delta: 0, fromData: true };

function lossFrom(base: Loss, name: string | undefined, delta: string | undefined): Loss {
  const kind = name === undefined ? base.kind : choice('loss', name, losses);
  if (kind !== 'huber') {
    if (delta !== undefined) {
      throw new UsageError(`--delta belongs to --loss huber, not to ${kind}.`);
    }
    return { kind };
  }
  if (delta?.toLowerCase() === 'auto') return fromData;
  if (delta !== undefined) {
    return { kind, delta: number('delta', delta, { minimum: 0, maximum: 1e30, above: true }) };
  }
  return base.kind === 'huber' ? base : fromData;
}

function askedConstraints(
  base: Model['constraints'],
  nonnegative: string | undefined,
  constrain: string | undefined,
): Model['constraints'] {
  if (constrain === undefined) return nonnegative === undefined ? base : withSigns(base, nonnegative);
  if (nonnegative !== undefined) {
    throw new UsageError(
      '--nonnegative is the short form of --constrain non-negative; give one of the two, such as --constrain non-negative+unit-norm.',
    );
  }
  return constraintsFrom(constrain);
}

/** The options that say how it is minimised, as they were written. */
export interface MethodOptions {
  solver?: string | undefined;
  rate?: string | undefined;
  schedule?: string | undefined;
  step?: string | undefined;
}

/**
 * The solver, or the preset's own; a rate, a schedule or a step length without one asks for normalised gradient descent.
 * @throws UsageError naming the option
 */
export function solverFrom({ solver, rate, schedule, step }: MethodOptions, preset?: Preset): SolverOptions {
  const asksForRate = rate !== undefined || schedule !== undefined || step !== undefined;
  if (preset?.solver && solver === undefined && !asksForRate) return preset.solver;
  const id = choice('solver', solver ?? (asksForRate ? 'ngd' : 'auto'), solverIds);
  const refuse = (option: string, value: string | undefined, owners: string): void => {
    if (value !== undefined) {
      throw new UsageError(`--${option} belongs to --solver ${owners}, not to ${id}.`);
    }
  };
  if (id !== 'ngd') {
    refuse('schedule', schedule, 'ngd');
    refuse('step', step, 'ngd');
  }
  const rateOf = (standard: number): number =>
    rate === undefined ? standard : number('rate', rate, { minimum: 0, maximum: 1e6, above: true });
  switch (id) {
    case 'ngd':
      return {
        id,
        rate: rateOf(normalizedGradient.rate),
        schedule: choice('schedule', schedule ?? normalizedGradient.schedule, schedules),
        stepLength: choice('step', step ?? normalizedGradient.stepLength, ['relative', 'absolute']),
      };
    case 'adam':
    case 'momentum':
      return { ...namedSolvers[id], rate: rateOf(namedSolvers[id].rate) };
    case 'auto':
      refuse('rate', rate, 'ngd, adam or momentum');
      return { id };
    default:
      refuse('rate', rate, 'ngd, adam or momentum');
      return namedSolvers[id];
  }
}
