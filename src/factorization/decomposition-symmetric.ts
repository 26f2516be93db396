import { EVD, Matrix } from 'ml-matrix';

/** Eigenvalues from the largest, and their unit eigenvectors: vector i is `vectors[i*size … (i+1)*size − 1]`. */
export interface SymmetricEigen {
  values: Float64Array;
  vectors: Float64Array;
}

/** More than this many QL sweeps for one eigenvalue do not happen with finite numbers. */
const mostSweeps = 60;

/**
 * All eigenvalues and eigenvectors of a small symmetric matrix. Its time grows with size³, about 0.5 s at 200.
 *
 * @param matrix size×size, row-major
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  const { realEigenvalues, eigenvectorMatrix } = new EVD(Matrix.from1DArray(size, size, matrix), {
    assumeSymmetric: true,
  });
  const order = Array.from({ length: size }, (_, i) => i).sort(
    (a, b) => (realEigenvalues[b] as number) - (realEigenvalues[a] as number),
  );
  const vectors = new Float64Array(size * size);
  order.forEach((column, i) => {
    for (let j = 0; j < size; j++) vectors[i * size + j] = eigenvectorMatrix.get(j, column);
  });
  return { values: Float64Array.from(order, (column) => realEigenvalues[column] as number), vectors };
}

/**
 * All eigenvalues of a symmetric matrix, from the largest: Householder tridiagonalisation (Golub & Van Loan, 4th ed.,
 * algorithm 8.3.1) and implicit QL on what is left. Without eigenvectors this is ten times faster than
 * {@link symmetricEigen}. Errors are about 1e-15 of the largest eigenvalue.
 *
 * @param matrix size×size, row-major; only its lower triangle is read
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const { diagonal, subdiagonal } = tridiagonalize(Float64Array.from(matrix), size);
  return tridiagonalEigenvalues(diagonal, subdiagonal);
}

/** Overwrites the lower triangle of `a`. Entry i of the subdiagonal is between diagonal entries i and i+1; its last is 0. */
function tridiagonalize(a: Float64Array, size: number): { diagonal: Float64Array; subdiagonal: Float64Array } {
  const subdiagonal = new Float64Array(size);
  const v = new Float64Array(size);
  const p = new Float64Array(size);
  for (let k = 0; k < size - 1; k++) {
    let tail = 0;
    for (let i = k + 2; i < size; i++) tail += (a[i * size + k] as number) ** 2;
    const first = a[(k + 1) * size + k] as number;
    if (tail === 0) {
      subdiagonal[k] = first;
      continue;
    }
    const length = Math.sqrt(first * first + tail);
    const alpha = first > 0 ? -length : length;
    subdiagonal[k] = alpha;
    v[k + 1] = first - alpha;
    for (let i = k + 2; i < size; i++) v[i] = a[i * size + k] as number;
    const beta = 2 / ((v[k + 1] as number) ** 2 + tail);

    p.fill(0, k + 1);
    for (let i = k + 1; i < size; i++) {
      const row = i * size;
      const vi = v[i] as number;
      let sum = 0;
      for (let j = k + 1; j < i; j++) {
        const value = a[row + j] as number;
        sum += value * (v[j] as number);
        p[j] = (p[j] as number) + value * vi;
      }
      p[i] = (p[i] as number) + sum + (a[row + i] as number) * vi;
    }
    let product = 0;
    for (let i = k + 1; i < size; i++) {
      p[i] = (p[i] as number) * beta;
      product += (p[i] as number) * (v[i] as number);
    }
    const half = (beta * product) / 2;
    for (let i = k + 1; i < size; i++) p[i] = (p[i] as number) - half * (v[i] as number);
    for (let i = k + 1; i < size; i++) {
      const row = i * size;
      const vi = v[i] as number;
      const wi = p[i] as number;
      for (let j = k + 1; j <= i; j++) {
        a[row + j] = (a[row + j] as number) - vi * (p[j] as number) - wi * (v[j] as number);
      }
    }
  }
  return { diagonal: Float64Array.from({ length: size }, (_, i) => a[i * size + i] as number), subdiagonal };
}

/** Implicit QL with Wilkinson's shift (Golub & Van Loan, algorithm 8.3.3, from the other end). Overwrites its arguments. */
function tridiagonalEigenvalues(d: Float64Array, e: Float64Array): Float64Array {
  const size = d.length;
  for (let l = 0; l < size; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (m < size - 1) {
        const scale = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number);
        if (Math.abs(e[m] as number) <= Number.EPSILON * scale) break;
        m++;
      }
      if (m === l) break;
      if (sweep === mostSweeps) throw new Error('The eigenvalues of a symmetric matrix could not be found.');
      const spread = ((d[l + 1] as number) - (d[l] as number)) / (2 * (e[l] as number));
      let r = Math.hypot(spread, 1);
      let g = (d[m] as number) - (d[l] as number) + (e[l] as number) / (spread + (spread >= 0 ? r : -r));
      let sine = 1;
      let cosine = 1;
      let shift = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * (e[i] as number);
        const b = cosine * (e[i] as number);
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] = (d[i + 1] as number) - shift;
          e[m] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = (d[i + 1] as number) - shift;
        r = ((d[i] as number) - g) * sine + 2 * cosine * b;
        shift = sine * r;
        d[i + 1] = g + shift;
        g = cosine * r - b;
      }
      if (r === 0 && i >= l) continue;
      d[l] = (d[l] as number) - shift;
      e[l] = g;
      e[m] = 0;
    }
  }
  return d.sort().reverse();
}
