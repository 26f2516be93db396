import { defaultsOf, flag, fieldsOf, number, recordOf, type Fields, type FlagField, type VariantOf } from './fields';

/** What a factor's entries may be. A component is a column of W, a row of H. */
export interface ConstraintRecord {
  label: string;
  /** What it means, in the picker. */
  detail: string;
  /** As the inspector words it, of a factor F; options stand in braces. Absent where nothing is constrained. */
  formula?: string;
  options?: Fields;
  /** Whether it lets no entry be negative. One with an option of this name may; bounds may as well. */
  nonNegative?: true;
  /** Whether a factor cannot grow without end. */
  bounded?: true;
  /** Whether a factor cannot be shrunk towards zero. */
  rigid?: true;
  /** Whether it says how long a factor may be. */
  fixesLength?: true;
  /** What in W ties all rows together, so that new ones have no W of their own. */
  tiesRows?: string;
  /** Of one with numbers: how they are asked for, as a text, and written on the command line. */
  numbers?: {
    /** What they are together. */
    noun: string;
    /** The question, of a factor F. */
    prompt: string;
    /** What to give. */
    wanted: string;
    example: readonly number[];
    /** Whether none may be less than the one before it; these are bounds. */
    rising?: true;
  };
  /** What it means together with non-negativity, where that is an option of it. */
  withSign?: string;
}

const sign = flag({ noun: 'non-negativity', sentence: 'No entry may be negative', default: false });

export const constraints = {
  none: { label: 'Any Numbers', detail: 'No constraint.' },
  'non-negative': {
    label: 'Non-negative',
    detail: 'Parts add up, and nothing cancels.',
    formula: 'F ≥ 0',
    nonNegative: true,
  },
  box: {
    label: 'Box',
    detail: 'Every entry between two bounds, which are asked for next.',
    formula: '{least} ≤ F ≤ {most}',
    options: {
      least: number({ noun: 'lower bound', sentence: 'The least that an entry may be', default: 0, unit: 'factor' }),
      most: number({ noun: 'upper bound', sentence: 'The most that an entry may be', default: 1, unit: 'factor' }),
    },
    bounded: true,
    numbers: {
      noun: 'bounds',
      prompt: 'The least and the greatest number that an entry of F may be',
      wanted: 'Give the least and the greatest number that an entry may be',
      example: [0, 1],
      rising: true,
    },
  },
  simplex: {
    label: 'Simplex',
    detail: 'Every row is non-negative and sums to 1: memberships in W, distributions in H.',
    formula: 'rows of F non-negative with sum 1',
    nonNegative: true,
    bounded: true,
    rigid: true,
    fixesLength: true,
  },
  /** A Euclidean norm of at most 1, as in dictionary learning. */
  'unit-ball': {
    label: 'Unit Ball',
    detail: 'Components at most 1 long, as in dictionary learning.',
    withSign: 'Non-negative components at most 1 long.',
    formula: 'components of F at most 1 long',
    options: { nonNegative: sign },
    bounded: true,
    fixesLength: true,
    tiesRows: 'components of bounded length',
  },
  /** A Euclidean norm of exactly 1, which is no convex set. */
  'unit-norm': {
    label: 'Unit Norm',
    detail: 'Components of length 1.',
    withSign: 'Non-negative components of length 1.',
    formula: 'components of F of length 1',
    options: { nonNegative: sign },
    bounded: true,
    rigid: true,
    fixesLength: true,
    tiesRows: 'components of length 1',
  },
} satisfies Record<string, ConstraintRecord>;

export type Constraint = VariantOf<'kind', typeof constraints>;
export type ConstraintKind = Constraint['kind'];
export type ConstraintRecords = Readonly<Record<string, ConstraintRecord>>;

/** Kinds that may be non-negative as well. */
type SignedKind = {
  [K in ConstraintKind]: (typeof constraints)[K] extends { options: { nonNegative: FlagField } } ? K : never;
}[ConstraintKind];

/** Kinds whose numbers have to be given. */
export type NumberedKind = {
  [K in ConstraintKind]: (typeof constraints)[K] extends { numbers: object } ? K : never;
}[ConstraintKind];

/** Names of constraints without their numbers. */
export type ConstraintId = ConstraintKind | `non-negative+${SignedKind}`;

export const unconstrained: Constraint = { kind: 'none' };

const signed = 'non-negative+';

const maySign = ({ options }: ConstraintRecord): boolean => options?.['nonNegative']?.kind === 'flag';

/** What of the constraints goes together, written with a plus between. */
export const combinationsOf = (records: ConstraintRecords = constraints): ConstraintId[] =>
  Object.entries(records).flatMap(([kind, record]) => (maySign(record) ? [`${signed}${kind}` as ConstraintId] : []));

/** A constraint's record, as seen from any. */
export const constraintRecord = (
  { kind }: Pick<Constraint, 'kind'>,
  records: ConstraintRecords = constraints,
): ConstraintRecord => recordOf(records, kind);

/** Whether a constraint lets no entry be negative. */
export function isNonNegative(constraint: Constraint, records: ConstraintRecords = constraints): boolean {
  if (constraint.kind === 'box') return constraint.least >= 0;
  return constraintRecord(constraint, records).nonNegative === true || isSigned(constraint);
}

const isSigned = (constraint: Constraint): boolean => 'nonNegative' in constraint && constraint.nonNegative;

export const constraintId = (constraint: Constraint): ConstraintId =>
  isSigned(constraint) ? (`${signed}${constraint.kind}` as ConstraintId) : constraint.kind;

/** The constraint of a choice that has no numbers, or with the numbers that are its default. */
export function constraintOf(
  id: Exclude<ConstraintId, NumberedKind>,
  records: ConstraintRecords = constraints,
): Constraint {
  return constraintWith(id, [], records);
}

/** The constraint of a choice with its numbers, in order. */
export function constraintWith(
  id: ConstraintId,
  numbers: readonly number[],
  records: ConstraintRecords = constraints,
): Constraint {
  const combined = id.startsWith(signed);
  const kind = combined ? id.slice(signed.length) : id;
  const { options = {} } = recordOf(records, kind);
  const given = fieldsOf(options, 'number').flatMap(([name], at) =>
    numbers[at] === undefined ? [] : [[name, numbers[at]] as const],
  );
  return {
    kind,
    ...defaultsOf(options),
    ...Object.fromEntries(given),
    ...(combined && { nonNegative: true }),
  } as Constraint;
}

/** A constraint with its sign and nothing else changed; undefined where it has none of its own. */
export const withSign = (constraint: Constraint, nonNegative: boolean): Constraint | undefined =>
  'nonNegative' in constraint ? { ...constraint, nonNegative } : undefined;
