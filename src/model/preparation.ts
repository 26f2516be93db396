import type * as v from 'valibot';
import { object, oneOf, variant, type Schema } from '../untrusted/schema';
import { choice, defaultsOf, namesOf, recordOf, type ChoiceField, type Fields, type VariantOf } from './fields';
import { variantSchemaOf } from './schema';
import { constraints as constraintRecords, isNonNegative, type ConstraintRecords } from './constraints';
import type { Model } from './model';

/**
 * What is done to X before it is factorized, as plain data. Every preparation is a chain of steps that can be undone, so a
 * reconstruction comes back in the file's own units.
 */

/** `rows`: each row by statistics of its own; `columns`: each column by its own. */
export type Axis = 'rows' | 'columns';

/** What the mean is taken over that is subtracted. */
export const centring = choice(
  {
    none: 'Nothing is subtracted.',
    rows: 'The mean of each row is subtracted from it.',
    columns: 'The mean of each column is subtracted from it.',
    global: 'The mean of all entries is subtracted from each.',
  },
  {
    noun: 'centring',
    short: { rows: 'rows centred', columns: 'columns centred', global: 'the mean of all entries subtracted' },
    default: 'none',
    option: { name: 'center', value: 'WHICH', help: 'subtract the mean: {names} ({default})' },
  },
);

export type Centring = keyof (typeof centring)['names'];

export interface ScalingRecord {
  /** What it does, in a sentence. */
  detail: string;
  /** In the text of a preparation; options stand in braces. Absent where nothing is done. */
  words?: string;
  options?: Fields;
  /** Whether it comes before the centring; the others come after it. */
  first?: true;
}

/** A row's length is what unit norm takes away, a column's unit what the others do. */
const axisOf = (defaultAxis: Axis): ChoiceField<Axis> =>
  choice(
    { rows: 'Each row by statistics of its own.', columns: 'Each column by statistics of its own.' },
    { noun: 'axis', default: defaultAxis },
  );

export const scalings = {
  none: { detail: 'Nothing is scaled.' },
  zscore: {
    detail: 'Mean 0 and standard deviation 1, the sum of squares divided by n.',
    words: 'z-scores of {axis}',
    options: { axis: axisOf('columns') },
  },
  minmax: { detail: 'Least 0, greatest 1.', words: '{axis} scaled to 0 … 1', options: { axis: axisOf('columns') } },
  'unit-norm': {
    detail: 'Euclidean norm 1.',
    words: '{axis} scaled to unit norm',
    options: { axis: axisOf('rows') },
  },
  /** What scikit-learn's TfidfTransformer does. */
  'tf-idf': {
    detail:
      'Each column times ln((1+n)/(1+d)) + 1, where d of its n entries are above 0, and then each row to unit norm; X ≥ 0.',
    words: 'TF–IDF',
    first: true,
  },
  log1p: { detail: 'ln(1 + x), for counts over several orders of magnitude; x > −1.', words: 'ln(1 + x)', first: true },
} satisfies Record<string, ScalingRecord>;

export type Scaling = VariantOf<'kind', typeof scalings>;
export const scalingKinds = Object.keys(scalings) as Scaling['kind'][];

export type ScalingRecords = Readonly<Record<string, ScalingRecord>>;

/** The option of the command line that names a scaling. */
export const scalingOption = {
  name: 'scale',
  value: 'NAME',
  help: '{names}; zscore,rows scales rows and unit-norm,columns columns ({default})',
};

/** ln(1+x) and TF–IDF come first, then the centring, then the other scalings. */
export type Preparation = v.InferOutput<ReturnType<typeof preparationSchema>>;

export const preparationSchema = (records: ScalingRecords = scalings) =>
  object({
    centre: oneOf(namesOf(centring)),
    scale: variantSchemaOf('kind', records) as Schema<Scaling>,
  });

export const noPreparation: Preparation = { centre: centring.default, scale: { kind: 'none' } };

/** A scaling along an axis, or the usual one; undefined where it has none and one is given. */
export function scalingOf(
  kind: string,
  axis: string | undefined,
  records: ScalingRecords = scalings,
): Scaling | undefined {
  const { options = {} } = recordOf(records, kind);
  if (axis !== undefined && !('axis' in options)) return undefined;
  return { kind, ...defaultsOf(options), ...(axis !== undefined && { axis }) } as Scaling;
}

/** A preparation in words, e.g. `columns centred, then z-scores of columns`; undefined where nothing is done. */
export function preparationText(
  { centre, scale }: Preparation,
  records: ScalingRecords = scalings,
): string | undefined {
  const { words, first } = recordOf(records, scale.kind);
  const { short }: ChoiceField = centring;
  const centred = short?.[centre];
  const scaled = words?.replace('{axis}', 'axis' in scale ? scale.axis : '');
  const parts = (first ? [scaled, centred] : [centred, scaled]).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', then ');
}

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
  { constraints: records }: { constraints: ConstraintRecords } = { constraints: constraintRecords },
): Preparation | undefined {
  const clipped = [constraints.W, constraints.H].some(
    (constraint) => constraint.kind !== 'box' && constraint.kind !== 'simplex' && isNonNegative(constraint, records),
  );
  return image === 'patches' && loss.kind === 'squared' && !clipped ? { ...noPreparation, centre: 'rows' } : undefined;
}
