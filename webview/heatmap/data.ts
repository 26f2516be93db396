import type { MatrixPreview } from '../../src/factorization/progress';

/** One side of a matrix. */
export interface Axis {
  /** Drawn beside the axis, e.g. `components`. */
  title: string;
  /** What one of them is called, e.g. `component`. */
  noun: string;
  count: number;
  /** One each, where they have names. */
  labels?: string[];
  /** What they are numbered elsewhere, counted from 1; absent where that is their order here. */
  numbers?: readonly number[];
}

/** The number of one row or column, counted from 1. */
export function numberOf(axis: Axis, index: number): number {
  return axis.numbers?.[index] ?? index + 1;
}

/** The name of one row or column: its label or its number. */
export function nameOf(axis: Axis, index: number): string {
  return axis.labels?.[index] ?? String(numberOf(axis, index));
}

/** A matrix and what its rows and columns are called. */
export interface HeatmapData {
  matrix: MatrixPreview;
  rows: Axis;
  columns: Axis;
  /** Which side the components are on; absent where it has none, and all cells are of one kind. */
  components?: 'rows' | 'columns';
}

/** A cell that is pointed at. Row and column are of the whole matrix; `among` cells share its pixel. */
export interface Selection {
  row: number;
  column: number;
  value: number;
  among: number;
}
