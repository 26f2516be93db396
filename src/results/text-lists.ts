import type { Factorization } from '../factorization/result';
import { isObject } from '../untrusted/schema';

/**
 * The lists of texts that grow with the data stand in arrays of their own and not in the description, which stays small
 * for any number of rows: JavaScript makes no text of more than 512 MB, and a parser many times of the JSON's size.
 * In a list's place the description has `{ "texts": NAME }`.
 */
export const textListNames = [
  'row_labels',
  'column_labels',
  'features',
  'vocabulary',
  'left_out',
  'left_out_reasons',
] as const;

export type TextListName = (typeof textListNames)[number];

/** What stands in a list's place: an empty list stands there itself. */
type Take = (name: TextListName, list: readonly string[]) => { texts: TextListName } | [];

/** A factorization's labels and reading with references in place of lists, and the lists. */
export function takeTextLists({
  rowLabels,
  columnLabels,
  reading,
}: Pick<Factorization, 'rowLabels' | 'columnLabels' | 'reading'>): {
  description: object;
  lists: Map<TextListName, readonly string[]>;
} {
  const lists = new Map<TextListName, readonly string[]>();
  const take: Take = (name, list) => {
    if (list.length === 0) return [];
    lists.set(name, list);
    return { texts: name };
  };
  // What a table's features or a vocabulary are called is what the columns are called.
  const named: Take = (name, list) =>
    columnLabels && equal(list, columnLabels) ? { texts: 'column_labels' } : take(name, list);
  const description = {
    ...(rowLabels && { rowLabels: take('row_labels', rowLabels) }),
    ...(columnLabels && { columnLabels: take('column_labels', columnLabels) }),
    reading: withReferences(reading, take, named),
  };
  return { description, lists };
}

function withReferences(reading: Factorization['reading'], take: Take, named: Take): object {
  switch (reading.kind) {
    case 'table':
      return {
        ...reading,
        features: named('features', reading.features),
        ...(reading.leftOut.length > 0 && {
          leftOut: {
            column: take(
              'left_out',
              reading.leftOut.map(({ column }) => column),
            ),
            reason: take(
              'left_out_reasons',
              reading.leftOut.map(({ reason }) => reason),
            ),
          },
        }),
      };
    case 'long':
      return { ...reading, leftOut: take('left_out', reading.leftOut) };
    case 'text': {
      const { vocabulary } = reading.options;
      return vocabulary
        ? { ...reading, options: { ...reading.options, vocabulary: named('vocabulary', vocabulary) } }
        : reading;
    }
    case 'array':
    case 'image':
    case 'images':
      return reading;
  }
}

/**
 * Puts lists back where a description refers to them. Anything may stand in the description: what is no reference is
 * left for the checks of fields, and so is a list that stands there itself, as in files of the first version.
 */
export function putTextLists(description: unknown, lookup: (name: TextListName) => readonly string[]): unknown {
  const resolve = (value: unknown): unknown => {
    const name = isObject(value) ? value['texts'] : undefined;
    const known = textListNames.find((candidate) => candidate === name);
    return known === undefined ? value : lookup(known);
  };
  if (!isObject(description)) return description;
  const fields = replaced(description, ['rowLabels', 'columnLabels'], resolve);
  return replaced(fields, ['reading'], (reading) => {
    if (!isObject(reading)) return reading;
    const resolved = replaced(reading, ['features', 'leftOut'], resolve);
    return replaced(resolved, ['options', 'leftOut'], (value) => {
      if (!isObject(value)) return value;
      if (!Object.hasOwn(value, 'reason')) return replaced(value, ['vocabulary'], resolve);
      const [columns, reasons] = [resolve(value['column']), resolve(value['reason'])];
      if (!Array.isArray(columns) || !Array.isArray(reasons) || columns.length !== reasons.length) return value;
      return columns.map((column: unknown, index) => ({ column, reason: reasons[index] as unknown }));
    });
  });
}

/** The object with those of the named fields that it has replaced. */
function replaced(
  object: Record<string, unknown>,
  names: readonly string[],
  replace: (value: unknown) => unknown,
): Record<string, unknown> {
  const found = names.filter((name) => Object.hasOwn(object, name));
  return { ...object, ...Object.fromEntries(found.map((name) => [name, replace(object[name])])) };
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, index) => text === b[index]));
}
