import { withValues, type Observations } from './observations';
import type { Lines, LineValues, Preparation, PreparationSettings } from './preparation';

/** Finds what to subtract, from the observed entries alone; undefined where nothing is asked for. */
export function measurePreparation(
  observations: Observations,
  { centre }: PreparationSettings = {},
): Preparation | undefined {
  return centre && { offsets: { of: centre, values: meansOf(observations, centre) } };
}

/** The observations in the units that the factors are in. Missing entries stay 0. */
export function prepareObservations(observations: Observations, { offsets }: Preparation): Observations {
  if (!offsets) return observations;
  const { X, mask, columns } = observations;
  return withValues(
    observations,
    X.map((x, at) => (mask && mask[at] === 0 ? 0 : x - valueAt(offsets, Math.floor(at / columns), at % columns))),
  );
}

/** What was subtracted from the entry in this row and column. */
export const offsetAt = ({ offsets }: Preparation, row: number, column: number): number =>
  offsets ? valueAt(offsets, row, column) : 0;

const valueAt = ({ of, values }: LineValues, row: number, column: number): number =>
  values[of === 'columns' ? column : row] as number;

/** Of a column or row without observed entries, 0. */
function meansOf({ rows, columns, X, mask }: Observations, of: Lines): Float64Array {
  const sums = new Float64Array(of === 'columns' ? columns : rows);
  const counts = new Float64Array(sums.length);
  X.forEach((x, at) => {
    if (mask && mask[at] === 0) return;
    const line = of === 'columns' ? at % columns : Math.floor(at / columns);
    sums[line] = (sums[line] as number) + x;
    counts[line] = (counts[line] as number) + 1;
  });
  return sums.map((sum, line) => sum / Math.max(1, counts[line] as number));
}
