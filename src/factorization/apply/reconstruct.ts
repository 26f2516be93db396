import type { Factorization } from '../result';
import { lossOf } from '../objective/losses';
import { undoSteps, prepareObservations } from '../preparation/steps';
import { type Observations, forEachObserved } from '../observations';
import type { NamedMatrix, NamedRow, UseResult } from '../../model/uses';
import { gramOf } from '../linear-algebra/orthogonal';
import { SettingsError } from '../../model/settings';

/** How much each component adds: ‖column of W‖·‖row of H‖, the Frobenius norm of its part of W·H. */
function contributions({ W, H, rank, columns }: Pick<Factorization, 'W' | 'H' | 'rank' | 'columns'>): number[] {
  const ofW = new Float64Array(rank);
  const ofH = new Float64Array(rank);
  W.forEach((value, at) => (ofW[at % rank] = ofW[at % rank]! + value * value));
  H.forEach((value, at) => {
    const component = Math.floor(at / columns);
    ofH[component] = ofH[component]! + value * value;
  });
  return Array.from({ length: rank }, (_, k) => Math.sqrt(ofW[k]! * ofH[k]!));
}

/** The components that add most, by index, the greatest first. @param count at most the rank */
function leadingComponents(factorization: Factorization, count: number): number[] {
  const size = contributions(factorization);
  return size
    .map((_, component) => component)
    .sort((a, b) => size[b]! - size[a]! || a - b)
    .slice(0, count);
}

/**
 * What the model expects of one row, in float64 and the units of the prepared data: W·H after the inverse link of a loss
 * that has one, biases included.
 * @param out a row long; overwritten
 */
export function expectRow(
  { W, H, rank, columns, settings, biases }: Factorization,
  row: number,
  out: Float64Array,
  components?: readonly number[],
): void {
  const { expectation } = lossOf(settings.model.loss);
  if (biases) {
    const ofRow = biases.mean + biases.rows[row]!;
    for (let j = 0; j < columns; j++) out[j] = ofRow + biases.columns[j]!;
  } else {
    out.fill(0);
  }
  for (const k of components ?? Array.from({ length: rank }, (_, component) => component)) {
    const w = W[row * rank + k]!;
    for (let j = 0; j < columns; j++) out[j] = out[j]! + w * H[k * columns + j]!;
  }
  for (let j = 0; j < columns; j++) out[j] = expectation(out[j]!);
}

/** The same in the units of the data as they are in their file. */
export function reconstructRow(
  factorization: Factorization,
  row: number,
  out: Float64Array,
  components?: readonly number[],
): void {
  expectRow(factorization, row, out, components);
  undoSteps(factorization.preparation ?? [], out, row);
}

export const namesOf = ({
  rowLabels,
  columnLabels,
}: Pick<Factorization, 'rowLabels' | 'columnLabels'>): Pick<NamedMatrix, 'rowLabels' | 'columnLabels'> => ({
  ...(rowLabels && { rowLabels }),
  ...(columnLabels && { columnLabels }),
});

/** A number as it can be written: NaN, which is empty, for one that float32 cannot hold. */
export const writable = (value: number): number => (Number.isFinite(Math.fround(value)) ? value : NaN);

/** Where numbers of a column are so many times as large as they differ, float32 rounds away what tells them apart. */
const narrow = 2 ** 14;

/** Room for X̂ in the file's units: in float64 where float32 would round away what tells its numbers apart. */
export function outputFor(factorization: Factorization, observations?: Observations): Float32Array | Float64Array {
  const length = factorization.rows * factorization.columns;
  return observations?.remainders || isNarrow(factorization) ? new Float64Array(length) : new Float32Array(length);
}

/** Whether what was subtracted from a column is large beside what the model can say of it, ‖W‖/√n·‖column of H‖. */
function isNarrow({ W, H, rows, columns, rank, preparation = [] }: Factorization): boolean {
  const shift = preparation.find((step) => step.kind === 'shift' && step.axis === 'columns');
  if (shift?.kind !== 'shift') return false;
  const scale = preparation.find((step) => step.kind === 'scale' && step.axis === 'columns');
  const typicalRow = Math.sqrt(W.reduce((sum, w) => sum + w * w, 0) / rows);
  return shift.by.some((by, j) => {
    let square = 0;
    for (let k = 0; k < rank; k++) square += H[k * columns + j]! ** 2;
    const unit = scale?.kind === 'scale' ? scale.by[j]! : 1;
    const size = typicalRow * Math.sqrt(square) * unit;
    return size > 0 && Math.abs(by) > narrow * size;
  });
}

export const emptyEntries = (count: number): string => (count === 1 ? '1 entry is' : `${count} entries are`);

/** What the user should know of numbers that could not be written. */
export const overflowWarnings = (count: number): string[] =>
  count > 0
    ? [
        `${emptyEntries(count)} left empty, since the model expects a number there that is too large to be written; penalise the factors, or take a lower rank.`,
      ]
    : [];

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
