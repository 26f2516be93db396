/** What is done to X before it is factorized, and undone in whatever is said in X's own units. All of it is plain data. */

/** Whether each column has a number of its own, or each row. */
export type Lines = 'columns' | 'rows';

/** What is asked for. */
export interface PreparationSettings {
  /** Subtract from every entry the mean of the observed ones of its column or row. */
  centre?: Lines;
}

/** A number for each column or row. */
export interface LineValues {
  of: Lines;
  values: Float64Array;
}

/** What was done: an entry x became x − offset. */
export interface Preparation {
  offsets?: LineValues;
}
