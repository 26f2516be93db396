import type { Direction } from './symmetries';
import { transposed } from '../linear-algebra/row-products';

/** Which entries may move: 1 for those, 0 for those that a constraint holds; absent where all may. */
export interface Free {
  W: Float64Array | undefined;
  H: Float64Array | undefined;
}

/** More numbers than this in the triangles of one factor's lines, and all lines share one. */
const maxNumbers = 1 << 24;

/**
 * Roughly the inverse of the Hessian: of its parts that belong to one row of W, or to one column of H, alone.
 *
 * @param curvatures the rank×rank part of a row of W and of a column of H all of whose entries may move, positive definite
 */
export function blockPreconditioner(
  curvatures: Readonly<Record<'W' | 'H', Float64Array>>,
  rank: number,
  free: Free,
): (direction: Direction) => void {
  const columns = free.H && free.H.length / rank;
  const solveW = lineSolver(curvatures.W, rank, free.W);
  const solveH = lineSolver(curvatures.H, rank, free.H && transposed(free.H, rank, columns ?? 0));
  return (direction) => {
    solveW(direction.W);
    const across = transposed(direction.H, rank, direction.H.length / rank);
    solveH(across);
    direction.H.set(transposed(across, direction.H.length / rank, rank));
  };
}

/** Solves with a matrix for each line of `rank` numbers, in place, on those of its entries that may move. */
function lineSolver(matrix: Float64Array, rank: number, free: Float64Array | undefined): (lines: Float64Array) => void {
  const whole = cholesky(matrix, rank, new Uint8Array(rank).fill(1));
  const triangles = new Map<string, Float64Array>();
  const most = maxNumbers / (rank * rank);
  const triangleOf = (line: number): Float64Array => {
    if (!free) return whole;
    const movable = free.subarray(line, line + rank);
    // Lines with the same entries at zero, of which there are many, have the same triangle.
    const key = keyOf(movable);
    const known = triangles.get(key);
    if (known) return known;
    if (triangles.size >= most) return whole;
    const made = cholesky(matrix, rank, movable);
    triangles.set(key, made);
    return made;
  };
  let chosen: Float64Array[] | undefined;
  return (lines) => {
    chosen ??= Array.from({ length: lines.length / rank }, (_, line) => triangleOf(line * rank));
    for (let line = 0; line < chosen.length; line++) solveTriangles(chosen[line]!, lines, line * rank, rank);
  };
}

/** A string for each list of zeros and ones, sixteen of them a character. */
function keyOf(bits: Float64Array): string {
  let key = '';
  let character = 0;
  for (let k = 0; k < bits.length; k++) {
    character = 2 * character + bits[k]!;
    if (k % 16 < 15 && k < bits.length - 1) continue;
    key += String.fromCharCode(character);
    character = 0;
  }
  return key;
}

/** The lower triangle L with LLᵀ = A on the rows and columns that are movable, and 1 on the diagonal elsewhere (Golub & Van Loan, algorithm 4.2.1). */
function cholesky(A: Float64Array, size: number, movable: ArrayLike<number>): Float64Array {
  const L = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    if (!movable[i]) {
      L[i * size + i] = 1;
      continue;
    }
    for (let j = 0; j <= i; j++) {
      if (!movable[j]) continue;
      let sum = A[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= L[i * size + k]! * L[j * size + k]!;
      // Rounding of a matrix that is nearly singular must not make a pivot negative.
      L[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-14 * A[i * size + i]!)) : sum / L[j * size + j]!;
    }
  }
  return L;
}

/** Solves LLᵀx = b in place of b, which are `size` numbers of `x` from `first` on. */
function solveTriangles(L: Float64Array, x: Float64Array, first: number, size: number): void {
  for (let i = 0; i < size; i++) {
    let sum = x[first + i]!;
    for (let k = 0; k < i; k++) sum -= L[i * size + k]! * x[first + k]!;
    x[first + i] = sum / L[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[first + i]!;
    for (let k = i + 1; k < size; k++) sum -= L[k * size + i]! * x[first + k]!;
    x[first + i] = sum / L[i * size + i]!;
  }
}
