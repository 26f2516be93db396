import { constraintId, type ConstraintId } from '../model/constraints';
import type { Constraint } from '../model/constraints';
import type { Loss } from '../model/losses';
import type { Model } from '../model/model';
import type { FactorPenalty } from '../model/penalties';
import { defaultModel } from '../model/model';

/** What *Custom…* lets a person change of a model, as the picker offers it. Nothing here knows the editor. */

/** Where *Custom…* begins for the first time. */
export const firstCustomModel: Model = defaultModel;

interface Named<Id extends string> {
  id: Id;
  label: string;
  detail: string;
}

export const lossChoices: readonly Named<Loss['kind']>[] = [
  { id: 'squared', label: 'Squared', detail: 'Σ(X − WH)²: where errors are as likely up as down, and none is wild.' },
  { id: 'absolute', label: 'Absolute', detail: 'Σ|X − WH|: an outlier pulls no harder the further out it lies.' },
  { id: 'huber', label: 'Huber', detail: 'Squared up to δ, linear beyond.' },
  { id: 'kullback-leibler', label: 'Kullback–Leibler', detail: 'For counts; W and H non-negative.' },
  { id: 'itakura-saito', label: 'Itakura–Saito', detail: 'For spectra, whatever their scale; W and H non-negative.' },
  { id: 'poisson', label: 'Poisson', detail: 'For counts whose mean is exp(WH).' },
  { id: 'logistic', label: 'Logistic', detail: 'For zeros and ones.' },
];

/** Of them the box alone has numbers, which are asked for next. */
export const constraintChoices: readonly Named<ConstraintId>[] = [
  { id: 'none', label: 'Any Numbers', detail: 'No constraint.' },
  { id: 'non-negative', label: 'Non-negative', detail: 'Parts add up, and nothing cancels.' },
  { id: 'box', label: 'Box', detail: 'Every entry between two bounds, which are asked for next.' },
  {
    id: 'simplex',
    label: 'Simplex',
    detail: 'Every row is non-negative and sums to 1: memberships in W, distributions in H.',
  },
  { id: 'unit-ball', label: 'Unit Ball', detail: 'Components at most 1 long, as in dictionary learning.' },
  { id: 'unit-norm', label: 'Unit Norm', detail: 'Components of length 1.' },
  { id: 'non-negative+unit-ball', label: 'Non-negative, Unit Ball', detail: 'Non-negative components at most 1 long.' },
  { id: 'non-negative+unit-norm', label: 'Non-negative, Unit Norm', detail: 'Non-negative components of length 1.' },
];

export const penaltyChoices: readonly Named<keyof FactorPenalty>[] = [
  { id: 'l1', label: 'L1', detail: 'Σ|F|: zeros, the more the larger.' },
  { id: 'l2', label: 'L2', detail: 'ΣF²: keeps factors small, so that noise is fitted less.' },
  { id: 'group', label: 'Group', detail: 'Σ‖component‖: switches off whole components.' },
  { id: 'smooth', label: 'Smoothness', detail: 'Σ(difference of neighbours)², down W’s columns and along H’s rows.' },
  { id: 'orthogonal', label: 'Orthogonality', detail: 'Σ⟨component, another⟩²: components that overlap less.' },
];

/** What stands beside a factor's name in the picker. */
export function constraintLabel(constraint: Constraint): string {
  if (constraint.kind === 'box') return `From ${constraint.least} to ${constraint.most}`;
  const id = constraintId(constraint);
  return constraintChoices.find((choice) => choice.id === id)?.label ?? id;
}

/** Both bounds of a box, in a text as `0, 1`. */
export function parseBounds(text: string): { box: Constraint } | { problem: string } {
  const [least, most] = numbersOf(text, 2) ?? [];
  if (least === undefined || most === undefined) {
    return { problem: 'Give the least and the greatest number that an entry may be, separated by a comma, e.g. 0, 1.' };
  }
  if (least > most) return { problem: `Give the smaller bound first: ${most}, ${least}.` };
  return { box: { kind: 'box', least, most } };
}

/** A weight for both factors, or one for W and one for H, in a text as `0, 1`. */
export function parseWeights(text: string): { W: number; H: number } | { problem: string } {
  const [W, H = W] = numbersOf(text, 1, 2) ?? [];
  if (W === undefined || H === undefined || W < 0 || H < 0) {
    return {
      problem: 'Give one weight of at least 0 for both factors, or W’s and H’s, separated by a comma, e.g. 0, 0.5.',
    };
  }
  return { W, H };
}

/** A threshold above 0, or `auto`. */
export function parseDelta(text: string): { delta: number | 'auto' } | { problem: string } {
  if (text.trim().toLowerCase() === 'auto') return { delta: 'auto' };
  const [delta] = numbersOf(text, 1) ?? [];
  return delta !== undefined && delta > 0
    ? { delta }
    : { problem: 'Give a number above 0, in the data’s units, e.g. 1, or auto.' };
}

function numbersOf(text: string, least: number, most = least): number[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  const numbers = parts.map(Number);
  const fine = parts.every((part, k) => part !== '' && Number.isFinite(numbers[k]));
  return fine && numbers.length >= least && numbers.length <= most ? numbers : undefined;
}

export const withConstraint = (model: Model, factor: 'W' | 'H', constraint: Constraint): Model => ({
  ...model,
  constraints: { ...model.constraints, [factor]: constraint },
});

export const withPenalty = (model: Model, id: keyof FactorPenalty, { W, H }: { W: number; H: number }): Model => ({
  ...model,
  penalties: { W: { ...model.penalties.W, [id]: W }, H: { ...model.penalties.H, [id]: H } },
});

/** The model with another loss, and with both factors non-negative where the loss knows no others. */
export function withLoss(model: Model, loss: Loss): Model {
  const signed = loss.kind !== 'kullback-leibler' && loss.kind !== 'itakura-saito';
  const constraint = (present: Constraint): Constraint =>
    signed || present.kind !== 'none' ? present : { kind: 'non-negative' };
  return {
    ...model,
    loss,
    constraints: { W: constraint(model.constraints.W), H: constraint(model.constraints.H) },
  };
}
