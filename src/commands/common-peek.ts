import type { Peek } from '../data/peek';

type TablePeek = Extract<Peek, { kind: 'table' }>;

/**
 * What the beginnings of several tables have in common, so that they can be asked about as one: the columns that are in all of
 * them. Undefined where one is no table or says nothing.
 */
export function commonPeek(peeks: readonly (Peek | undefined)[]): TablePeek | undefined {
  const tables = peeks.filter((peek): peek is TablePeek => peek?.kind === 'table');
  const [first, ...others] = tables;
  if (first === undefined || tables.length < peeks.length) return undefined;
  const columns = first.columns.flatMap((column) => {
    const same = others.map((other) =>
      other.columns.find(({ name, kind }) => name === column.name && kind === column.kind),
    );
    return same.some((found) => found === undefined)
      ? []
      : [{ ...column, feature: column.feature && same.every((found) => found?.feature === true) }];
  });
  const names = new Set(columns.map(({ name }) => name));
  const { long, ...rest } = first;
  return {
    ...rest,
    columns,
    // Of the first alone is what is told of cells.
    whole: first.whole && others.length === 0,
    prose: tables.every(({ prose }) => prose),
    ...(long && [long.row, long.column, long.value].every((name) => names.has(name)) && { long }),
  };
}
