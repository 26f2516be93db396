import type { MatrixPreview } from '../../src/factorization/progress';
import { type ColourRange, extentOf, rangeOf } from './colour-map';
import type { Level } from './pyramid';

/** The part of the cells whose magnitude the colours go up to, as in seaborn's `robust` heatmaps. */
const coloured = 0.98;
/** Where the scale would be opened up by less than this factor, it goes to the largest cell after all. */
const worthwhile = 4 / 3;
/** Cells that are looked at, spread evenly over the matrix. */
const sampled = 50_000;

/** Which cells have a scale of their own together: each row, each column, or all cells as one. */
export type ScaleBy = 'rows' | 'columns' | 'all';

/** A matrix as it is coloured. */
export interface Colouring {
  /** Cells in units of their scale where each component has its own, else the cells themselves. */
  drawn: Level;
  range: ColourRange;
  /** The scale of each row or column of the matrix as it is here; absent where all share one. */
  scales?: { by: 'rows' | 'columns'; ranges: ColourRange[] };
}

/**
 * The magnitude at which colours end: a few outliers would leave all other cells in one shade.
 * @param greatest magnitude of all cells
 */
function limitOf(values: Float32Array, greatest: number): number {
  const step = Math.max(1, Math.ceil(values.length / sampled));
  const magnitudes = new Float64Array(Math.ceil(values.length / step));
  let count = 0;
  for (let i = 0; i < values.length; i += step) {
    const magnitude = Math.abs(values[i] ?? NaN);
    if (!Number.isNaN(magnitude)) magnitudes[count++] = magnitude;
  }
  const sorted = magnitudes.subarray(0, count).sort();
  const limit = sorted[Math.ceil(coloured * count) - 1] ?? 0;
  return limit > 0 && limit * worthwhile < greatest ? limit : greatest;
}

/** The colours of some cells; where `whole`, up to the largest. */
function rangeFor(values: Float32Array, whole: boolean): ColourRange {
  const extent = extentOf(values);
  const greatest = Math.max(Math.abs(extent.least), Math.abs(extent.greatest));
  return rangeOf(extent, whole ? greatest : limitOf(values, greatest));
}

/** @param whole whether colours go up to the largest cell, as where all that can be is known */
export function colouringOf(matrix: MatrixPreview, by: ScaleBy, whole: boolean): Colouring {
  const { rows, columns, values } = matrix;
  const shared = rangeFor(values, whole);
  if (by === 'all') return { drawn: { rows, columns, values }, range: shared };
  const lines = by === 'rows' ? rows : columns;
  const ranges = Array.from({ length: lines }, (_, k) => {
    const line =
      by === 'rows'
        ? values.subarray(k * columns, (k + 1) * columns)
        : Float32Array.from({ length: rows }, (__, i) => values[i * columns + k] ?? NaN);
    const own = rangeFor(line, whole);
    // One kind of colours for all, so that a colour has one meaning.
    return shared.kind === 'diverging' ? { ...own, kind: shared.kind, low: -own.high } : own;
  });
  const drawn = values.map(
    (value, i) => value / (ranges[by === 'rows' ? Math.floor(i / columns) : i % columns]?.high ?? 1),
  );
  const range: ColourRange = { kind: shared.kind, low: shared.kind === 'diverging' ? -1 : 0, high: 1 };
  return { drawn: { rows, columns, values: drawn }, range, scales: { by, ranges } };
}
