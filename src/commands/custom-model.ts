import {
  combinationsOf,
  constraintId,
  constraintWith,
  constraints as constraintRecords,
  type Constraint,
  type ConstraintId,
  type ConstraintRecords,
  type NumberedKind,
} from '../model/constraints';
import { fieldsOf, recordOf, type NumberField } from '../model/fields';
import { losses as lossRecords, type Loss, type LossKind, type LossRecords } from '../model/losses';
import { defaultModel, type Model } from '../model/model';
import { penalties as penaltyRecords, type PenaltyName, type PenaltyRecords } from '../model/penalties';
import { holds, wanted } from '../model/ranges';

/** What *Custom…* lets a person change of a model, as the picker offers it. Nothing here knows the editor. */

/** Where *Custom…* begins for the first time. */
export const firstCustomModel: Model = defaultModel;

interface Named<Id extends string> {
  id: Id;
  label: string;
  detail: string;
}

const choicesOf = <Id extends string>(
  records: Readonly<Record<string, { label: string; detail: string }>>,
): Named<Id>[] => Object.entries(records).map(([id, { label, detail }]) => ({ id: id as Id, label, detail }));

export const lossChoicesOf = (records: LossRecords): Named<LossKind>[] => choicesOf(records);

export const lossChoices: readonly Named<LossKind>[] = lossChoicesOf(lossRecords);

/** Of them those with numbers are asked for them next. */
export const constraintChoicesOf = (records: ConstraintRecords): Named<ConstraintId>[] => [
  ...choicesOf<ConstraintId>(records),
  ...combinationsOf(records).map((id) => {
    const { label, withSign = '' } = recordOf(records, id.replace('non-negative+', ''));
    return { id, label: `Non-negative, ${label}`, detail: withSign };
  }),
];

export const constraintChoices: readonly Named<ConstraintId>[] = constraintChoicesOf(constraintRecords);

export const penaltyChoicesOf = (records: PenaltyRecords): Named<PenaltyName>[] => choicesOf(records);

export const penaltyChoices: readonly Named<PenaltyName>[] = penaltyChoicesOf(penaltyRecords);

/** The numbers of a constraint, in order. */
export function numbersIn(constraint: Constraint, records: ConstraintRecords = constraintRecords): number[] {
  const values: Readonly<Record<string, unknown>> = constraint;
  return fieldsOf(recordOf(records, constraint.kind).options, 'number').map(([name]) => Number(values[name]));
}

/** What stands beside a factor's name in the picker. */
export function constraintLabel(constraint: Constraint, records: ConstraintRecords = constraintRecords): string {
  const { label, numbers } = recordOf(records, constraint.kind);
  if (numbers?.rising) return `From ${numbersIn(constraint, records).join(' to ')}`;
  if (numbers) return `${label}, ${numbersIn(constraint, records).join(', ')}`;
  const id = constraintId(constraint);
  return constraintChoicesOf(records).find((choice) => choice.id === id)?.label ?? id;
}

/** Whether a constraint comes with numbers, which have to be asked for. */
export const hasNumbers = (id: ConstraintId, records: ConstraintRecords = constraintRecords): id is NumberedKind =>
  records[id]?.numbers !== undefined;

/** The numbers of a constraint, such as both bounds of a box, in a text as `0, 1`. */
export function parseNumbers(
  kind: NumberedKind,
  text: string,
  records: ConstraintRecords = constraintRecords,
): { constraint: Constraint } | { problem: string } {
  const { numbers, options } = recordOf(records, kind);
  const fields = fieldsOf(options, 'number');
  const given = numbersOf(text, fields.length);
  if (given === undefined || fields.some(([, field], at) => !holds(field, given[at]!))) {
    const separated = fields.length > 1 ? ', separated by a comma' : '';
    return { problem: `${numbers?.wanted ?? ''}${separated}, e.g. ${numbers?.example.join(', ') ?? ''}.` };
  }
  if (numbers?.rising && given.some((value, at) => at > 0 && value < given[at - 1]!)) {
    return { problem: `Give the smaller bound first: ${[...given].sort((a, b) => a - b).join(', ')}.` };
  }
  return { constraint: constraintWith(kind, given, records) };
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

/** A number that a field allows, or `auto` where it may come from the data. */
export function parseOption(field: NumberField, text: string): { value: number | 'auto' } | { problem: string } {
  if (field.auto !== undefined && text.trim().toLowerCase() === 'auto') return { value: 'auto' };
  const [value] = numbersOf(text, 1) ?? [];
  if (value !== undefined && holds(field, value)) return { value };
  const unit = field.unit === 'X' ? ', in the data’s units' : '';
  const example = field.example === undefined ? '' : `, e.g. ${field.example}`;
  return { problem: `Give ${wanted(field)}${unit}${example}${field.auto === undefined ? '' : ', or auto'}.` };
}

/** The question for an option of a loss. */
export function optionPrompt({ symbol, noun, sentence, auto }: NumberField): string {
  const meaning = sentence === undefined ? '' : `: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
  return `${symbol ?? noun}${meaning}${auto === undefined ? '' : '; auto takes it from the residuals'}`;
}

/** A loss with another number, or with one that is to come from the data. */
export function withOption(loss: Loss, name: string, { auto }: NumberField, value: number | 'auto'): Loss {
  const changed: Record<string, unknown> = { ...loss, [name]: value === 'auto' ? 0 : value };
  if (auto !== undefined) delete changed[auto];
  return { ...changed, ...(auto !== undefined && value === 'auto' && { [auto]: true }) } as Loss;
}

/** An option as it stands beside its loss, and as it is asked for. */
export function optionText(loss: Loss, name: string, { auto }: NumberField): string {
  const values: Readonly<Record<string, unknown>> = loss;
  return auto !== undefined && Number(values[name]) === 0 ? 'auto' : String(values[name]);
}

/** What stands beside *Loss* in the picker. */
export function lossLabel(loss: Loss, records: LossRecords = lossRecords): string {
  const { label, options } = recordOf(records, loss.kind);
  return [
    label,
    ...fieldsOf(options, 'number').map(([name, field]) => {
      const value = optionText(loss, name, field);
      return `${field.symbol ?? field.noun} ${value === 'auto' ? 'from the data' : `= ${value}`}`;
    }),
  ].join(', ');
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

/** The model with other weights of a penalty, which are meant as they are. */
export function withPenalty(
  { relative = [], ...model }: Model,
  id: PenaltyName,
  { W, H }: { W: number; H: number },
): Model {
  const others = relative.filter((name) => name !== id);
  return {
    ...model,
    penalties: { W: { ...model.penalties.W, [id]: W }, H: { ...model.penalties.H, [id]: H } },
    ...(others.length > 0 && { relative: others }),
  };
}

/** The model with another loss, and with both factors non-negative where the loss knows no others. */
export function withLoss(model: Model, loss: Loss, records: LossRecords = lossRecords): Model {
  const { nonNegative } = recordOf(records, loss.kind);
  const constraint = (present: Constraint): Constraint =>
    !nonNegative || present.kind !== 'none' ? present : { kind: 'non-negative' };
  return {
    ...model,
    loss,
    constraints: { W: constraint(model.constraints.W), H: constraint(model.constraints.H) },
  };
}
