import type { PreparationStep } from '../../model/preparation';

/** The element of a step's `by` that concerns an entry. */
export function elementOf(
  { axis, by }: Extract<PreparationStep, { by: Float64Array }>,
  row: number,
  column: number,
): number {
  return by[axis === 'rows' ? row : axis === 'columns' ? column : 0]!;
}

/** An entry of X after some steps. */
export function afterSteps(steps: readonly PreparationStep[], value: number, row: number, column: number): number {
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
export function applySteps(
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
