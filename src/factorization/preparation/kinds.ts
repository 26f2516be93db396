import { isNonNegative } from '../constraints';
import type { Model } from '../model';

/**
 * What is done to X before it is factorized, as plain data. Every preparation is a chain of steps that can be undone, so a
 * reconstruction comes back in the file's own units.
 */

/** `rows`: each row by statistics of its own; `columns`: each column by its own. */
export type Axis = 'rows' | 'columns';

/** What the mean is taken over that is subtracted: each row, each column, or all entries at once. */
export type Centring = 'none' | Axis | 'global';

export type Scaling =
  | { kind: 'none' }
  /** ln(1 + x), for counts over several orders of magnitude; x > −1. */
  | { kind: 'log1p' }
  /**
   * Each column times ln((1+n)/(1+d)) + 1, where d of its n entries are above 0, and then each row to unit norm: what
   * scikit-learn's TfidfTransformer does. X ≥ 0.
   */
  | { kind: 'tf-idf' }
  /** Mean 0 and standard deviation 1, the sum of squares divided by n. */
  | { kind: 'zscore'; axis: Axis }
  /** Least 0, greatest 1. */
  | { kind: 'minmax'; axis: Axis }
  /** Euclidean norm 1. */
  | { kind: 'unit-norm'; axis: Axis };

/** ln(1+x) and TF–IDF come first, then the centring, then the other scalings. */
export interface Preparation {
  centre: Centring;
  scale: Scaling;
}

export const centrings: readonly Centring[] = ['none', 'rows', 'columns', 'global'];
export const scalings: readonly Scaling['kind'][] = ['none', 'zscore', 'minmax', 'unit-norm', 'tf-idf', 'log1p'];

/** The axis of a scaling that names none: a row's length is what unit norm takes away, a column's unit what the others do. */
export const usualAxis = { zscore: 'columns', minmax: 'columns', 'unit-norm': 'rows' } as const satisfies Partial<
  Record<Scaling['kind'], Axis>
>;

export const noPreparation: Preparation = { centre: 'none', scale: { kind: 'none' } };

/** A step as it is asked for, before it knows the data. */
export type StepRecipe =
  | { kind: 'log1p' }
  | { kind: 'shift'; axis: Axis | 'global'; statistic: 'mean' | 'least' }
  | { kind: 'scale'; axis: Axis; statistic: 'deviation' | 'range' | 'norm' | 'inverse-idf' };

/**
 * A step with what it takes from the data: x ← x − by or x ← x / by, where `by` has an element for each row, for each
 * column, or one for all, in float64. A scale is never 0: where the data would give 0 it is 1.
 */
export type PreparationStep =
  | { kind: 'log1p' }
  | (Extract<StepRecipe, { kind: 'shift' }> & { by: Float64Array })
  | (Extract<StepRecipe, { kind: 'scale' }> & { by: Float64Array });

/** The steps that a preparation consists of, in order. */
export function stepsOf({ centre, scale }: Preparation): StepRecipe[] {
  const steps: StepRecipe[] = [];
  if (scale.kind === 'log1p') steps.push({ kind: 'log1p' });
  if (scale.kind === 'tf-idf') {
    steps.push({ kind: 'scale', axis: 'columns', statistic: 'inverse-idf' });
    steps.push({ kind: 'scale', axis: 'rows', statistic: 'norm' });
  }
  if (centre !== 'none') steps.push({ kind: 'shift', axis: centre, statistic: 'mean' });
  if (scale.kind === 'zscore') {
    const { axis } = scale;
    if (centre !== axis) steps.push({ kind: 'shift', axis, statistic: 'mean' });
    steps.push({ kind: 'scale', axis, statistic: 'deviation' });
  }
  if (scale.kind === 'minmax') {
    const { axis } = scale;
    steps.push({ kind: 'shift', axis, statistic: 'least' }, { kind: 'scale', axis, statistic: 'range' });
  }
  if (scale.kind === 'unit-norm') steps.push({ kind: 'scale', axis: scale.axis, statistic: 'norm' });
  return steps;
}

/** A preparation in words, e.g. `columns centred, then z-scores of columns`; undefined where nothing is done. */
export function preparationText({ centre, scale }: Preparation): string | undefined {
  const centred =
    centre === 'none' ? [] : [centre === 'global' ? 'the mean of all entries subtracted' : `${centre} centred`];
  const scaled = {
    none: [],
    log1p: ['ln(1 + x)'],
    'tf-idf': ['TF–IDF'],
    zscore: [`z-scores of ${'axis' in scale ? scale.axis : ''}`],
    minmax: [`${'axis' in scale ? scale.axis : ''} scaled to 0 … 1`],
    'unit-norm': [`${'axis' in scale ? scale.axis : ''} scaled to unit norm`],
  }[scale.kind];
  const first = scale.kind === 'log1p' || scale.kind === 'tf-idf';
  const parts = first ? [...scaled, ...centred] : [...centred, ...scaled];
  return parts.length === 0 ? undefined : parts.join(', then ');
}

/**
 * What is done to images read so where nothing is asked for: a patch's mean is its brightness, which would fill the
 * dictionary, so it is taken away unless the model wants numbers that are not negative. Undefined for nothing.
 */
export function usualFor(
  image: 'gray' | 'channels' | 'patches' | undefined,
  { loss, constraints }: Model,
): Preparation | undefined {
  const clipped = [constraints.W, constraints.H].some(
    (constraint) => constraint.kind !== 'box' && constraint.kind !== 'simplex' && isNonNegative(constraint),
  );
  return image === 'patches' && loss.kind === 'squared' && !clipped ? { ...noPreparation, centre: 'rows' } : undefined;
}
