import { forEachObserved, type Observations } from '../observations';

/**
 * Which rows and columns observed entries link, by way of others: the groups of the graph whose edges are entries. What a
 * product W·H says of a row and a column of different groups rests on no number: whatever the one group's components are
 * turned by, the other's stay.
 */
export interface Links {
  rows: Int32Array;
  columns: Int32Array;
}

export function linksOf(observations: Observations): Links {
  const { rows, columns } = observations;
  const parent = Int32Array.from({ length: rows + columns }, (_, line) => line);
  const rootOf = (line: number): number => {
    let root = line;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = line; at !== root;) {
      const next = parent[at]!;
      parent[at] = root;
      at = next;
    }
    return root;
  };
  forEachObserved(observations, (_, row, column) => {
    const [a, b] = [rootOf(row), rootOf(rows + column)];
    if (a !== b) parent[b] = a;
  });
  return {
    rows: Int32Array.from({ length: rows }, (_, row) => rootOf(row)),
    columns: Int32Array.from({ length: columns }, (_, column) => rootOf(rows + column)),
  };
}

/** Which rows and columns have any entry: all of these are linked. */
export function presenceOf(observations: Observations): Links {
  const rows = Int32Array.from({ length: observations.rows }, (_, row) => 1 + row);
  const columns = Int32Array.from({ length: observations.columns }, (_, column) => -1 - column);
  forEachObserved(observations, (_, row, column) => {
    rows[row] = 0;
    columns[column] = 0;
  });
  return { rows, columns };
}
