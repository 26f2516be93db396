import { symmetricEigenvalues } from './symmetric';
import { entryCounts, linesOf, type EntryLines } from './entry-lines';
import { forEachDetermined, basisOf, gramOfEntries, type Basis } from './least-norm';
import { transposed } from './row-products';
import type { Observations } from '../observations';
import type { Factors } from '../factors';

/** Multiplications that refining may take, and sweeps. */
const maxWork = 2e9;
const maxSweeps = 500;

/** A sweep that lowers Σ(X−WH)² by less than this part of it, or of ΣX², is the last. */
const settled = { ofError: 1e-9, ofTotal: 1e-16 };

/**
 * Components of data with missing entries to the digits of float64: alternating least squares from where float32 came, each
 * line solved by itself. What its entries do not determine has least norm (see {@link withLeastNorm}), which is also what
 * expectation–maximization from the means comes to: made-up scores would turn the components, whose order and directions
 * are those of W·H as a whole. Of data for which that takes too long the factors are returned as they are.
 */
export function refined(observations: Observations, factors: Factors, rank: number): Factors {
  const { rows, columns, observed, sumOfSquares } = observations;
  const workOfSweep = 2 * (observed + 10 * (rows + columns) * rank) * rank * rank;
  const sweeps = Math.min(maxSweeps, Math.floor(maxWork / workOfSweep));
  if (sweeps < 1) return factors;
  const counts = entryCounts(observations);
  const byRow = linesOf(observations, 'rows', counts.rows);
  const byColumn = linesOf(observations, 'columns', counts.columns);
  let H = transposed(factors.H, rank);
  let basis = basisOf(H, rank);
  let W = solved(observations, byRow, basis, columns);
  let before = Infinity;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    H = solved(observations, byColumn, basisOf(W, rank), rows);
    basis = basisOf(H, rank);
    W = solved(observations, byRow, basis, columns);
    const error = weightedError(observations, byRow, W, basis);
    if (before - error <= settled.ofError * error + settled.ofTotal * sumOfSquares) break;
    before = error;
  }
  return { W: Float32Array.from(W), H: Float32Array.from(transposed(basis.lines, columns)) };
}

/** Every line's coefficients in the basis: least squares over its entries, of least norm. */
function solved({ X, weights }: Observations, entries: EntryLines, basis: Basis, places: number): Float64Array {
  const { begins, places: along, at } = entries;
  const { lines, rank } = basis;
  const result = new Float64Array((begins.length - 1) * rank);
  const right = new Float64Array(rank);
  for (let line = 0; line < begins.length - 1; line++) {
    const [begin, end] = [begins[line]!, begins[line + 1]!];
    if (begin === end) continue;
    right.fill(0);
    for (let e = begin; e < end; e++) {
      const place = at[e]!;
      const value = X[place]! * (weights ? weights[place]! : 1);
      const start = along[e]! * rank;
      for (let k = 0; k < rank; k++) right[k] = right[k]! + value * lines[start + k]!;
    }
    const own = result.subarray(line * rank, (line + 1) * rank);
    // Orthonormal as they are, all places of a line together make the unit matrix.
    if (end - begin === places && !weights) {
      own.set(right);
      continue;
    }
    forEachDetermined(gramOfEntries(basis, entries, line, weights), rank, (direction, seen) => {
      let product = 0;
      for (let k = 0; k < rank; k++) product += direction[k]! * right[k]!;
      for (let k = 0; k < rank; k++) own[k] = own[k]! + (product / seen) * direction[k]!;
    });
  }
  return result;
}

function weightedError(
  { X, weights }: Observations,
  entries: EntryLines,
  W: Float64Array,
  { lines, rank }: Basis,
): number {
  const { begins, places, at } = entries;
  let sum = 0;
  for (let line = 0; line < begins.length - 1; line++) {
    for (let e = begins[line]!; e < begins[line + 1]!; e++) {
      const place = at[e]!;
      let error = X[place]!;
      const start = places[e]! * rank;
      for (let k = 0; k < rank; k++) error -= W[line * rank + k]! * lines[start + k]!;
      sum += (weights ? weights[place]! : 1) * error * error;
    }
  }
  return sum;
}

/** A row turns the components if its entries see at least this part of the square of every direction. */
const wellSeen = 1e-2;

/**
 * The rows that determine all of their scores, without multiplying noise by more than ten: the directions of components are
 * theirs to tell. A row with few numbers may have any scores, however large, in the directions that these do not see.
 */
export function rowsThatTell(observations: Observations, factors: Factors, rank: number): (row: number) => boolean {
  const { columns, rows, observed } = observations;
  const counts = entryCounts(observations);
  const enough = (row: number): boolean => counts.rows[row]! >= 2 * rank;
  if ((observed + 10 * rows * rank) * rank * rank > maxWork) return enough;
  const partial = (row: number): boolean => counts.rows[row]! < columns;
  const basis = basisOf(transposed(factors.H, rank), rank);
  const entries = linesOf(observations, 'rows', counts.rows, partial);
  const tells = Uint8Array.from({ length: rows }, (_, row) => {
    if (!partial(row)) return 1;
    if (counts.rows[row]! < rank) return 0;
    const { gram } = gramOfEntries(basis, entries, row);
    return symmetricEigenvalues(gram, rank).at(-1)! >= wellSeen ? 1 : 0;
  });
  // Too few to tell all directions apart.
  return tells.reduce((sum, one) => sum + one, 0) < rank ? () => true : (row) => tells[row] === 1;
}
