import {
  combinationsOf,
  constraintOf,
  constraintRecord,
  constraintWith,
  constraints as constraintRecords,
  withSign,
  type Constraint,
  type ConstraintId,
  type ConstraintRecords,
} from '../model/constraints';
import { fieldsOf } from '../model/fields';
import type { Model } from '../model/model';
import { UsageError } from './errors';
import { choice, numberOf } from './values';

/** What `--constrain` knows by name; those with numbers come with them, as in `box:LEAST:MOST`. */
export const constraintForms = (records: ConstraintRecords): string[] =>
  Object.entries(records).map(([kind, { numbers, options }]) =>
    numbers ? [kind, ...fieldsOf(options, 'number').map(([name]) => name.toUpperCase())].join(':') : kind,
  );

const example = 'such as --constrain none,unit-norm';

/**
 * One constraint for both factors, or two, W's and H's, separated by a comma.
 * @throws UsageError saying what is wanted
 */
export function constraintsFrom(text: string, records: ConstraintRecords = constraintRecords): Model['constraints'] {
  const [first = '', second = first, ...more] = text.split(',').map((part) => part.trim().toLowerCase());
  if (more.length > 0 || first === '' || second === '') {
    throw new UsageError(
      `--constrain wants one constraint for both factors or two, W's and H's, separated by a comma, ${example}, not "${text}".`,
    );
  }
  return { W: constraintFrom(first, records), H: constraintFrom(second, records) };
}

function constraintFrom(text: string, records: ConstraintRecords): Constraint {
  const parts = text.split('+').map((part) => part.trim());
  const [first = '', second] = parts;
  if (second === undefined) return single(first, records);
  const kinds = parts.map((part) => single(part, records).kind);
  const combinations = combinationsOf(records);
  const found = combinations.find((id) => sameNames(id.split('+'), kinds));
  if (found === undefined) {
    throw new UsageError(
      `--constrain knows the combinations ${combinations.join(' and ')}, not "${text}"; a simplex is non-negative by itself, and so is a box such as box:0:1.`,
    );
  }
  return constraintWith(found, [], records);
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join('+') === [...b].sort().join('+');

function single(text: string, records: ConstraintRecords): Constraint {
  const [name = '', ...given] = text.split(':');
  const kind = choice('constrain', name, Object.keys(records)) as ConstraintId;
  const { numbers, options } = constraintRecord({ kind: kind as Constraint['kind'] }, records);
  if (numbers) {
    const fields = fieldsOf(options, 'number');
    const form = constraintForms(records).find((known) => known.startsWith(`${kind}:`)) ?? kind;
    const written = (values: readonly (string | number)[]): string => [kind, ...values].join(':');
    if (given.length !== fields.length) {
      throw new UsageError(
        `--constrain wants a ${kind} with its ${numbers.noun}, ${form}, such as ${written(numbers.example)}, not "${text}".`,
      );
    }
    const values = fields.map(([, field], at) => numberOf(field, 'constrain', given[at] ?? ''));
    if (numbers.rising && values.some((value, at) => at > 0 && value < values[at - 1]!)) {
      throw new UsageError(
        `--constrain wants the smaller bound of a ${kind} first, ${written([...values].sort((a, b) => a - b))}, not "${text}".`,
      );
    }
    return constraintWith(kind, values, records);
  }
  if (given.length > 0) {
    const numbered = Object.entries(records).flatMap(([id, record]) => (record.numbers ? [`a ${id}`] : []));
    throw new UsageError(`--constrain takes numbers with ${numbered.join(' or ')} alone, not with ${kind}: "${text}".`);
  }
  return constraintOf(kind as 'none', records);
}

/** What `--nonnegative` makes of a model's constraints: it adds or takes away the sign alone. */
export function withSigns(base: Model['constraints'], text: string): Model['constraints'] {
  const which = choice('nonnegative', text, ['none', 'w', 'h', 'both']);
  const constraint = (factor: 'w' | 'h', present: Constraint): Constraint => {
    const nonNegative = which === factor || which === 'both';
    const signed = withSign(present, nonNegative);
    if (signed) return signed;
    if (nonNegative) return { kind: 'non-negative' };
    return present.kind === 'non-negative' ? { kind: 'none' } : present;
  };
  return { W: constraint('w', base.W), H: constraint('h', base.H) };
}
