import type { Factorization } from '../result';
import type { Observations } from '../observations';
import type { NamedMatrix } from '../../model/uses';

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
