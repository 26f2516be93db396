import type * as v from 'valibot';
import { oneOf, variant } from '../../untrusted/schema';
import { isNonNegative } from '../../model/constraints';
import type { Model } from '../../model/model';
import { noPreparation, type Axis, type Preparation } from '../../model/preparation';
import { vocabulary, type Vocabulary } from '../../model/vocabulary';

/** A step as it is asked for, before it knows the data. */
export type StepRecipe = v.InferOutput<typeof stepSchema>;

export const stepSchema = variant('kind', {
  log1p: {},
  shift: { axis: oneOf<Axis | 'global'>(['rows', 'columns', 'global']), statistic: oneOf(['mean', 'least']) },
  scale: {
    axis: oneOf<Axis>(['rows', 'columns']),
    statistic: oneOf(['deviation', 'range', 'norm', 'inverse-idf']),
  },
});

/**
 * A step with what it takes from the data: x ← x − by or x ← x / by, where `by` has an element for each row, for each
 * column, or one for all, in float64. A scale is never 0: where the data would give 0 it is 1. Saved as arrays.
 */
export type PreparationStep =
  Extract<StepRecipe, { kind: 'log1p' }> | (Exclude<StepRecipe, { kind: 'log1p' }> & { by: Float64Array });

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

/**
 * What is done to images read so where nothing is asked for: a patch's mean is its brightness, which would fill the
 * dictionary, so it is taken away unless the model wants numbers that are not negative. Undefined for nothing.
 */
export function defaultPreparationFor(
  image: 'gray' | 'channels' | 'patches' | undefined,
  { loss, constraints }: Model,
  { constraints: records }: Pick<Vocabulary, 'constraints'> = vocabulary,
): Preparation | undefined {
  const clipped = [constraints.W, constraints.H].some(
    (constraint) => constraint.kind !== 'box' && constraint.kind !== 'simplex' && isNonNegative(constraint, records),
  );
  return image === 'patches' && loss.kind === 'squared' && !clipped ? { ...noPreparation, centre: 'rows' } : undefined;
}
