import { forEachObserved, type Observations } from '../observations';

/** A number for every entry that takes no factors. */
export type PlainModel = (row: number, column: number) => number;

/** Each column's mean of the observed entries; where it has none, that of all. */
export function columnMeans(observations: Observations): PlainModel {
  const { columns, mean } = observations;
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  forEachObserved(observations, (at, _, column) => {
    sums[column] = sums[column]! + observations.X[at]!;
    counts[column] = counts[column]! + 1;
  });
  return (_, column) => (counts[column]! > 0 ? sums[column]! / counts[column]! : mean);
}

/** How far biases are drawn to 0: as if each line had so many more entries of no bias. */
const priorEntries = 1;
const biasSweeps = 10;

/** A mean, a number for each row and one for each column: least squares, drawn a little to 0. */
export function additive(observations: Observations): PlainModel {
  const { rows, columns, mean, X } = observations;
  const ofRow = new Float64Array(rows);
  const ofColumn = new Float64Array(columns);
  const learn = (own: Float64Array, other: Float64Array, axis: 'rows' | 'columns'): void => {
    const sums = new Float64Array(own.length);
    const counts = new Float64Array(own.length).fill(priorEntries);
    forEachObserved(observations, (at, row, column) => {
      const [line, along] = axis === 'rows' ? [row, column] : [column, row];
      sums[line] = sums[line]! + X[at]! - mean - other[along]!;
      counts[line] = counts[line]! + 1;
    });
    own.forEach((__, line) => (own[line] = sums[line]! / counts[line]!));
  };
  for (let sweep = 0; sweep < biasSweeps; sweep++) {
    learn(ofColumn, ofRow, 'columns');
    learn(ofRow, ofColumn, 'rows');
  }
  return (row, column) => mean + ofRow[row]! + ofColumn[column]!;
}
