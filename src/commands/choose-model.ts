import * as vscode from 'vscode';
import { withBound } from '../model/bounds';
import { constraintId, constraintOf, constraintRecord, type ConstraintRecord } from '../model/constraints';
import { fieldsOf } from '../model/fields';
import { lossOfKind, losses, type LossRecord } from '../model/losses';
import type { Model } from '../model/model';
import { objectiveText } from '../inspector/model-text';
import { askOne, askText } from '../editor/ask';
import {
  constraintChoices,
  constraintLabel,
  hasNumbers,
  lossChoices,
  lossLabel,
  numbersIn,
  optionPrompt,
  optionText,
  parseNumbers,
  parseOption,
  parseWeights,
  penaltyChoices,
  withConstraint,
  withLoss,
  withOption,
  withPenalty,
} from './custom-model';

type Part = 'done' | 'loss' | 'W' | 'H' | (typeof penaltyChoices)[number]['id'];

/** How the steps of the picker are counted. */
export interface Counted {
  title: string;
  step: number;
  totalSteps: number;
}

/**
 * Lets the user change loss, constraints and penalties one by one, the whole objective in view, until it is what is to be
 * minimised.
 *
 * @param start what it begins with
 * @returns the model, `back` to go back, undefined when the user leaves
 */
export async function chooseModel(counted: Counted, start: Model): Promise<Model | 'back' | undefined> {
  let model = start;
  let last: Part = 'done';
  for (;;) {
    const part: Part | 'back' | undefined = await askOne<Part>({
      ...counted,
      placeholder: 'Penalties and constraints: choose what to change, or factorize',
      items: itemsOf(model),
      last,
    });
    if (part === undefined || part === 'back') return part;
    if (part === 'done') return model;
    const changed = await change(counted, model, part);
    if (changed === undefined) return undefined;
    if (changed !== 'back') model = changed;
    last = part;
  }
}

function itemsOf(model: Model): (vscode.QuickPickItem & { id: Part })[] {
  const { loss, constraints, penalties } = model;
  const separator = (label: string): vscode.QuickPickItem & { id: Part } => ({
    id: 'done',
    label,
    kind: vscode.QuickPickItemKind.Separator,
  });
  return [
    // With the bound that it will have, if one is needed.
    { id: 'done', label: 'Factorize', detail: objectiveText({ model: withBound(model) }) },
    separator(''),
    { id: 'loss', label: 'Loss', description: lossLabel(loss) },
    separator('Constraints'),
    ...(['W', 'H'] as const).map((id) => ({ id, label: id, description: constraintLabel(constraints[id]) })),
    separator('Penalties'),
    ...penaltyChoices.map(({ id, label, detail }) => ({
      id,
      label,
      description: weightsText(penalties.W[id], penalties.H[id]),
      detail,
    })),
  ];
}

const weightsText = (W: number, H: number): string => (W === 0 && H === 0 ? 'None' : `W ${W}, H ${H}`);

async function change(
  counted: Counted,
  model: Model,
  part: Exclude<Part, 'done'>,
): Promise<Model | 'back' | undefined> {
  switch (part) {
    case 'loss':
      return changeLoss(counted, model);
    case 'W':
    case 'H':
      return changeConstraint(counted, model, part);
    default: {
      const { W, H } = model.penalties;
      const { label = part, detail = '' } = penaltyChoices.find(({ id }) => id === part) ?? {};
      const weights = await askText({
        ...counted,
        value: W[part] === H[part] ? String(W[part]) : `${W[part]}, ${H[part]}`,
        prompt: `${label}: the weight of ${detail.replace(/: .*|, .*|\.$/, '')} in W and in H, one number for both or two`,
        parse: parseWeights,
      });
      return typeof weights === 'object' ? withPenalty(model, part, weights) : weights;
    }
  }
}

async function changeLoss(counted: Counted, model: Model): Promise<Model | 'back' | undefined> {
  const { loss } = model;
  const kind = await askOne({
    ...counted,
    placeholder: 'Loss: what an entry of X costs that WH does not meet',
    items: lossChoices,
    last: loss.kind,
  });
  if (kind === undefined || kind === 'back') return kind;
  const { options }: LossRecord = losses[kind];
  let changed = lossOfKind(kind);
  for (const [name, field] of fieldsOf(options, 'number')) {
    const answer = await askText({
      ...counted,
      value: optionText(loss.kind === kind ? loss : changed, name, field),
      prompt: optionPrompt(field),
      parse: (text) => parseOption(field, text),
    });
    if (typeof answer !== 'object') return answer;
    changed = withOption(changed, name, field, answer.value);
  }
  return withLoss(model, changed);
}

async function changeConstraint(
  counted: Counted,
  model: Model,
  factor: 'W' | 'H',
): Promise<Model | 'back' | undefined> {
  const present = model.constraints[factor];
  const id = await askOne({
    ...counted,
    placeholder: `${factor}: what its entries may be`,
    items: constraintChoices,
    last: constraintId(present),
  });
  if (id === undefined || id === 'back') return id;
  if (!hasNumbers(id)) return withConstraint(model, factor, constraintOf(id));
  const { numbers }: ConstraintRecord = constraintRecord({ kind: id });
  const answer = await askText({
    ...counted,
    value: (present.kind === id ? numbersIn(present) : (numbers?.example ?? [])).join(', '),
    prompt: (numbers?.prompt ?? '').replace(/\bF\b/, factor),
    parse: (text) => parseNumbers(id, text),
  });
  return typeof answer === 'object' ? withConstraint(model, factor, answer.constraint) : answer;
}
