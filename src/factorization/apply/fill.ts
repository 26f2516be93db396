import { entryName, type EntryNames } from '../../data/entry-names';
import type { Factorization } from '../result';
import { forEachObserved, type Observations, valueAt } from '../observations';
import type { UseResult } from '../../model/uses';
import { emptyEntries, namesOf, outputFor, overflowWarnings, writable, reconstructRow } from './reconstruct';

/**
 * The data with every missing entry replaced by X̂ there; what was observed stays as it is. Left empty is an entry that no
 * observed number is linked with, and one for which the model expects more than a number can hold.
 *
 * @param lineOf where the rows stand in the data's file, for messages
 */
export function fill(
  factorization: Factorization,
  observations: Observations,
  lineOf?: EntryNames['lineOf'],
): Extract<UseResult, { kind: 'fill' }> {
  const { rows, columns } = factorization;
  const values = outputFor(factorization, observations);
  const line = new Float64Array(columns);
  const links = factorization.biases ? presenceOf(observations) : linksOf(observations);
  const range = columnRanges(observations);
  const observed = observedMatrix(observations);
  const counts = { filled: 0, unknown: 0, overflowing: 0, outside: 0 };
  let furthest: { row: number; column: number; value: number; by: number } | undefined;
  for (let row = 0; row < rows; row++) {
    let fitted = false;
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (observed[at] === 1) continue;
      if (!fitted) reconstructRow(factorization, row, line);
      fitted = true;
      if (links.rows[row] !== links.columns[column]) {
        values[at] = NaN;
        counts.unknown++;
        continue;
      }
      const value = writable(line[column]!);
      values[at] = value;
      if (Number.isNaN(value)) {
        counts.overflowing++;
        continue;
      }
      counts.filled++;
      const [least, most] = [range.least[column]!, range.most[column]!];
      const by = Math.max(value - most, least - value) / Math.max(most - least, Number.MIN_VALUE);
      if (by <= 0) continue;
      counts.outside++;
      if (!furthest || by > furthest.by) furthest = { row, column, value, by };
    }
  }
  forEachObserved(observations, (at, row, column) => {
    values[row * columns + column] = valueAt(observations, at, row, column);
  });
  const { filled, unknown, overflowing, outside } = counts;
  return {
    kind: 'fill',
    matrix: { rows, columns, values, ...namesOf(factorization) },
    filled,
    empty: unknown + overflowing,
    outside,
    warnings: [
      ...(unknown > 0
        ? [
            `${emptyEntries(unknown)} left empty, since no observed number links ${unknown === 1 ? 'its' : 'their'} row and column.`,
          ]
        : []),
      ...overflowWarnings(overflowing),
      ...(furthest
        ? [
            `${outside} of the ${filled} numbers filled in ${outside === 1 ? 'lies' : 'lie'} outside the range of what was observed in ${outside === 1 ? 'its' : 'their'} column, the furthest ${Number(furthest.value.toPrecision(4))} in ${entryName({ ...factorization, ...(lineOf && { lineOf }) }, furthest.row, furthest.column)}, observed from ${Number(range.least[furthest.column]!.toPrecision(4))} to ${Number(range.most[furthest.column]!.toPrecision(4))}.`,
          ]
        : []),
    ],
  };
}

function observedMatrix(observations: Observations): Uint8Array {
  const { rows, columns, mask, places } = observations;
  const observed = new Uint8Array(rows * columns);
  if (!mask && !places) return observed.fill(1);
  forEachObserved(observations, (_, row, column) => (observed[row * columns + column] = 1));
  return observed;
}

function columnRanges(observations: Observations): { least: Float64Array; most: Float64Array } {
  const least = new Float64Array(observations.columns).fill(Infinity);
  const most = new Float64Array(observations.columns).fill(-Infinity);
  forEachObserved(observations, (at, row, column) => {
    const x = valueAt(observations, at, row, column);
    if (x < least[column]!) least[column] = x;
    if (x > most[column]!) most[column] = x;
  });
  return { least, most };
}

/**
 * Which rows and columns observed entries link, by way of others: the groups of the graph whose edges are entries. What a
 * product W·H says of a row and a column of different groups rests on no number: whatever the one group's components are
 * turned by, the other's stay.
 */
interface Links {
  rows: Int32Array;
  columns: Int32Array;
}

function linksOf(observations: Observations): Links {
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
function presenceOf(observations: Observations): Links {
  const rows = Int32Array.from({ length: observations.rows }, (_, row) => 1 + row);
  const columns = Int32Array.from({ length: observations.columns }, (_, column) => -1 - column);
  forEachObserved(observations, (_, row, column) => {
    rows[row] = 0;
    columns[column] = 0;
  });
  return { rows, columns };
}
