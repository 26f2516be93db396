import {
  defaultModel,
  noPenalty,
  unconstrained,
  type Constraint,
  type FactorPenalty,
  type Model,
  type SolverOptions,
} from './model';
import type { Preparation } from './preparation/kinds';

/** A model under the name that people know it by. Its numbers are defaults, to be changed one by one. */
export interface Preset {
  id: PresetId;
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
}

export const presetIds = [
  'ridge',
  'sparse-coding',
  'nmf',
  'sparse-nmf',
  'pca',
  'robust',
  'topics',
  'recommender',
  'binary',
] as const;
export type PresetId = (typeof presetIds)[number];

const nonNegative: Constraint = { kind: 'non-negative' };
const bothNonNegative = { W: nonNegative, H: nonNegative };
const both = (penalty: Partial<FactorPenalty>): Model['penalties'] => ({
  W: { ...noPenalty, ...penalty },
  H: { ...noPenalty, ...penalty },
});

const models: Record<PresetId, Omit<Preset, 'id'>> = {
  ridge: {
    label: 'Matrix Factorization',
    description: 'Σ(X − WH)² + λΣW² + λΣH²',
    detail:
      'The closest product of two thin matrices that are kept small, so that noise is fitted less. Unless given, λ is the standard deviation of X.',
    model: { ...defaultModel, penalties: both({ l2: 1 }), relative: ['l2'] },
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
    model: { ...defaultModel, loss: { kind: 'huber', delta: 0, fromData: true } },
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
  },
  binary: {
    label: 'Binary (Logistic)',
    description: 'Logistic loss of X given WH, + λΣW² + λΣH²',
    detail: 'For zeros and ones. The penalty keeps entries that are certain from growing without bound.',
    model: { ...defaultModel, loss: { kind: 'logistic' }, penalties: both({ l2: 1 }) },
  },
};

export const presetOf = (id: PresetId): Preset => ({ id, ...models[id] });

export const presets: readonly Preset[] = presetIds.map(presetOf);

export const presetModel = (id: PresetId): Model => models[id].model;
