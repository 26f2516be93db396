import { symmetricEigen } from '../linear-algebra/symmetric';
import { norm } from '../linear-algebra/vectors';

/** A linear map of vectors that is symmetric. What it returns is the caller's to keep. */
export type SymmetricMap = (vector: Float64Array) => Promise<Float64Array>;

export interface ExtremeEigenvalues {
  smallest: number;
  largest: number;
  /** An eigenvalue lies within this distance of `smallest`, which is never below the true smallest. */
  uncertainty: number;
  /** How often the map was applied. */
  products: number;
}

export interface SearchOptions {
  /** Most products of the map with a vector. */
  products: number;
  /** Most vectors that are kept, each with its image; at least {@link fewestKept}. */
  kept: number;
  /** Ends the search when the smallest is known to this part of the largest's magnitude. */
  tolerance: number;
  /** Ends the search as well, asked once the Krylov space is spanned; never by default. */
  enough?: (found: { smallest: number; uncertainty: number }) => boolean;
  /** Roughly the inverse of the map, positive definite; by default vectors are taken as they are. */
  precondition?: (vector: Float64Array) => Float64Array;
  /** Asked before each product; true ends the search with what there is. */
  isOver?: () => boolean;
}

/** Fewer vectors than this leave a restart nothing to choose from. */
export const fewestKept = 10;

/**
 * So many vectors are taken without preconditioner first: they span a Krylov space, in which both ends of the spectrum show,
 * while a preconditioner leads to the lower end alone. The search for the smallest begins with what they found.
 */
const plainVectors = 8;

/** The lowest Ritz vectors of which the search is taken up again when no more vectors can be kept; the highest one stays too. */
const lowestKept = 3;

/**
 * The extreme eigenvalues of a symmetric map, by the generalised Davidson method (Morgan & Scott 1986) with thick restarts
 * (Stathopoulos, Saad & Wu 1998): Rayleigh–Ritz on a space that grows by the preconditioned residual of the lowest Ritz pair,
 * begun with Lanczos steps from `start`. Without preconditioner and restart it is the Lanczos process with full
 * reorthogonalisation.
 */
export async function extremeEigenvalues(
  map: SymmetricMap,
  start: Float64Array,
  { products, kept, tolerance, enough = () => false, precondition, isOver = () => false }: SearchOptions,
): Promise<ExtremeEigenvalues> {
  const space = new RitzSpace(start.length);
  let residual = start;
  let next = start;
  let made = 0;
  for (;;) {
    // A preconditioned residual may have nothing new where the residual itself has.
    const added = space.orthonormal(next) ?? (next === residual ? undefined : space.orthonormal(residual));
    if (added) {
      const image = await map(added);
      space.add(added, image);
      made++;
      if (made < Math.min(plainVectors, products) && !isOver()) {
        // The image spans as much of the Krylov space as a residual does, and costs no Ritz vector.
        residual = next = image;
        continue;
      }
    }
    const { values, count, ...solved } = space.solve();
    residual = solved.residual;
    const smallest = values.at(-1) ?? NaN;
    const largest = values[0] ?? NaN;
    const scale = Math.max(Math.abs(smallest), Math.abs(largest));
    const left = norm(residual);
    const exhausted = !added || count === start.length || left <= 1e-12 * scale;
    const spanned = made > Math.min(plainVectors, start.length - 1);
    const known = spanned && (left <= tolerance * scale || enough({ smallest, uncertainty: left }));
    if (exhausted || known || made >= products || isOver()) {
      return { smallest, largest, uncertainty: exhausted && left <= 1e-9 * scale ? 0 : left, products: made };
    }
    if (count >= kept) space.restart(lowestKept);
    next = precondition && made >= plainVectors ? precondition(residual.slice()) : residual;
  }
}

/** An orthonormal basis with its images under the map, and what Rayleigh and Ritz make of it. */
class RitzSpace {
  private basis: Float64Array[] = [];
  private images: Float64Array[] = [];
  /** Row i has the inner products of basis vector i with the images of those up to it. */
  private inner: number[][] = [];
  private values: Float64Array = new Float64Array();
  private vectors: Float64Array = new Float64Array();

  constructor(private readonly length: number) {}

  /** The part of a vector that the space does not have, at unit length; undefined where nothing but rounding is left. */
  orthonormal(vector: Float64Array): Float64Array | undefined {
    const part = Float64Array.from(vector);
    let before = norm(part);
    if (!(before > 0)) return undefined;
    for (let pass = 0; pass < maxPasses; pass++) {
      addCombination(
        part,
        this.basis,
        innerProductsWith(part, this.basis).map((overlap) => -overlap),
      );
      const after = norm(part);
      // "Twice is enough" (Parlett 1998, sec. 6.9): a pass that takes little away leaves a vector that is orthogonal.
      if (after > before / 2) return scale(part, 1 / after);
      if (!(after > 0)) return undefined;
      before = after;
    }
    return undefined;
  }

  add(vector: Float64Array, image: Float64Array): void {
    this.basis.push(vector);
    this.images.push(image);
    const products = innerProductsWith(image, this.basis);
    this.inner.push(this.basis.map((_, k) => products[k]!));
  }

  /** The Ritz values from the largest, and the residual of the lowest pair. */
  solve(): { values: Float64Array; residual: Float64Array; count: number } {
    const count = this.basis.length;
    const matrix = new Float64Array(count * count);
    this.inner.forEach((row, i) => matrix.set(row, i * count));
    ({ values: this.values, vectors: this.vectors } = symmetricEigen(matrix, count));
    const residual = this.combined(this.images, count - 1);
    addCombination(residual, this.basis, this.weightsOf(count - 1, -this.values[count - 1]!));
    return { values: this.values, residual, count };
  }

  /** Keeps the highest Ritz vector and the lowest ones, as `solve` found them. */
  restart(lowest: number): void {
    const count = this.basis.length;
    const chosen = [0, ...Array.from({ length: lowest }, (_, k) => count - 1 - k)];
    const basis = chosen.map((pair) => this.combined(this.basis, pair));
    this.images = chosen.map((pair) => this.combined(this.images, pair));
    this.basis = basis;
    this.inner = chosen.map((pair, i) =>
      chosen.slice(0, i + 1).map((_, j) => (i === j ? (this.values[pair] ?? 0) : 0)),
    );
  }

  private combined(vectors: readonly Float64Array[], pair: number): Float64Array {
    const sum = new Float64Array(this.length);
    addCombination(sum, vectors, this.weightsOf(pair));
    return sum;
  }

  /** A Ritz vector's coefficients in the basis. */
  private weightsOf(pair: number, factor = 1): Float64Array {
    const count = this.values.length;
    return this.vectors.slice(pair * count, (pair + 1) * count).map((weight) => factor * weight);
  }
}

const maxPasses = 4;

/** So many vectors are gone through at a time, so that the one that they meet is read once for them. */
const together = 4;

function innerProductsWith(vector: Float64Array, vectors: readonly Float64Array[]): Float64Array {
  const products = new Float64Array(vectors.length);
  for (let first = 0; first < vectors.length; first += together) {
    const [a, b, c, d] = four(vectors, first);
    let [sa, sb, sc, sd] = [0, 0, 0, 0];
    for (let i = 0; i < vector.length; i++) {
      const value = vector[i]!;
      sa += value * a[i]!;
      sb += value * b[i]!;
      sc += value * c[i]!;
      sd += value * d[i]!;
    }
    products.set([sa, sb, sc, sd].slice(0, vectors.length - first), first);
  }
  return products;
}

/** Adds Σ weight·vector. */
function addCombination(to: Float64Array, vectors: readonly Float64Array[], weights: Float64Array): void {
  for (let first = 0; first < vectors.length; first += together) {
    const [a, b, c, d] = four(vectors, first);
    const [wa = 0, wb = 0, wc = 0, wd = 0] = weights.subarray(first, first + together);
    for (let i = 0; i < to.length; i++) {
      to[i] = to[i]! + wa * a[i]! + wb * b[i]! + wc * c[i]! + wd * d[i]!;
    }
  }
}

/** Where fewer are left the first stands in for the others. */
function four(
  vectors: readonly Float64Array[],
  first: number,
): readonly [Float64Array, Float64Array, Float64Array, Float64Array] {
  const a = vectors[first]!;
  return [a, vectors[first + 1] ?? a, vectors[first + 2] ?? a, vectors[first + 3] ?? a];
}

function scale(vector: Float64Array, factor: number): Float64Array {
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! * factor;
  return vector;
}
