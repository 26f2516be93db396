import { transposed } from './row-products';
import { symmetricEigen } from './symmetric';
import { entryCounts, linesOf, type EntryLines } from './entry-lines';
import type { Model } from '../../model/model';
import type { Observations } from '../observations';
import { gramOf } from './orthogonal';
import { leastCoefficient } from '../objective/constraints';
import type { FactorName } from '../objective/penalties';
import type { Factors } from '../factors';

/**
 * A direction of a line's coefficients counts as determined where its entries see more than this part of its square. Below,
 * the rounding of float32 would be multiplied by more than 10⁴.
 */
const minSeen = 1e-8;

/** Of the squared lengths of a factor's components, what is nothing beside the longest. */
const vanishing = 1e-13;

/** A factor as lines of coefficients, lines×rank: W as it is, H transposed. */
const asLines = ({ W, H }: Pick<Factors, 'W' | 'H'>, rank: number, name: FactorName): Float64Array =>
  name === 'W' ? Float64Array.from(W) : transposed(H, rank);

/** A change of coefficients after which the other factor's components are orthonormal. */
export interface Basis {
  rank: number;
  /** The other factor's lines in it, orthonormal as columns; zeros where it has fewer directions than its rank. */
  lines: Float64Array;
  /** Coefficients in it and back, in place. */
  enter(coefficients: Float64Array): void;
  leave(coefficients: Float64Array): void;
}

/** @param lines of the other factor, lines×rank */
export function basisOf(lines: Float64Array, rank: number): Basis {
  const count = lines.length / rank;
  const gram = gramOf((i, k) => lines[i * rank + k]!, count, rank);
  const { values, vectors: Q } = symmetricEigen(gram, rank);
  const nothing = vanishing * (values[0] ?? 0);
  const length = values.map((square) => (square > nothing ? Math.sqrt(square) : 0));
  const inverse = length.map((l) => (l > 0 ? 1 / l : 0));
  const buffer = new Float64Array(rank);
  /** c ← diag(scale)·Q·c, where row k of Q is eigenvector k. */
  const rotate = (c: Float64Array, scale: Float64Array): void => {
    for (let k = 0; k < rank; k++) {
      let sum = 0;
      for (let l = 0; l < rank; l++) sum += Q[k * rank + l]! * c[l]!;
      buffer[k] = sum * scale[k]!;
    }
    c.set(buffer);
  };
  const rotated = lines.slice();
  for (let i = 0; i < count; i++) rotate(rotated.subarray(i * rank, (i + 1) * rank), inverse);
  return {
    rank,
    lines: rotated,
    enter: (c) => rotate(c, length),
    leave(c) {
      for (let l = 0; l < rank; l++) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += Q[k * rank + l]! * c[k]! * inverse[k]!;
        buffer[l] = sum;
      }
      c.set(buffer);
    },
  };
}

/** What a line's entries say of its coefficients: Σ t·tᵀ over its entries, with t the other factor's lines. */
export function gramOfEntries(
  { lines, rank }: Basis,
  { begins, places, at }: EntryLines,
  line: number,
  weights?: Float32Array,
): { gram: Float64Array; heaviest: number } {
  const gram = new Float64Array(rank * rank);
  let heaviest = weights ? 0 : 1;
  for (let e = begins[line]!; e < begins[line + 1]!; e++) {
    const start = places[e]! * rank;
    const weight = weights ? weights[at[e]!]! : 1;
    if (weight > heaviest) heaviest = weight;
    for (let k = 0; k < rank; k++) {
      const value = weight * lines[start + k]!;
      for (let l = 0; l <= k; l++) gram[k * rank + l] = gram[k * rank + l]! + value * lines[start + l]!;
    }
  }
  return { gram, heaviest };
}

/** Calls back for the directions that a line's entries determine: unit vectors and what of their square is seen. */
export function forEachDetermined(
  { gram, heaviest }: { gram: Float64Array; heaviest: number },
  rank: number,
  callback: (direction: Float64Array, seen: number) => void,
): number {
  const { values, vectors } = symmetricEigen(gram, rank);
  let count = 0;
  for (let k = 0; k < rank; k++) {
    const seen = values[k]!;
    if (!(seen > minSeen * heaviest)) continue;
    count++;
    callback(vectors.subarray(k * rank, (k + 1) * rank), seen);
  }
  return count;
}

/** Lines whose coefficients no entry, or too few of them, determine. */
export interface Undetermined {
  /** Rows and columns without any entry. */
  emptyRows: number;
  emptyColumns: number;
  /** Rows and columns that have entries, but do not determine all of their coefficients. */
  partialRows: number;
  partialColumns: number;
}

/**
 * Takes from the factors what no observed entry determines. A row of W (a column of H) without entries becomes zero, or what
 * of its constraint is nearest to it. Where a row has entries, but W may be anything along some directions that they do not
 * see, it becomes, of all rows that say the same of its entries, the one with the shortest fitted row w·H, whatever scale
 * the components have; so do columns. Penalties determine all, and constraints are not moved along.
 *
 * What the factors say of observed entries stays as it is.
 */
export function withLeastNorm(
  model: Model,
  observations: Observations,
  factors: Factors,
  rank: number,
): { factors: Factors; undetermined: Undetermined } {
  const { places, mask } = observations;
  const none: Undetermined = { emptyRows: 0, emptyColumns: 0, partialRows: 0, partialColumns: 0 };
  if (!mask && !places) return { factors, undetermined: none };
  const counts = entryCounts(observations);
  const H = leastNormLines(model, observations, factors, rank, 'H', counts.columns);
  const moved: Factors = { ...factors, H: H.partial > 0 || H.empty > 0 ? H.factor : factors.H };
  const W = leastNormLines(model, observations, moved, rank, 'W', counts.rows);
  return {
    factors: { ...moved, W: W.partial > 0 || W.empty > 0 ? W.factor : factors.W },
    undetermined: {
      emptyRows: W.empty,
      emptyColumns: H.empty,
      partialRows: W.partial,
      partialColumns: H.partial,
    },
  };
}

/** The same of rows of W alone, H as it is. */
export function withLeastRows(model: Model, observations: Observations, factors: Factors, rank: number): Float32Array {
  if (!observations.mask && !observations.places) return factors.W;
  const { factor, empty, partial } = leastNormLines(
    model,
    observations,
    factors,
    rank,
    'W',
    entryCounts(observations).rows,
  );
  return empty + partial > 0 ? factor : factors.W;
}

function leastNormLines(
  { penalties, constraints, biases }: Model,
  observations: Observations,
  factors: Factors,
  rank: number,
  name: FactorName,
  counts: Uint32Array,
): { factor: Float32Array; empty: number; partial: number } {
  const { smooth, ...others } = penalties[name];
  const constraint = constraints[name];
  const lines = asLines(factors, rank, name);
  let empty = 0;
  let partial = 0;
  const least = leastCoefficient(constraint, name, rank);
  // Neighbours say what a smooth component is where nothing was observed.
  if (smooth === 0) {
    counts.forEach((count, line) => {
      if (count > 0) return;
      empty++;
      if (least !== undefined) lines.fill(least, line * rank, (line + 1) * rank);
    });
  }
  const free = constraint.kind === 'none' && smooth === 0 && Object.values(others).every((weight) => weight === 0);
  const few = (line: number): boolean => counts[line]! > 0 && counts[line]! < 2 * rank;
  if (free && biases === undefined && counts.some((_, line) => few(line))) {
    const basis = basisOf(asLines(factors, rank, name === 'W' ? 'H' : 'W'), rank);
    const directions = basis.lines.length === 0 ? 0 : rankOf(basis);
    const entries = linesOf(observations, name === 'W' ? 'rows' : 'columns', counts, few);
    const kept = new Float64Array(rank);
    for (let line = 0; line < counts.length; line++) {
      if (!few(line)) continue;
      const own = lines.subarray(line * rank, (line + 1) * rank);
      basis.enter(own);
      kept.fill(0);
      const known = forEachDetermined(gramOfEntries(basis, entries, line), rank, (direction) => {
        let product = 0;
        for (let k = 0; k < rank; k++) product += direction[k]! * own[k]!;
        for (let k = 0; k < rank; k++) kept[k] = kept[k]! + product * direction[k]!;
      });
      if (known < directions) {
        partial++;
        own.set(kept);
      }
      basis.leave(own);
    }
  }
  return { factor: Float32Array.from(name === 'W' ? lines : transposed(lines, counts.length)), empty, partial };
}

/** How many directions the other factor has at all. */
function rankOf({ lines, rank }: Basis): number {
  let count = 0;
  for (let k = 0; k < rank; k++) {
    for (let at = k; at < lines.length; at += rank) {
      if (lines[at] === 0) continue;
      count++;
      break;
    }
  }
  return count;
}
