import { unconstrained, type Constraint } from './constraints';
import { recordOf } from './fields';
import { lossOfKind, losses, type LossRecords } from './losses';
import { defaultModel, type Model } from './model';
import { noPenalty, type FactorPenalty, type PenaltyName } from './penalties';
import type { Preparation } from './preparation';
import type { SolverOptions } from './solvers';

/** A model under the name that people know it by. Its numbers are defaults, to be changed one by one. */
export interface PresetRecord {
  label: string;
  /** The objective, in one line. */
  description: string;
  /** What it is for, in one sentence. */
  detail: string;
  model: Model;
  /** The solver that belongs to it; absent where any will do. */
  solver?: SolverOptions;
  /** What its name says is done to X beforehand. */
  preparation?: Preparation;
  /** The number of it that the editor has a setting for, whose default is what the model has; absent where it has none. */
  weight?: PresetWeight;
}

export type PresetWeight = {
  /** Below `factorlens.` */
  setting: string;
  /** Markdown. */
  words: string;
} & (
  | {
      /** Of these factors, and of the biases where the model has any. */
      penalty: PenaltyName;
      of: readonly ('W' | 'H')[];
    }
  /** Of the loss; 0 leaves it to the data. */
  | { lossOption: string }
);

const nonNegative: Constraint = { kind: 'non-negative' };
const bothNonNegative = { W: nonNegative, H: nonNegative };
const both = (penalty: Partial<FactorPenalty>): Model['penalties'] => ({
  W: { ...noPenalty, ...penalty },
  H: { ...noPenalty, ...penalty },
});

export const presetRecords = {
  ridge: {
    label: 'Ridge',
    description: 'Σ(X − WH)² + λΣW² + λΣH²',
    detail:
      'The closest product of two thin matrices that are kept small, so that noise is fitted less. Unless given, λ is the standard deviation of X.',
    model: { ...defaultModel, penalties: both({ l2: 1 }), relative: ['l2'] },
    weight: {
      setting: 'ridge.strength',
      words:
        'λ of the method *Ridge*: the weight of ΣW² + ΣH² in the objective, in standard deviations of the data, so that it means the same in any unit. Singular values of the data below λ vanish.',
      penalty: 'l2',
      of: ['W', 'H'],
    },
  },
  'sparse-coding': {
    label: 'Sparse Coding',
    description: 'Σ(X − WH)² + μΣ|W|, components of H at most 1 long',
    detail:
      'Describes each row by few components. Since H is bounded, W cannot shrink at no cost. Unless given, μ is the standard deviation of X.',
    model: {
      ...defaultModel,
      penalties: { W: { ...noPenalty, l1: 1 }, H: noPenalty },
      constraints: { W: unconstrained, H: { kind: 'unit-ball', nonNegative: false } },
      relative: ['l1'],
    },
    weight: {
      setting: 'sparseCoding.sparsity',
      words:
        'μ of the method *Sparse Coding*: the weight of Σ|W| in the objective, in standard deviations of the data, so that it means the same in any unit. Larger values leave fewer components in each row.',
      penalty: 'l1',
      of: ['W'],
    },
  },
  nmf: {
    label: 'NMF',
    description: 'Σ(X − WH)², W and H ≥ 0',
    detail: 'Builds rows as sums of parts, with nothing cancelling.',
    model: { ...defaultModel, constraints: bothNonNegative },
  },
  'sparse-nmf': {
    label: 'Sparse NMF',
    description: 'Σ(X − WH)² + μΣ|W| + μΣ|H|, W and H ≥ 0',
    detail:
      'Builds rows as sums of few parts, each of few columns. Unless given, μ is the standard deviation of X to the power of 3/2.',
    model: { ...defaultModel, penalties: both({ l1: 1 }), constraints: bothNonNegative, relative: ['l1'] },
    weight: {
      setting: 'sparseNmf.sparsity',
      words:
        'μ of the method *Sparse NMF*: the weight of Σ|W| + Σ|H| in the objective for data of standard deviation 1, so that it means the same in any unit. Larger values leave fewer components in each row and fewer columns in each component.',
      penalty: 'l1',
      of: ['W', 'H'],
    },
  },
  pca: {
    label: 'PCA',
    description: 'Σ(X − column means − WH)²',
    detail: 'The directions in which rows differ most from the mean row, orthogonal and from the strongest.',
    model: defaultModel,
    solver: { id: 'svd' },
    preparation: { centre: 'columns', scale: { kind: 'none' } },
  },
  robust: {
    label: 'Robust (Huber)',
    description: 'Σ huber(X − WH), squared up to δ and linear beyond',
    detail:
      'Follows the bulk of the numbers: an outlier pulls no harder the further out it lies. Unless given, δ comes from the residuals.',
    model: { ...defaultModel, loss: lossOfKind('huber') },
    weight: {
      setting: 'robust.delta',
      words:
        "δ of the method *Robust (Huber)*: how far an entry may lie from its fit before it counts as an outlier, in the data's units. 0 takes it from the data: 1.345 robust standard deviations of the residuals.",
      lossOption: 'delta',
    },
  },
  topics: {
    label: 'Topic Model (KL-NMF)',
    description: 'Kullback–Leibler divergence of X from WH, W and H ≥ 0',
    detail: 'For counts, such as of words in documents: each row is a mixture of topics.',
    model: { ...defaultModel, loss: { kind: 'kullback-leibler' }, constraints: bothNonNegative },
  },
  recommender: {
    label: 'Recommender (with Biases)',
    description: 'Σ(X − (μ + b + c + WH))² + λ(σΣW² + σΣH² + Σb² + Σc²)',
    detail:
      'For ratings, most of which are missing: what is usual for a row and for a column, and what they share beyond. σ is the standard deviation of the ratings.',
    model: { ...defaultModel, penalties: both({ l2: 5 }), biases: { l2: 5 }, relative: ['l2'] },
    weight: {
      setting: 'recommender.strength',
      words:
        'λ of the method *Recommender*: the weight of the squares of factors and biases in the objective. Of the factors it is multiplied by the standard deviation of the ratings, so that it means the same in any unit.',
      penalty: 'l2',
      of: ['W', 'H'],
    },
  },
  binary: {
    label: 'Binary (Logistic)',
    description: 'Logistic loss of X given WH, + λΣW² + λΣH²',
    detail: 'For zeros and ones. The penalty keeps entries that are certain from growing without bound.',
    model: { ...defaultModel, loss: { kind: 'logistic' }, penalties: both({ l2: 1 }) },
    weight: {
      setting: 'binary.strength',
      words: 'λ of the method *Binary (Logistic)*: the weight of ΣW² + ΣH² in the objective.',
      penalty: 'l2',
      of: ['W', 'H'],
    },
  },
} satisfies Record<string, PresetRecord>;

export type PresetId = keyof typeof presetRecords;
export type PresetRecords = Readonly<Record<string, PresetRecord>>;

export interface Preset extends PresetRecord {
  id: PresetId;
}

export const presetIds = Object.keys(presetRecords) as PresetId[];

export const presetOf = (id: PresetId, records: PresetRecords = presetRecords): Preset => ({
  id,
  ...recordOf(records, id),
});

export const presetsOf = (records: PresetRecords = presetRecords): Preset[] =>
  Object.keys(records).map((id) => presetOf(id as PresetId, records));

export const presets: readonly Preset[] = presetsOf();

export const presetModel = (id: PresetId): Model => presetRecords[id].model;

/** The number of a preset's model that its setting holds. */
export function weightIn(model: Model, weight: PresetWeight): number {
  if ('penalty' in weight) return model.penalties[weight.of[0] ?? 'W'][weight.penalty];
  const values: Readonly<Record<string, unknown>> = model.loss;
  return Number(values[weight.lossOption]);
}

/** A preset's model with another number in the place of its weight. */
export function withWeight(model: Model, weight: PresetWeight, value: number, records: LossRecords = losses): Model {
  if ('penalty' in weight) {
    const { penalties, biases } = model;
    const penalised = Object.fromEntries(
      weight.of.map((factor) => [factor, { ...penalties[factor], [weight.penalty]: value }]),
    );
    return { ...model, penalties: { ...penalties, ...penalised }, ...(biases && { biases: { l2: value } }) };
  }
  // 0, the default, leaves it to the data.
  if (value === 0) return model;
  const { kind } = model.loss;
  const auto = recordOf(records, kind).options?.[weight.lossOption];
  const { [auto?.kind === 'number' ? (auto.auto ?? '') : '']: _, ...loss } = model.loss as Record<string, unknown>;
  return { ...model, loss: { ...loss, kind, [weight.lossOption]: value } as Model['loss'] };
}
