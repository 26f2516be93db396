import { randomSource } from '../../engine';
import { shortSide, type DenseMatrix, checkDeadline, type Deadline } from './dense';
import {
  gramMatrix,
  formed,
  formedSide,
  gramOperator,
  type GramOperator,
  gramInFloat32,
  gramTimesInFloat32,
} from './gram';
import { orthonormalRows } from './cholesky';
import { multiplierFor, type Multiplier } from './row-products';
import { symmetricEigen } from './symmetric';

export interface SubspaceOptions extends Deadline {
  /** Of the random vectors that the search begins with. */
  seed?: number;
}

/** Eigenvalues of AᵀA from the largest, and their unit eigenvectors of `shortSide` numbers, one after another. */
export interface Subspace {
  values: Float64Array;
  vectors: Float64Array;
  /** Proven by products in float32, which then suffice for what else is made of them. */
  inFloat32?: true;
}

/** Multiplications in AᵀA from which on float32 is tried. */
const minFloat32Multiplications = 1 << 29;

/** Eigenvalues below this part of their sum are lost in the rounding of float32. */
const float32Noise = 1e-6;

/** So many rounds at most are spent on a matrix that float32 has rounded; four are usual. */
const maxFloat32Rounds = 10;

/** As `settledAngle`, where residuals are computed in float32, whose rounding is about a third of this. */
const float32Angle = 3e-5;

/** Up to this short side the Gram matrix is decomposed whole, which then takes less time than iterating. */
const wholeSide = 160;

/** Products of AᵀA with all vectors that it takes, about. */
const defaultProducts = 20;

/** More vectors than wanted: the more, the faster the wanted ones settle. */
const oversampling = 10;

/** Most by which a filter may magnify what a weak vector has of a strong one, or it drowns in that. */
const maxGrowth = 1e6;
const maxDegree = 10;

/** A vector is settled when its direction is off by at most this, as far as the eigenvalues beyond tell it apart … */
const settledAngle = 1e-5;
/** … or where they do not, when its eigenvalue is off by at most this part of itself, */
const settledValue = 1e-7;
/** and one that vanishes beside the largest, when nothing is left but rounding. */
const rounding = 1e-14;

/** So many rounds are taken by nothing but eigenvalues that almost coincide, more of them than there are vectors. */
const maxRounds = 200;

/**
 * At least the `wanted` largest eigenvalues of AᵀA. They are found by subspace iteration from random vectors (Halko,
 * Martinsson & Tropp 2011), with Chebyshev polynomials in place of powers (Zhou, Saad, Tiago & Chelikowsky 2006), until
 * the residuals ‖AᵀA·v − θ·v‖ prove them: each θ is within the residual of an eigenvalue, and within its square over the
 * distance to the eigenvalues that are left out. Where they never do, AᵀA is decomposed whole.
 *
 * A large AᵀA is iterated with in float32 first, and what that finds is corrected and judged by products with A itself.
 * Only where those residuals do not prove it, the search goes on from there in float64.
 */
export async function dominantSubspace(
  dense: DenseMatrix,
  wanted: number,
  options: SubspaceOptions = {},
): Promise<Subspace> {
  const { seed = 0, ...deadline } = options;
  const short = shortSide(dense);
  const count = Math.min(short, wanted + Math.max(oversampling, Math.ceil(wanted / 2)));
  if (short <= wholeSide || 2 * count > short) return symmetricEigen(await gramMatrix(dense, deadline), short);

  const random = randomSource(seed);
  const fresh = (): number => random() - 0.5;
  const rounded = float32Pays(dense, wanted) ? await gramInFloat32(dense, deadline) : undefined;
  const multiplier = await multiplierFor(defaultProducts * short * short * count);
  const search: Search = { wanted, count, multiplier, deadline, fresh };
  try {
    let start: Float64Array = Float64Array.from({ length: count * short }, fresh);
    if (rounded) {
      const rough = await iterated(formed(rounded, count, multiplier), start, search, {
        rounds: maxFloat32Rounds,
        least: float32Noise * traceOf(rounded, short),
      });
      if (rough.settled) {
        const products = await gramTimesInFloat32(dense, rough.V, count, deadline);
        const ritz = await rayleighRitz(rough.V, products, count, multiplier);
        if (haveSettled(ritz, wanted, float32Angle)) return { values: ritz.values, vectors: ritz.V, inFloat32: true };
      }
      start = rough.V;
    }
    const operator = await gramOperator(dense, count, multiplier, deadline);
    try {
      const found = await iterated(operator.times, start, search, { rounds: maxRounds, least: 0 });
      if (found.settled) return { values: found.values, vectors: found.V };
    } finally {
      await operator.dispose();
    }
  } finally {
    await multiplier.dispose();
  }
  return symmetricEigen(await gramMatrix(dense, deadline), short);
}

/** Whether AᵀA is worth a try in float32: it saves more than a failure costs, and few enough are wanted to be told apart. */
function float32Pays(dense: DenseMatrix, wanted: number): boolean {
  const short = shortSide(dense);
  return short <= formedSide && 6 * wanted <= short && dense.X.length * short >= minFloat32Multiplications;
}

function traceOf(matrix: Float64Array, size: number): number {
  let trace = 0;
  for (let i = 0; i < matrix.length; i += size + 1) trace += matrix[i]!;
  return trace;
}

/** What a search for eigenvectors is told. */
interface Search {
  wanted: number;
  /** Vectors that are iterated with. */
  count: number;
  multiplier: Multiplier;
  deadline: Deadline;
  /** Numbers for new directions. */
  fresh: () => number;
}

/** When a search is given up. */
interface Limits {
  rounds: number;
  /** The least of the wanted eigenvalues that can be told from noise. */
  least: number;
}

/** Ritz vectors, and whether the wanted ones among them have settled. */
async function iterated(
  times: GramOperator['times'],
  start: Float64Array,
  { wanted, count, multiplier, deadline, fresh }: Search,
  { rounds, least }: Limits,
): Promise<Ritz & { settled: boolean }> {
  let V = await times(start);
  for (let round = 1; ; round++) {
    checkDeadline(deadline);
    V = await orthonormalRows(V, count, multiplier, fresh);
    const ritz = await rayleighRitz(V, await times(V), count, multiplier);
    const weakest = ritz.values[wanted - 1]!;
    const settled = weakest >= least && haveSettled(ritz, wanted, settledAngle);
    if (settled || round === rounds || weakest < least) return { ...ritz, settled };
    V = await filtered(ritz, times, count);
  }
}

interface Ritz {
  values: Float64Array;
  /** Unit vectors, one after another. */
  V: Float64Array;
  /** AᵀA times each of them. */
  Z: Float64Array;
  /** ‖AᵀA·v − θ·v‖ of each. */
  residuals: Float64Array;
}

/** The best approximations of eigenvectors among combinations of some orthonormal vectors. */
async function rayleighRitz(
  V: Float64Array,
  Z: Float64Array,
  count: number,
  { innerProducts, combinations }: Multiplier,
): Promise<Ritz> {
  const { values, vectors: mixing } = symmetricEigen(await innerProducts(V, count, Z, count), count);
  const mixedV = await combinations(mixing, count, V, count);
  const mixedZ = await combinations(mixing, count, Z, count);
  const length = V.length / count;
  const residuals = values.map((value, k) => {
    let sum = 0;
    for (let t = k * length; t < (k + 1) * length; t++) {
      sum += (mixedZ[t]! - value * mixedV[t]!) ** 2;
    }
    return Math.sqrt(sum);
  });
  return { values, V: mixedV, Z: mixedZ, residuals };
}

function haveSettled({ values, residuals, V }: Ritz, wanted: number, angle: number): boolean {
  const last = values.length - 1;
  const length = V.length / values.length;
  const least = rounding * Math.sqrt(length) * values[0]!;
  // Eigenvalues that are left out are at most this: random vectors miss none that is larger.
  const beyond = values[last]! + residuals[last]!;
  for (let k = 0; k < wanted; k++) {
    const value = values[k]!;
    const bound = Math.max(angle * (value - beyond), settledValue * value, least);
    if (residuals[k]! > bound) return false;
  }
  return true;
}

/**
 * T(AᵀA)·V for a Chebyshev polynomial T that is at most 1 between 0 and the least of the Ritz values, and grows as fast as
 * a polynomial of its degree can above it.
 */
async function filtered(
  ritz: Ritz,
  times: (V: Float64Array) => Promise<Float64Array>,
  count: number,
): Promise<Float64Array> {
  const { values, V, Z } = ritz;
  const half = values[count - 1]! / 2;
  const degree = degreeFor(ritz, half);
  if (degree === 1) return Z;
  let before = V;
  let now: Float64Array = Z.map((z, t) => z / half - V[t]!);
  for (let k = 1; k < degree; k++) {
    const next = await times(now);
    for (let t = 0; t < next.length; t++) {
      next[t] = 2 * (next[t]! / half - now[t]!) - before[t]!;
    }
    [before, now] = [now, next];
  }
  return now;
}

/** As high as rounding allows: what a weak vector still has of a strong one, the filter magnifies in it as in that one. */
function degreeFor({ values, residuals }: Ritz, half: number): number {
  if (!(half > 0)) return 1;
  return values.reduce((degree, value, k) => {
    const top = Math.max(1, value / half - 1);
    const growth = Math.log(top + Math.sqrt(top * top - 1));
    const impurity = residuals[k]! / value + rounding;
    return Math.min(degree, Math.max(1, Math.floor(Math.log(maxGrowth / impurity) / growth)));
  }, maxDegree);
}
