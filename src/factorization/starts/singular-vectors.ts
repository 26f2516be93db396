import type { SingularTriplets } from '../linear-algebra/singular-triplets';
import type { Factors } from '../factors';
import { randomNormal } from '../../engine';

/** W = U·√Σ and H = √Σ·Vᵀ: of the squared loss without penalties, a minimum. */
export function singularStart({ values, left, right }: SingularTriplets, rank: number): Factors {
  return assemble(
    rank,
    left.length / values.length,
    right.length / values.length,
    Array.from({ length: values.length }, (_, k) => {
      const scale = Math.sqrt(values[k]!);
      return {
        column: vectorOf(left, k, values.length).map((entry) => entry * scale),
        row: vectorOf(right, k, values.length).map((entry) => entry * scale),
      };
    }),
  );
}

/** What stands in for the zeros: nothing (`nndsvd`), the mean of X (`nndsvda`), small random numbers (`nndsvdar`). */
export type ZeroFilling =
  { kind: 'nndsvd' } | { kind: 'nndsvda'; mean: number } | { kind: 'nndsvdar'; mean: number; seed: number };

/** Entries below this count as zeros, as in scikit-learn. */
const zero = 1e-6;

/**
 * The non-negative double singular value decomposition of Boutsidis & Gallopoulos (2008): of each pair of singular
 * vectors, both their positive parts or both their negative parts, whichever have the larger product of norms.
 */
export function nonNegativeSingularStart(
  { values, left, right }: SingularTriplets,
  rank: number,
  filling: ZeroFilling,
): Factors {
  const { W, H } = assemble(
    rank,
    left.length / values.length,
    right.length / values.length,
    Array.from({ length: values.length }, (_, k) => {
      const value = values[k]!;
      const u = vectorOf(left, k, values.length);
      const v = vectorOf(right, k, values.length);
      // The leading pair of a non-negative X has one sign throughout; rounding may say otherwise.
      if (k === 0) {
        const scale = Math.sqrt(value);
        return { column: u.map((entry) => Math.abs(entry) * scale), row: v.map((entry) => Math.abs(entry) * scale) };
      }
      const halves = [1, -1].map((sign) => {
        const column = u.map((entry) => Math.max(0, sign * entry));
        const row = v.map((entry) => Math.max(0, sign * entry));
        return { column, row, columnNorm: normOf(column), rowNorm: normOf(row) };
      });
      const { column, row, columnNorm, rowNorm } = halves.reduce((a, b) =>
        b.columnNorm * b.rowNorm > a.columnNorm * a.rowNorm ? b : a,
      );
      const scale = Math.sqrt(value * columnNorm * rowNorm);
      const scaled = (vector: Float64Array, norm: number): Float64Array =>
        vector.map((entry) => (norm > 0 ? (entry * scale) / norm : 0));
      return { column: scaled(column, columnNorm), row: scaled(row, rowNorm) };
    }),
  );
  const fill = fillingOf(filling, W.length + H.length);
  return {
    W: W.map((entry, at) => (entry < zero ? fill(at) : entry)),
    H: H.map((entry, at) => (entry < zero ? fill(W.length + at) : entry)),
  };
}

function fillingOf(filling: ZeroFilling, count: number): (at: number) => number {
  switch (filling.kind) {
    case 'nndsvd':
      return () => 0;
    case 'nndsvda':
      return () => filling.mean;
    case 'nndsvdar': {
      const { data } = randomNormal([count], { seed: filling.seed });
      return (at) => (Math.abs(data[at]!) * filling.mean) / 100;
    }
  }
}

function assemble(
  rank: number,
  rows: number,
  columns: number,
  components: readonly { column: Float64Array; row: Float64Array }[],
): Factors {
  const W = new Float32Array(rows * rank);
  const H = new Float32Array(rank * columns);
  components.forEach(({ column, row }, k) => {
    column.forEach((value, i) => (W[i * rank + k] = value));
    H.set(row, k * columns);
  });
  return { W, H };
}

function vectorOf(vectors: Float64Array, k: number, count: number): Float64Array {
  const length = vectors.length / count;
  return vectors.slice(k * length, (k + 1) * length);
}

const normOf = (vector: Float64Array): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
