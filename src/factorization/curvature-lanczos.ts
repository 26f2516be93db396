import { symmetricEigen } from './decomposition/symmetric';

/** A linear map of vectors that is symmetric. */
export type SymmetricMap = (vector: Float64Array) => Promise<Float64Array>;

export interface ExtremeEigenvalues {
  smallest: number;
  largest: number;
  /** An eigenvalue lies within this distance of `smallest`, which is never below the true smallest. */
  uncertainty: number;
  steps: number;
}

export interface LanczosOptions {
  steps: number;
  /** Ends the search when the smallest is known to this part of the largest's magnitude. */
  tolerance: number;
  /** Asked before each step; true ends the search with what there is. */
  isOver?: () => boolean;
}

/** The extremes are looked at every so many steps: each look decomposes a matrix of that size. */
const lookEvery = 5;

/**
 * The extreme eigenvalues of a symmetric map by the Lanczos process with full reorthogonalisation (Golub & Van Loan,
 * 4th ed., sec. 10.1 and 10.3.4), on the space that `start` spans with its images.
 */
export async function extremeEigenvalues(
  map: SymmetricMap,
  start: Float64Array,
  { steps, tolerance, isOver = () => false }: LanczosOptions,
): Promise<ExtremeEigenvalues> {
  const basis: Float64Array[] = [scaled(start, 1 / norm(start))];
  const diagonal: number[] = [];
  const beside: number[] = [];
  for (;;) {
    const current = basis.at(-1) as Float64Array;
    const image = Float64Array.from(await map(current));
    diagonal.push(dot(current, image));
    for (let pass = 0; pass < 2; pass++) {
      for (const vector of basis) {
        const overlap = dot(vector, image);
        for (let i = 0; i < image.length; i++) image[i] = (image[i] as number) - overlap * (vector[i] as number);
      }
    }
    const left = norm(image);
    const size = diagonal.length;
    const scale = diagonal.concat(beside).reduce((most, value) => Math.max(most, Math.abs(value)), left);
    const exhausted = left <= 1e-12 * scale || size === start.length;
    const over = exhausted || size === steps || isOver();
    if (over || size % lookEvery === 0) {
      const { values, vectors } = symmetricEigen(tridiagonal(diagonal, beside), size);
      const smallest = values[size - 1] as number;
      const largest = values[0] as number;
      const uncertainty = exhausted ? 0 : left * Math.abs(vectors[(size - 1) * size + size - 1] as number);
      const known = uncertainty <= tolerance * Math.max(Math.abs(smallest), Math.abs(largest));
      if (over || known) return { smallest, largest, uncertainty, steps: size };
    }
    beside.push(left);
    basis.push(scaled(image, 1 / left));
  }
}

function tridiagonal(diagonal: readonly number[], beside: readonly number[]): Float64Array {
  const size = diagonal.length;
  const matrix = new Float64Array(size * size);
  diagonal.forEach((value, i) => (matrix[i * size + i] = value));
  for (let i = 0; i + 1 < size; i++) {
    matrix[i * size + i + 1] = beside[i] as number;
    matrix[(i + 1) * size + i] = beside[i] as number;
  }
  return matrix;
}

const scaled = (vector: Float64Array, factor: number): Float64Array => vector.map((value) => value * factor);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

const norm = (vector: Float64Array): number => Math.sqrt(dot(vector, vector));
