import type { RestartSpread } from './findings';
import type { RestartReport } from '../runs/trace';
import { isNothing } from '../objective/statistics';

/** The spread of the objectives; undefined where fewer than two restarts came to a finite end. */
export function spreadOf(
  restarts: readonly (Pick<RestartReport, 'objective' | 'stopReason'> & Partial<Pick<RestartReport, 'trace'>>)[],
): RestartSpread | undefined {
  const objectives = restarts
    .filter(({ objective, stopReason }) => stopReason !== 'diverged' && Number.isFinite(objective))
    .map(({ objective }) => objective)
    .sort((a, b) => a - b);
  const [best] = objectives;
  const worst = objectives.at(-1);
  if (best === undefined || worst === undefined || objectives.length < 2) return undefined;
  const beginning = restarts
    .map(({ trace }) => trace?.objective[0] ?? 0)
    .filter(Number.isFinite)
    .reduce((most, value) => Math.max(most, value), 0);
  const middle = (objectives.length - 1) / 2;
  const median = (objectives[Math.floor(middle)]! + objectives[Math.ceil(middle)]!) / 2;
  return {
    best,
    median,
    worst,
    relative: worst === best || isNothing(Math.abs(worst), beginning) ? 0 : (worst - best) / Math.abs(best),
  };
}

/** Similarity of each row of `a` to the row of `b` that matches it when all are matched as well as possible. */
export function matchedSimilarity(a: Float32Array, b: Float32Array, rank: number): number[] {
  const cosines = new Float64Array(rank * rank);
  const unitA = unitRows(a, rank);
  const unitB = unitRows(b, rank);
  const length = a.length / rank;
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < rank; j++) {
      let product = 0;
      for (let t = 0; t < length; t++) product += unitA[i * length + t]! * unitB[j * length + t]!;
      cosines[i * rank + j] = Math.min(1, Math.abs(product));
    }
  }
  const match = bestAssignment(cosines, rank);
  return Array.from({ length: rank }, (_, row) => cosines[row * rank + match[row]!]!);
}

/**
 * ‖A·Bᵀ‖²/max(dim) for orthonormal bases A and B of the spaces that the rows span: the mean squared cosine of the
 * principal angles between them, 1 for the same space.
 */
export function spaceSimilarity(a: Float32Array, b: Float32Array, rank: number): number {
  const basisA = orthonormalRows(a, rank);
  const basisB = orthonormalRows(b, rank);
  const largest = Math.max(basisA.length, basisB.length);
  if (largest === 0) return 1;
  let sum = 0;
  for (const u of basisA) {
    for (const v of basisB) sum += u.reduce((product, value, t) => product + value * v[t]!, 0) ** 2;
  }
  return Math.min(1, sum / largest);
}

/** The similarities of the kept restart's H to the others'. */
export function similaritiesTo(
  kept: Float32Array,
  others: readonly Float32Array[],
  rank: number,
): Pick<RestartSpread, 'componentSimilarity' | 'spaceSimilarity'> {
  if (others.length === 0) return {};
  const matched = others.map((other) => matchedSimilarity(kept, other, rank));
  return {
    componentSimilarity: Array.from({ length: rank }, (_, k) => meanOf(matched.map((values) => values[k]!))),
    spaceSimilarity: meanOf(others.map((other) => spaceSimilarity(kept, other, rank))),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function unitRows(matrix: Float32Array, rows: number): Float64Array {
  const unit = Float64Array.from(matrix);
  const length = matrix.length / rows;
  for (let i = 0; i < rows; i++) {
    const row = unit.subarray(i * length, (i + 1) * length);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (norm > 0) row.forEach((value, t) => (row[t] = value / norm));
  }
  return unit;
}

/** A row that is this close to the space of the ones before it, relative to its length, adds no direction of its own. */
const dependent = 1e-5;

function orthonormalRows(matrix: Float32Array, rows: number): Float64Array[] {
  const unit = unitRows(matrix, rows);
  const length = matrix.length / rows;
  const basis: Float64Array[] = [];
  for (let i = 0; i < rows; i++) {
    const row = unit.slice(i * length, (i + 1) * length);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const overlap = row.reduce((sum, value, t) => sum + value * other[t]!, 0);
        row.forEach((value, t) => (row[t] = value - overlap * other[t]!));
      }
    }
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (norm > dependent) basis.push(row.map((value) => value / norm));
  }
  return basis;
}

/**
 * The assignment of rows to columns with the largest total value: the Hungarian method in its shortest-path form with
 * potentials (Kuhn 1955; Jonker & Volgenant 1987), O(size³).
 *
 * @param values size×size, row-major, finite
 * @returns the column of each row
 */
export function bestAssignment(values: Float64Array, size: number): Int32Array {
  // Row and column 0 are a helper of the search; real ones count from 1.
  const rowPotential = new Float64Array(size + 1);
  const columnPotential = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  const previous = new Int32Array(size + 1);

  for (let row = 1; row <= size; row++) {
    const distance = new Float64Array(size + 1).fill(Infinity);
    const reached = new Uint8Array(size + 1);
    let column = 0;
    rowOf[0] = row;
    do {
      reached[column] = 1;
      const from = rowOf[column]!;
      let nearest = Infinity;
      let next = 0;
      for (let j = 1; j <= size; j++) {
        if (reached[j]) continue;
        const cost = -values[(from - 1) * size + j - 1]!;
        const reduced = cost - rowPotential[from]! - columnPotential[j]!;
        if (reduced < distance[j]!) {
          distance[j] = reduced;
          previous[j] = column;
        }
        if (distance[j]! < nearest) {
          nearest = distance[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= size; j++) {
        if (reached[j]) {
          const owner = rowOf[j]!;
          rowPotential[owner] = rowPotential[owner]! + nearest;
          columnPotential[j] = columnPotential[j]! - nearest;
        } else {
          distance[j] = distance[j]! - nearest;
        }
      }
      column = next;
    } while (rowOf[column] !== 0);
    // Along the path found, every column takes the row of the one before it.
    while (column !== 0) {
      const before = previous[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }

  const columnOf = new Int32Array(size);
  for (let j = 1; j <= size; j++) columnOf[rowOf[j]! - 1] = j - 1;
  return columnOf;
}
