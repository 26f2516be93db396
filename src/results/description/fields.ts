import { defaultsOf, namesOf, type Field, type Fields as FieldRecords } from '../../model/fields';
import { finite, flag, integer, oneOf, object, type Check, type Fields } from '../schema';

/**
 * Readers of what records describe. A file may hold what nobody would type today: a number is held to its kind and to what
 * it must not be below, and to no other range.
 */

/** The reader of a field. */
export function checkOf(field: Field): Check<unknown> {
  switch (field.kind) {
    case 'number': {
      const least = field.least ?? field.above;
      return field.whole ? integer(least ?? Number.MIN_SAFE_INTEGER) : finite(least);
    }
    case 'choice':
      return oneOf(...namesOf(field));
    case 'flag':
      return flag;
    case 'mark':
      return flag;
  }
}

/**
 * The values of some fields. One that is absent from a file, which was then written before there was the field, is what it
 * was without it.
 */
export function valuesOf(fields: FieldRecords, from: Fields, later: readonly string[] = []): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'mark') {
      // Only said, never denied.
      if (from.optional(name, flag) === true) values[name] = true;
    } else if ('optional' in field) {
      const value = from.optional(name, checkOf(field));
      if (value !== undefined) values[name] = value;
    } else {
      const standard: unknown = defaultsOf(fields)[name];
      values[name] = later.includes(name)
        ? (from.optional(name, checkOf(field)) ?? standard)
        : from.get(name, checkOf(field));
    }
  }
  return values;
}

/** One of some records with its options, told apart by the field `tag`; `others` have none. */
export const variantOf = (
  tag: string,
  records: Readonly<Record<string, { options?: FieldRecords }>>,
  others: readonly string[] = [],
): Check<unknown> =>
  object((fields) => {
    const kind = fields.get(tag, oneOf(...others, ...Object.keys(records)));
    return { [tag]: kind, ...valuesOf(records[kind]?.options ?? {}, fields) };
  });

/** The value of a reader that is made from records, with the type that is derived from the same records. */
export const typed =
  <T>(check: Check<unknown>): Check<T> =>
  (value, place) =>
    check(value, place) as T;
