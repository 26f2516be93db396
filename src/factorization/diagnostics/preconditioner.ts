import type { Model } from '../../model/model';
import { split, type Direction, type Free } from './derivatives';
import { cholesky, solveTriangles } from '../linear-algebra/cholesky';
import { innerProducts, transposed } from '../linear-algebra/row-products';
import { dot, squareSum } from '../linear-algebra/vectors';
import { meanPenaltyCurvature } from '../objective/penalties';

/** Part of the largest curvature that every line has at least, so that it can be inverted. */
const minLineShare = 1e-4;

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
  const solveW = lineSolver(curvatures.W, rank, free.W);
  const solveH = lineSolver(curvatures.H, rank, free.H && transposed(free.H, rank));
  return (direction) => {
    solveW(direction.W);
    const across = transposed(direction.H, rank);
    solveH(across);
    direction.H.set(transposed(across, direction.H.length / rank));
  };
}

/** Solves with a matrix for each line of `rank` numbers, in place, on those of its entries that may move. */
function lineSolver(matrix: Float64Array, rank: number, free: Float64Array | undefined): (lines: Float64Array) => void {
  const whole = triangleOn(matrix, rank, new Uint8Array(rank).fill(1));
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
    const made = triangleOn(matrix, rank, movable);
    triangles.set(key, made);
    return made;
  };
  let chosen: Float64Array[] | undefined;
  return (lines) => {
    chosen ??= Array.from({ length: lines.length / rank }, (_, line) => triangleOf(line * rank));
    for (let line = 0; line < chosen.length; line++) {
      solveTriangles(chosen[line]!, lines.subarray(line * rank, (line + 1) * rank), rank);
    }
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

/** The triangle of the matrix on the rows and columns that are movable; the others stand by themselves. */
function triangleOn(matrix: Float64Array, rank: number, movable: ArrayLike<number>): Float64Array {
  const parted = matrix.map((value, at) => {
    const [i, j] = [Math.floor(at / rank), at % rank];
    return i === j || (movable[i] && movable[j]) ? value : 0;
  });
  const triangle = new Float64Array(rank * rank);
  cholesky(parted, rank, 0, triangle);
  return triangle;
}

/**
 * About how the Hessian's part of one row of W is made, and of one column of H: a multiple of the other factor's Gram
 * matrix, which one product with a random direction tells, and what the penalties add.
 */
export async function lineCurvatures(
  times: (direction: Direction) => Promise<Float64Array>,
  { penalties }: Model,
  at: Direction,
  rank: number,
  random: Direction,
): Promise<Record<'W' | 'H', Float64Array>> {
  const { W, H } = random;
  const grams = { W: gramOf(at.H, rank, 'H'), H: gramOf(at.W, rank, 'W') };
  const along = {
    W: dot(W, split(await times({ W, H: new Float64Array(H.length) }), W.length).W),
    H: dot(H, split(await times({ W: new Float64Array(W.length), H }), W.length).H),
  };
  const shares = (['W', 'H'] as const).map((name) => {
    // Σ of lineᵀ·G·line over the lines.
    const seen = dot(gramOf(random[name], rank, name), grams[name]);
    const ofPenalty = meanPenaltyCurvature(penalties[name]) * squareSum(random[name]);
    return seen > 0 ? Math.max(0, (along[name] - ofPenalty) / seen) : 0;
  });
  const [shareW = 0, shareH = 0] = shares;
  const least = minLineShare * Math.max(shareW * largestOf(grams.W), shareH * largestOf(grams.H));
  const made = (name: 'W' | 'H', share: number): Float64Array => {
    const shift = meanPenaltyCurvature(penalties[name]) + least;
    return grams[name].map((value, place) => share * value + (place % (rank + 1) === 0 ? shift || 1 : 0));
  };
  return { W: made('W', shareW), H: made('H', shareH) };
}

/** WᵀW or HHᵀ, rank×rank. */
function gramOf(factor: Float64Array, rank: number, name: 'W' | 'H'): Float64Array {
  const components = name === 'W' ? transposed(factor, factor.length / rank) : factor;
  return innerProducts(components, rank, components, rank);
}

const largestOf = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);
