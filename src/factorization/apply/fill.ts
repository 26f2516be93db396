import { entryName, type EntryNames } from '../../data/entry-names';
import type { Factorization } from '../result';
import { forEachObserved, type Observations } from '../observations';
import { valueAt } from '../observations';
import type { UseResult } from '../../model/uses';
import { linksOf, presenceOf } from './links';
import { namesOf, outputFor, writable } from './output';
import { reconstructRow } from './prediction';

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
            `${entries(unknown)} left empty, since no observed number links ${unknown === 1 ? 'its' : 'their'} row and column.`,
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

const entries = (count: number): string => (count === 1 ? '1 entry is' : `${count} entries are`);

/** What the user should know of numbers that could not be written. */
export const overflowWarnings = (count: number): string[] =>
  count > 0
    ? [
        `${entries(count)} left empty, since the model expects a number there that is too large to be written; penalise the factors, or take a lower rank.`,
      ]
    : [];

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
