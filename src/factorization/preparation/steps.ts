import type { PreparationStep } from '../../model/preparation';
import {
  forEachObserved,
  RunningTotals,
  valueAt,
  withValues,
  type Observations,
  type Remainders,
} from '../observations';

/** The element of a step's `by` that concerns an entry. */
export function elementOf(
  { axis, by }: Extract<PreparationStep, { by: Float64Array }>,
  row: number,
  column: number,
): number {
  return by[axis === 'rows' ? row : axis === 'columns' ? column : 0]!;
}

/** An entry of X after some steps. */
function afterSteps(steps: readonly PreparationStep[], value: number, row: number, column: number): number {
  let x = value;
  for (let k = 0; k < steps.length; k++) {
    const step = steps[k]!;
    if (step.kind === 'log1p') x = Math.log1p(x);
    else if (step.kind === 'shift') x -= elementOf(step, row, column);
    else x /= elementOf(step, row, column);
  }
  return x;
}

/**
 * Applies steps in place to one row of X or several that follow each other, in float64.
 * @param row index of the first, for steps that have an element a row
 * @param columns numbers in a row
 */
function applySteps(
  steps: readonly PreparationStep[],
  values: Float64Array,
  row: number,
  columns = values.length,
): void {
  for (const step of steps) {
    if (step.kind === 'log1p') {
      for (let at = 0; at < values.length; at++) values[at] = Math.log1p(values[at]!);
      continue;
    }
    const { kind, axis, by } = step;
    const columnwise = kind === 'shift' ? subtract : divide;
    for (let start = 0, i = row; start < values.length; start += columns, i++) {
      if (axis === 'columns') columnwise(values, start, columns, by);
      else alike(values, start, columns, kind, by[axis === 'rows' ? i : 0]!);
    }
  }
}

// Functions as small as these are the first that an engine of JavaScript makes fast.

function subtract(values: Float64Array, start: number, count: number, by: Float64Array): void {
  for (let j = 0; j < count; j++) values[start + j] = values[start + j]! - by[j]!;
}

function divide(values: Float64Array, start: number, count: number, by: Float64Array): void {
  for (let j = 0; j < count; j++) values[start + j] = values[start + j]! / by[j]!;
}

/** Subtracts or divides by the same number. */
function alike(values: Float64Array, start: number, count: number, kind: 'shift' | 'scale', by: number): void {
  const end = start + count;
  if (kind === 'shift') for (let at = start; at < end; at++) values[at] = values[at]! - by;
  else for (let at = start; at < end; at++) values[at] = values[at]! / by;
}

/** Numbers of a whole matrix that are visited at a time: enough to make calls rare, few enough to stay in the cache. */
const bandNumbers = 1 << 14;

/** Visits the rows of a whole matrix after some steps, some at a time, in float64. The next ones overwrite the values. */
export function eachBand(
  { rows, columns, X, remainders }: Observations,
  steps: readonly PreparationStep[],
  visit: (values: Float64Array, firstRow: number) => void,
): void {
  const height = Math.max(1, Math.floor(bandNumbers / columns));
  const buffer = new Float64Array(height * columns);
  for (let row = 0; row < rows; row += height) {
    const values = buffer.subarray(0, Math.min(height, rows - row) * columns);
    values.set(X.subarray(row * columns, row * columns + values.length));
    if (remainders) addRemainders(values, remainders, row, columns);
    applySteps(steps, values, row, columns);
    visit(values, row);
  }
}

/** Gives some rows from `row` on the digits of their file back. */
function addRemainders(
  values: Float64Array,
  { columns: narrow, values: rest }: Remainders,
  row: number,
  columns: number,
): void {
  for (let start = 0, at = row * narrow.length; start < values.length; start += columns) {
    for (const column of narrow) values[start + column] = values[start + column]! + rest[at++]!;
  }
}

/** Visits every observed entry after some steps, in float64. */
export function eachEntry(
  observations: Observations,
  steps: readonly PreparationStep[],
  visit: (value: number, row: number, column: number, at: number) => void,
): void {
  forEachObserved(observations, (at, row, column) =>
    visit(afterSteps(steps, valueAt(observations, at, row, column), row, column), row, column, at),
  );
}

/** The observations in the units that the factors are in. A missing entry stays missing and holds 0. */
export function prepareObservations(observations: Observations, steps: readonly PreparationStep[]): Observations {
  if (steps.length === 0) return observations;
  const prepared = new Float32Array(observations.X.length);
  const { columns, mask, places } = observations;
  if (mask || places) {
    eachEntry(observations, steps, (value, _row, _column, at) => (prepared[at] = value));
    return withValues(observations, prepared);
  }
  const totals = new RunningTotals();
  const [only, ...more] = steps;
  if (!observations.remainders && only?.kind === 'shift' && only.axis === 'columns' && more.length === 0) {
    // What principal components ask for, without a copy in float64.
    for (let start = 0; start < prepared.length; start += columns) {
      writeDifferences(prepared, observations.X, start, columns, only.by);
      totals.add(prepared.subarray(start, start + columns));
    }
    return withValues(observations, prepared, totals.result());
  }
  eachBand(observations, steps, (values, row) => {
    const start = row * columns;
    prepared.set(values, start);
    // While they are in the processor's cache.
    totals.add(prepared.subarray(start, start + values.length));
  });
  return withValues(observations, prepared, totals.result());
}

function writeDifferences(to: Float32Array, X: Float32Array, start: number, count: number, by: Float64Array): void {
  for (let j = 0; j < count; j++) to[start + j] = X[start + j]! - by[j]!;
}

/** Undoes steps in place on one row of a reconstruction, so that it is in X's own units again. */
export function undoSteps(steps: readonly PreparationStep[], values: Float64Array, row: number): void {
  for (const step of [...steps].reverse()) {
    for (let column = 0; column < values.length; column++) {
      const value = values[column]!;
      values[column] =
        step.kind === 'log1p'
          ? Math.expm1(value)
          : step.kind === 'shift'
            ? value + elementOf(step, row, column)
            : value * elementOf(step, row, column);
    }
  }
}
