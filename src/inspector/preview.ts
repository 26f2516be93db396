import type { Factorization } from '../factorization/result';
import type { FactorsView } from '../protocol/inspector';
import type { MatrixPreview } from '../factorization/progress';

/** W and H as they are, unthinned; the page draws from these arrays and thins for itself. */
export function wholeFactors(factorization: Factorization): FactorsView {
  const { rows, columns, rank, W, H, rowLabels, columnLabels, drawing } = factorization;
  return {
    W: wholeMatrix(W, rows, rank),
    H: wholeMatrix(H, rank, columns),
    ...(rowLabels ? { rowLabels } : {}),
    ...(columnLabels ? { columnLabels } : {}),
    ...(drawing ? { drawing } : {}),
  };
}

function wholeMatrix(values: Float32Array, rows: number, columns: number): MatrixPreview {
  return { rows, columns, rowStep: 1, columnStep: 1, values };
}
