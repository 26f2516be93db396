import { gramOf } from '../linear-algebra/orthogonal';
import { SettingsError } from '../../model/settings';
import type { Factorization } from '../result';
import { forEachObserved, type Observations } from '../observations';
import { prepareObservations } from '../preparation/prepare';
import { overflowWarnings } from './fill';
import type { NamedRow, UseResult } from '../../model/uses';
import { namesOf, outputFor, writable } from './output';
import { expectRow, leadingComponents, reconstructRow } from './prediction';

type Result<K extends UseResult['kind']> = Extract<UseResult, { kind: K }>;

const labelled = ({ rowLabels }: Pick<Factorization, 'rowLabels'>, index: number): NamedRow => {
  const label = rowLabels?.[index];
  return label === undefined ? { index } : { index, label };
};

/**
 * X̂ in the data's own units, of all components or of those that add most.
 * @throws SettingsError when there are not so many components
 */
export function reconstruct(factorization: Factorization, count = factorization.rank): Result<'reconstruct'> {
  const { rows, columns, rank } = factorization;
  if (count < 1 || count > rank) {
    throw new SettingsError(`The result has ${rank} components; reconstruct from 1 to ${rank} of them, not ${count}.`);
  }
  const components = leadingComponents(factorization, count);
  const values = outputFor(factorization);
  const line = new Float64Array(columns);
  let overflowing = 0;
  for (let row = 0; row < rows; row++) {
    reconstructRow(factorization, row, line, components);
    for (let column = 0; column < columns; column++) {
      const value = writable(line[column]!);
      if (Number.isNaN(value)) overflowing++;
      values[row * columns + column] = value;
    }
  }
  return {
    kind: 'reconstruct',
    matrix: { rows, columns, values, ...namesOf(factorization) },
    components,
    warnings: overflowWarnings(overflowing),
  };
}

/** Every row by its root mean square error over observed entries, in the prepared units, greatest first. */
export function anomalies(factorization: Factorization, observations: Observations): Result<'anomalies'> {
  const errors = rowErrors(factorization, prepareObservations(observations, factorization.preparation ?? []));
  return {
    kind: 'anomalies',
    rows: Array.from({ length: errors.length }, (_, index) => ({
      ...labelled(factorization, index),
      error: errors[index]!,
    })).sort((a, b) => b.error - a.error || a.index - b.index),
  };
}

/** Root mean square of X − X̂ of each row over its observed entries. */
export function rowErrors(factorization: Factorization, observations: Observations): Float64Array {
  const { rows, columns, X } = observations;
  const squares = new Float64Array(rows);
  const observed = new Float64Array(rows);
  const line = new Float64Array(columns);
  let present = -1;
  forEachObserved(observations, (at, row, column) => {
    if (row !== present) expectRow(factorization, row, line);
    present = row;
    squares[row] = squares[row]! + (X[at]! - line[column]!) ** 2;
    observed[row] = observed[row]! + 1;
  });
  return squares.map((square, row) => Math.sqrt(square / Math.max(1, observed[row]!)));
}

/**
 * The rows nearest to one in factor space: by ‖(w − w′)·H‖, the distance between fitted rows, which does not change when a
 * component is scaled up in W and down in H.
 * @param wanted the row's label, or its number from 1
 * @throws SettingsError when there is no such row
 */
export function nearest(factorization: Factorization, wanted: string, count: number): Result<'nearest'> {
  const { rows, columns, rank, W, H } = factorization;
  const index = findRow(factorization, wanted);
  const difference = new Float64Array(rank);
  const gram = gramOf((j, k) => H[k * columns + j]!, columns, rank);
  const distanceTo = (other: number): number => {
    for (let k = 0; k < rank; k++) {
      difference[k] = W[index * rank + k]! - W[other * rank + k]!;
    }
    let square = 0;
    for (let k = 0; k < rank; k++) {
      for (let l = 0; l < rank; l++) {
        square += difference[k]! * gram[k * rank + l]! * difference[l]!;
      }
    }
    return Math.sqrt(Math.max(0, square));
  };
  const neighbours = Array.from({ length: rows }, (_, other) => other)
    .filter((other) => other !== index)
    .map((other) => ({ ...labelled(factorization, other), distance: distanceTo(other) }))
    .sort((a, b) => a.distance - b.distance || a.index - b.index)
    .slice(0, count);
  return { kind: 'nearest', row: labelled(factorization, index), neighbours };
}

/** By label where exactly one row has it, else by number from 1. */
function findRow({ rows, rowLabels = [], source }: Factorization, wanted: string): number {
  const first = rowLabels.indexOf(wanted);
  const several = first >= 0 && rowLabels.indexOf(wanted, first + 1) >= 0;
  if (first >= 0 && !several) return first;
  const number = /^\d+$/.test(wanted) ? Number(wanted) : 0;
  if (number >= 1 && number <= rows && !several) return number - 1;
  throw new SettingsError(
    several
      ? `${source.name}: several rows are called "${wanted}", the first being row ${first + 1} of the data; name the row by its number among the data's rows.`
      : `${source.name}: there is no row "${wanted}"; name one by its label or by its number from 1 to ${rows}.`,
  );
}
