import type * as v from 'valibot';
import { object, oneOf, type Schema } from '../untrusted/schema';
import { choice, defaultsOf, namesOf, recordOf, type ChoiceField, type Fields, type VariantOf } from './fields';
import { variantSchemaOf } from './schema';

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
const axisOf = (usual: Axis): ChoiceField<Axis> =>
  choice(
    { rows: 'Each row by statistics of its own.', columns: 'Each column by statistics of its own.' },
    { noun: 'axis', default: usual },
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
