/** What a result can be used for, as plain data. */
export type Use =
  /** W of other rows of the same columns, H fixed. Needs those rows. */
  | { kind: 'transform' }
  /** The data with what is missing filled in by the model. Needs the data. */
  | { kind: 'fill' }
  /** X̂ in the data's units, of the given number of components: those that add most, or all. */
  | { kind: 'reconstruct'; components?: number }
  /** Rows by how badly the model fits them, worst first. Needs the data. */
  | { kind: 'anomalies' }
  /** The rows whose fitted rows are nearest to that of one row, named by its label or its number from 1. */
  | { kind: 'nearest'; row: string; count: number };

/** Whether a use needs data beside the result. */
export const needsData = ({ kind }: Use): boolean => kind === 'transform' || kind === 'fill' || kind === 'anomalies';

/** A matrix with the names of its rows and columns, where they have any. */
export interface NamedMatrix {
  rows: number;
  columns: number;
  /** rows×columns, row-major; NaN where nothing is known. In float64 where float32 would round away what tells numbers apart. */
  values: Float32Array | Float64Array;
  rowLabels?: string[];
  columnLabels?: string[];
}

/** A row of the data: its index from 0, and its label where rows have labels. */
export interface NamedRow {
  index: number;
  label?: string;
}

export type UseResult =
  /**
   * `W` has a column a component, and one more for the bias where the model has any; `errors` is the root mean square error
   * of each row, as of `anomalies`. A row without any observed entry has NaN in both.
   */
  | { kind: 'transform'; W: NamedMatrix; errors: Float64Array; warnings: string[] }
  /** `outside` of those filled in lie outside the range of their column's observed entries; `empty` could not be filled in. */
  | { kind: 'fill'; matrix: NamedMatrix; filled: number; empty: number; outside: number; warnings: string[] }
  /** `components` are those kept, by index from 0, the one that adds most first. */
  | { kind: 'reconstruct'; matrix: NamedMatrix; components: number[]; warnings: string[] }
  /** Root mean square over the row's observed entries of X − X̂, in the units of the prepared data; 0 where nothing is observed. */
  | { kind: 'anomalies'; rows: (NamedRow & { error: number })[] }
  /** Euclidean distance between the fitted rows, in the units of the prepared data before a link. */
  | { kind: 'nearest'; row: NamedRow; neighbours: (NamedRow & { distance: number })[] };
