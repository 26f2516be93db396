import * as vscode from 'vscode';
import { withBound } from '../model/bounds';
import { constraintId, constraintOf } from '../model/constraints';
import type { Loss } from '../model/losses';
import type { Model } from '../model/model';
import { objectiveText } from '../inspector/facts';
import { askOne, askText } from '../editor/ask';
import {
  constraintChoices,
  constraintLabel,
  lossChoices,
  parseBounds,
  parseDelta,
  parseWeights,
  penaltyChoices,
  withConstraint,
  withLoss,
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

function lossLabel(loss: Loss): string {
  const label = lossChoices.find(({ id }) => id === loss.kind)?.label ?? loss.kind;
  return loss.kind === 'huber' ? `${label}, δ ${loss.delta === 0 ? 'from the data' : `= ${loss.delta}`}` : label;
}

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
  if (kind !== 'huber') return withLoss(model, { kind });
  const answer = await askText({
    ...counted,
    value: loss.kind === 'huber' && loss.delta > 0 ? String(loss.delta) : 'auto',
    prompt:
      'δ: how far an entry may lie from its fit before it counts as an outlier, in the data’s units; auto takes it from the residuals',
    parse: parseDelta,
  });
  return typeof answer === 'object'
    ? withLoss(model, answer.delta === 'auto' ? { kind, delta: 0, fromData: true } : { kind, delta: answer.delta })
    : answer;
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
  if (id !== 'box') return withConstraint(model, factor, constraintOf(id));
  const answer = await askText({
    ...counted,
    value: present.kind === 'box' ? `${present.least}, ${present.most}` : '0, 1',
    prompt: `The least and the greatest number that an entry of ${factor} may be`,
    parse: parseBounds,
  });
  return typeof answer === 'object' ? withConstraint(model, factor, answer.box) : answer;
}
