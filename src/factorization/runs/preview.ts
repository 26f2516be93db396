/** A matrix thinned to a size worth drawing; both steps are 1 when it is whole. */
export interface MatrixPreview {
  /** Rows and columns that are here, fewer than the matrix has when a step is above 1. */
  rows: number;
  columns: number;
  /** Row i here is row i·`rowStep` of the matrix, and likewise for columns. */
  rowStep: number;
  columnStep: number;
  /** rows×columns, row-major. */
  values: Float32Array;
}

/** Most rows and columns of a preview: more cannot be told apart while a run is going on. */
const maxRows = 512;
const maxColumns = 512;

/** Every `rowStep`-th row and `columnStep`-th column of a row-major rows×columns matrix. */
export function previewOf(values: Float32Array, rows: number, columns: number): MatrixPreview {
  const rowStep = Math.ceil(rows / maxRows);
  const columnStep = Math.ceil(columns / maxColumns);
  const preview: MatrixPreview = {
    rows: Math.ceil(rows / rowStep),
    columns: Math.ceil(columns / columnStep),
    rowStep,
    columnStep,
    values: new Float32Array(Math.ceil(rows / rowStep) * Math.ceil(columns / columnStep)),
  };
  let k = 0;
  for (let i = 0; i < rows; i += rowStep) {
    for (let j = 0; j < columns; j += columnStep) preview.values[k++] = values[i * columns + j]!;
  }
  return preview;
}
