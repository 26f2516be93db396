import { defaultModel, type Model } from '../model/model';
import { noPenalty } from '../model/penalties';
import { presets, type Preset, type PresetId } from '../model/presets';

export type MethodId = 'plain' | 'custom' | PresetId;

/** What the picker offers: a preset, the plain objective, which has nothing to set, or a model of one's own. */
export interface Method extends Omit<Preset, 'id'> {
  id: MethodId;
  /** The setting that holds its weight, below `factorlens.`, and how the model takes it; absent where it has none. */
  weight?: { setting: string; apply: (model: Model, weight: number) => Model };
}

const l2OfBoth = (model: Model, l2: number): Model => ({
  ...model,
  penalties: { W: { ...noPenalty, l2 }, H: { ...noPenalty, l2 } },
});

const weights: Partial<Record<PresetId, Method['weight']>> = {
  ridge: { setting: 'ridge.strength', apply: l2OfBoth },
  'sparse-coding': {
    setting: 'sparseCoding.sparsity',
    apply: (model, l1) => ({ ...model, penalties: { ...model.penalties, W: { ...noPenalty, l1 } } }),
  },
  'sparse-nmf': {
    setting: 'sparseNmf.sparsity',
    apply: (model, l1) => ({ ...model, penalties: { W: { ...noPenalty, l1 }, H: { ...noPenalty, l1 } } }),
  },
  robust: {
    setting: 'robust.delta',
    // 0, the default, leaves it to the data.
    apply: (model, delta) => (delta === 0 ? model : { ...model, loss: { kind: 'huber', delta } }),
  },
  recommender: {
    setting: 'recommender.strength',
    apply: (model, l2) => ({ ...l2OfBoth(model, l2), biases: { l2 } }),
  },
  binary: { setting: 'binary.strength', apply: l2OfBoth },
};

const plain: Method = {
  id: 'plain',
  label: 'Matrix Factorization',
  description: 'Σ(X − WH)²',
  detail: 'The closest product of two thin matrices, with no penalty. Where to begin.',
  model: defaultModel,
};

/** Its model is what the user then makes of the plain one. */
const custom: Method = {
  id: 'custom',
  label: 'Custom…',
  description: 'Loss, penalties and constraints',
  detail: 'Smooth or orthogonal components, boxes, the simplex, components of length 1, and whatever goes together.',
  model: defaultModel,
};

/** The methods that the picker offers, the plainest first. */
export const methods: readonly Method[] = [
  plain,
  ...presets.map((preset): Method => {
    const weight = weights[preset.id];
    return { ...preset, ...(weight && { weight }), ...(preset.id === 'ridge' && { label: 'Ridge' }) };
  }),
  custom,
];

/** @throws RangeError for what is none of them */
export function methodOf(id: MethodId): Method {
  const method = methods.find((known) => known.id === id);
  if (!method) throw new RangeError(`There is no method ${id}.`);
  return method;
}
