import * as v from 'valibot';
import { finite, flag, integer, oneOf, optional, variant, type Schema } from '../untrusted/schema';
import { defaultsOf, namesOf, type Field, type Fields, type Value, type ValueOf } from './fields';
import { holds, wanted } from './ranges';

/**
 * Schemas of what records describe. A file may hold what nobody would type today: a number is held to its kind and to what
 * it must not be below, and to no other range.
 */

/** The value of a field in a file. */
export function schemaOf(field: Field): Schema<Value> {
  switch (field.kind) {
    case 'number': {
      const least = field.least ?? field.above;
      return field.whole ? integer(least ?? Number.MIN_SAFE_INTEGER) : finite(least);
    }
    case 'choice':
      return oneOf(namesOf(field));
    case 'flag':
      return flag;
    case 'mark':
      return v.literal(true, 'true, or absent');
  }
}

/** The value of a field as a person may give it. */
export const typedSchemaOf = (field: Field): Schema<Value> =>
  field.kind === 'number' ? typedNumber(field) : schemaOf(field);

/** A number as a person may give it. */
export const typedNumber = (range: Parameters<typeof holds>[0]): Schema<number> =>
  v.custom<number>((value) => typeof value === 'number' && holds(range, value, true), wanted(range, true));

type EntriesOf<F> = {
  [K in keyof F]: F[K] extends { optional: true }
    ? v.ExactOptionalSchema<Schema<ValueOf<F[K]>>, undefined>
    : Schema<ValueOf<F[K]>>;
};

/** The values of some fields. Those that are `later` are what they are by default where a file was written before them. */
export const entriesOf = <F extends Fields>(fields: F, later: readonly string[] = []) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const schema = schemaOf(field);
      if ('optional' in field) return [name, optional(schema)];
      return [
        name,
        later.includes(name) ? optional(schema, (defaultsOf(fields) as Record<string, Value>)[name]) : schema,
      ];
    }),
  ) as EntriesOf<F>;

/** One of some records with its options, told apart by the field `tag`; its type is derived from the records. */
export const variantSchemaOf = (
  tag: string,
  records: Readonly<Record<string, { options?: Fields }>>,
): Schema<unknown> =>
  variant(
    tag,
    Object.fromEntries(Object.entries(records).map(([kind, { options = {} }]) => [kind, entriesOf(options)])),
  );
