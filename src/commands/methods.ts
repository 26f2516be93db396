import { defaultModel, type Model } from '../model/model';
import { presetsOf, withWeight, type Preset, type PresetId } from '../model/presets';
import { vocabulary, type Vocabulary } from '../model/vocabulary';

export type MethodId = 'plain' | 'custom' | PresetId;

/** What the picker offers: a preset, the plain objective, which has nothing to set, or a model of one's own. */
export interface Method extends Omit<Preset, 'id' | 'weight'> {
  id: MethodId;
  /** The setting that holds its weight, below `factorlens.`, and how the model takes it; absent where it has none. */
  weight?: { setting: string; apply: (model: Model, weight: number) => Model };
}

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
export const methodsOf = ({ presets, losses }: Vocabulary): Method[] => [
  plain,
  ...presetsOf(presets).map(({ weight, ...preset }): Method => ({
    ...preset,
    ...(weight && {
      weight: {
        setting: weight.setting,
        apply: (model: Model, value: number) => withWeight(model, weight, value, losses),
      },
    }),
  })),
  custom,
];

export const methods: readonly Method[] = methodsOf(vocabulary);

/** @throws RangeError for what is none of them */
export function methodOf(id: MethodId): Method {
  const method = methods.find((known) => known.id === id);
  if (!method) throw new RangeError(`There is no method ${id}.`);
  return method;
}
