import { constraintRecord, isNonNegative, type Constraint } from './constraints';
import type { Model } from './model';
import { isPenalisedBy, type FactorPenalty } from './penalties';

const factorNames = ['W', 'H'] as const;
type Factor = (typeof factorNames)[number];

/** Whether a factor cannot grow without end. */
const isBounded = (constraint: Constraint): boolean => constraintRecord(constraint).bounded === true;

/** Whether a factor can be shrunk towards zero, as a simplex, components of length 1 and a box off zero cannot. */
const canShrink = (constraint: Constraint): boolean =>
  constraint.kind === 'box'
    ? constraint.least <= 0 && constraint.most >= 0
    : constraintRecord(constraint).rigid !== true;

/**
 * Whether W·H may be zero at no cost but the loss: one factor can be zero, and the other then too, or it has no penalty
 * that its constraint keeps it from shaking off.
 */
export const mayVanish = ({ constraints, penalties }: Pick<Model, 'constraints' | 'penalties'>): boolean => {
  const [W, H] = [canShrink(constraints.W), canShrink(constraints.H)];
  return (W && (H || !isPenalised(penalties.H))) || (H && !isPenalised(penalties.W));
};

const isPenalised = (penalty: FactorPenalty): boolean => isPenalisedBy(penalty, () => true);

/** Whether a penalty grows with the factor whatever its form. Neighbours that are alike and components at right angles cost nothing however long. */
const isSizePenalised = (penalty: FactorPenalty): boolean => isPenalisedBy(penalty, ({ ofSize }) => ofSize === true);

/**
 * The factor that may grow without end, since growing it and shrinking the other lowers the other's penalty and leaves W·H
 * as it is: the objective then has an infimum that no factors attain. Undefined where there is none.
 */
export function inflatingFactor({
  penalties,
  constraints,
}: Pick<Model, 'penalties' | 'constraints'>): Factor | undefined {
  return factorNames.find((name) => {
    const other = name === 'W' ? 'H' : 'W';
    if (isBounded(constraints[name]) || !canShrink(constraints[other]) || isSizePenalised(penalties[name]))
      return false;
    return isSizePenalised(penalties[other]) || (isPenalised(penalties[other]) && !isPenalised(penalties[name]));
  });
}

/**
 * The model with the factor bounded that would otherwise grow without end: its components are at most 1 long, the
 * convention of dictionary learning (Mairal et al. 2010, eq. 3). A model that needs no bound is returned as it is.
 */
export function withBound(model: Model): Model {
  const name = inflatingFactor(model);
  if (name === undefined) return model;
  const nonNegative = isNonNegative(model.constraints[name]);
  return { ...model, constraints: { ...model.constraints, [name]: { kind: 'unit-ball', nonNegative } } };
}

/** Why a model's factor has to be bounded, for one whose components are at most 1 long for that reason; else undefined. */
export function boundReason({ penalties, constraints }: Pick<Model, 'penalties' | 'constraints'>): string | undefined {
  const name = factorNames.find((factor) => constraints[factor].kind === 'unit-ball');
  if (name === undefined) return undefined;
  const loose = { ...constraints, [name]: { kind: 'none' } as const };
  if (inflatingFactor({ penalties, constraints: loose }) !== name) return undefined;
  const other = name === 'W' ? 'H' : 'W';
  return `The penalty of ${other} has none of ${name} to weigh against: without a bound, shrinking ${other} and growing ${name} would lower it at no cost, without end. So components of ${name} are at most 1 long.`;
}
