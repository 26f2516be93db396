import type { MatrixPreview } from '../protocol/worker';

/** Most rows and columns of a preview: more cannot be told apart while a run is going on. */
const mostRows = 512;
const mostColumns = 512;

/** Every `rowStep`-th row and `columnStep`-th column of a row-major rows×columns matrix. */
export function previewOf(values: Float32Array, rows: number, columns: number): MatrixPreview {
  const rowStep = Math.ceil(rows / mostRows);
  const columnStep = Math.ceil(columns / mostColumns);
  const preview: MatrixPreview = {
    rows: Math.ceil(rows / rowStep),
    columns: Math.ceil(columns / columnStep),
    rowStep,
    columnStep,
    values: new Float32Array(Math.ceil(rows / rowStep) * Math.ceil(columns / columnStep)),
  };
  let k = 0;
  for (let i = 0; i < rows; i += rowStep) {
    for (let j = 0; j < columns; j += columnStep) preview.values[k++] = values[i * columns + j] as number;
  }
  return preview;
}
