import { innerProducts, transposed } from '../linear-algebra/row-products';
import type { Direction } from './derivatives';
import { symmetricEigen } from '../linear-algebra/symmetric';

/**
 * The ways to change W and H that leave the objective as it is, whatever the data:
 * - `linear`: W·A and A⁻¹·H for any invertible A, where the objective knows W·H alone;
 * - `rotation`: the same for orthogonal A, where it knows ‖W‖ and ‖H‖ too;
 * - `scaling`: the same for diagonal A > 0, where entries are held at zero or above;
 * - `none`.
 */
export type Symmetry = 'linear' | 'rotation' | 'scaling' | 'none';

/**
 * Takes out of a direction its part along the symmetry, where the curvature is zero at every stationary point and would
 * hide whether any is negative. The tangents are (W·A, −A·H); the nearest to (P, Q) solves a Sylvester equation,
 * WᵀW·A + A·HHᵀ = WᵀP − QHᵀ = R for any A; for antisymmetric A, S·A + A·S = R − Rᵀ with S = WᵀW + HHᵀ; and for
 * diagonal A an equation an entry.
 */
export function symmetryProjection(
  symmetry: Symmetry,
  factors: Direction,
  rank: number,
): (direction: Direction) => void {
  if (symmetry === 'none') return () => undefined;
  if (symmetry === 'scaling') return scalingProjection(factors, rank);
  const gramW = innerColumns(factors.W, factors.W, rank);
  const gramH = innerRows(factors.H, factors.H, rank);
  const solve = solverOf(symmetry, gramW, gramH, rank);
  return (direction) => {
    const WP = innerColumns(factors.W, direction.W, rank);
    const QH = innerRows(direction.H, factors.H, rank);
    subtractTangent(direction, factors, solve(WP.map((value, at) => value - QH[at]!)), rank);
  };
}

/** The tangents of each component's own scale, (column k of W, −row k of H), are orthogonal to each other. */
function scalingProjection({ W, H }: Direction, rank: number): (direction: Direction) => void {
  const columns = H.length / rank;
  const squares = new Float64Array(rank);
  W.forEach((value, at) => (squares[at % rank] = squares[at % rank]! + value * value));
  H.forEach((value, at) => {
    const k = Math.floor(at / columns);
    squares[k] = squares[k]! + value * value;
  });
  return (direction) => {
    const along = new Float64Array(rank);
    for (let row = 0; row < W.length; row += rank) {
      for (let k = 0; k < rank; k++) {
        along[k] = along[k]! + W[row + k]! * direction.W[row + k]!;
      }
    }
    for (let k = 0; k < rank; k++) {
      for (let at = k * columns; at < (k + 1) * columns; at++) {
        along[k] = along[k]! - H[at]! * direction.H[at]!;
      }
      along[k] = quotient(along[k]!, squares[k]!);
      for (let at = k * columns; at < (k + 1) * columns; at++) {
        direction.H[at] = direction.H[at]! + along[k]! * H[at]!;
      }
    }
    for (let row = 0; row < W.length; row += rank) {
      for (let k = 0; k < rank; k++) {
        direction.W[row + k] = direction.W[row + k]! - along[k]! * W[row + k]!;
      }
    }
  };
}

function solverOf(
  symmetry: 'linear' | 'rotation',
  gramW: Float64Array,
  gramH: Float64Array,
  rank: number,
): (R: Float64Array) => Float64Array {
  switch (symmetry) {
    case 'linear': {
      const left = symmetricEigen(gramW, rank);
      const right = symmetricEigen(gramH, rank);
      return (R) => {
        const rotated = product(product(left.vectors, R, rank), transposed(right.vectors, rank), rank);
        const divided = rotated.map((value, at) =>
          quotient(value, left.values[Math.floor(at / rank)]! + right.values[at % rank]!),
        );
        return product(product(transposed(left.vectors, rank), divided, rank), right.vectors, rank);
      };
    }
    case 'rotation': {
      const { values, vectors } = symmetricEigen(
        gramW.map((value, at) => value + gramH[at]!),
        rank,
      );
      return (R) => {
        const mirrored = transposed(R, rank);
        const antisymmetric = R.map((value, at) => value - mirrored[at]!);
        const rotated = product(product(vectors, antisymmetric, rank), transposed(vectors, rank), rank);
        const divided = rotated.map((value, at) =>
          quotient(value, values[Math.floor(at / rank)]! + values[at % rank]!),
        );
        return product(product(transposed(vectors, rank), divided, rank), vectors, rank);
      };
    }
  }
}

/** 0 for components that are zero in both factors, along which the symmetry does not move. */
const quotient = (value: number, divisor: number): number => (divisor > 0 ? value / divisor : 0);

/** (P, Q) − (W·A, −A·H), in place. */
function subtractTangent(direction: Direction, { W, H }: Direction, A: Float64Array, rank: number): void {
  const columns = H.length / rank;
  for (let row = 0; row < W.length; row += rank) {
    for (let k = 0; k < rank; k++) {
      let sum = 0;
      for (let l = 0; l < rank; l++) sum += W[row + l]! * A[l * rank + k]!;
      direction.W[row + k] = direction.W[row + k]! - sum;
    }
  }
  for (let k = 0; k < rank; k++) {
    for (let l = 0; l < rank; l++) {
      const weight = A[k * rank + l]!;
      for (let j = 0; j < columns; j++) {
        direction.H[k * columns + j] = direction.H[k * columns + j]! + weight * H[l * columns + j]!;
      }
    }
  }
}

/** AᵀB, rank×rank, for A and B with `rank` columns. */
function innerColumns(A: Float64Array, B: Float64Array, rank: number): Float64Array {
  const result = new Float64Array(rank * rank);
  for (let row = 0; row < A.length; row += rank) {
    for (let k = 0; k < rank; k++) {
      for (let l = 0; l < rank; l++) {
        result[k * rank + l] = result[k * rank + l]! + A[row + k]! * B[row + l]!;
      }
    }
  }
  return result;
}

/** ABᵀ, rank×rank, for A and B with `rank` rows. */
const innerRows = (A: Float64Array, B: Float64Array, rank: number): Float64Array => innerProducts(A, rank, B, rank);

const product = (A: Float64Array, B: Float64Array, rank: number): Float64Array =>
  innerRows(A, transposed(B, rank), rank);
