import type { Dataset, DenseDataset, SparseDataset } from '../data/dataset';

interface Totals {
  rows: number;
  columns: number;
  /** Mean of the observed entries. */
  mean: number;
  /** Number of observed entries. */
  observed: number;
  /** ΣX² and Σ(X−mean)² over observed entries, accumulated in float64. */
  sumOfSquares: number;
  centredSumOfSquares: number;
}

/** What float32 rounds off the numbers of some columns, whose differences are small beside their size. */
export interface Remainders {
  /** The columns, increasing. */
  columns: Uint32Array;
  /** rows×that many, row-major: to be added to X. */
  values: Float32Array;
}

/** X whole, with its mask. */
export interface DenseObservations extends Totals {
  /** Absent where X says all that there is to say. */
  remainders?: Remainders;
  /** rows×columns, row-major; 0 where missing. */
  X: Float32Array;
  /** rows×columns, 1 where observed and 0 where missing; absent when all are observed. */
  mask?: Float32Array;
  /** rows×columns, what each entry's loss is multiplied by, 0 where missing; absent when all count 1. */
  weights?: Float32Array;
  places?: undefined;
}

/** Where the observed entries of X stand, in row-major order. */
export interface Places {
  rows: Uint32Array;
  columns: Uint32Array;
}

/** The observed entries of X alone: what is done with them costs time and memory in proportion to their number. */
export interface SparseObservations extends Totals {
  /** One an observed entry. */
  X: Float32Array;
  /** What each entry's loss is multiplied by; absent when all count 1. */
  weights?: Float32Array;
  places: Places;
  mask?: undefined;
  remainders?: undefined;
}

/** The data as the solvers need them, in memory. */
export type Observations = DenseObservations | SparseObservations;

/** Gathers a dataset. A missing entry's value is set to 0 whatever the dataset holds there, so that it cannot influence anything. */
export async function gatherObservations(dataset: Dataset): Promise<Observations> {
  return 'entries' in dataset ? sparseObservations(dataset) : await denseObservations(dataset);
}

async function denseObservations(dataset: DenseDataset): Promise<DenseObservations> {
  const { rows, columns } = dataset;
  const X = new Float32Array(rows * columns);
  const mask = dataset.missing > 0 ? new Float32Array(rows * columns) : undefined;
  let fileWeights: Float32Array | undefined;
  const { narrow } = dataset;
  const remainders: Remainders | undefined = narrow && {
    columns: Uint32Array.from(narrow),
    values: new Float32Array(rows * narrow.length),
  };
  for await (const block of dataset.blocks()) {
    const offset = block.start * columns;
    X.set(block.values, offset);
    if (remainders && block.remainders) {
      remainders.values.set(block.remainders, block.start * remainders.columns.length);
    }
    if (block.weights) (fileWeights ??= new Float32Array(rows * columns).fill(1)).set(block.weights, offset);
    if (!mask) continue;
    for (let k = 0; k < block.values.length; k++) {
      if (block.observed && !block.observed[k]) X[offset + k] = 0;
      else mask[offset + k] = 1;
    }
  }
  const weights = fileWeights && mask ? fileWeights.map((weight, k) => weight * mask[k]!) : (fileWeights ?? mask);
  return {
    rows,
    columns,
    X,
    ...(remainders && { remainders }),
    ...(mask && { mask }),
    ...(weights && { weights }),
    ...totalsOf(X, mask),
  };
}

function sparseObservations({ rows, columns, entries }: SparseDataset): SparseObservations {
  const { values: X, weights, rows: rowOf, columns: columnOf } = entries;
  return {
    rows,
    columns,
    X,
    ...(weights && { weights }),
    places: { rows: rowOf, columns: columnOf },
    ...totalsOf(X),
  };
}

/** Whether some entries are missing, or count more than others. */
export const isPartial = ({ weights, mask, places }: Observations): boolean =>
  weights !== undefined || mask !== undefined || places !== undefined;

/** The same entries with other values, of which the totals may be known; what was rounded off the former is gone. */
export function withValues<O extends Observations>(
  observations: O,
  X: Float32Array,
  totals = totalsOf(X, observations.mask),
): O {
  const { remainders: _, ...others } = observations;
  return { ...others, X, ...totals } as O;
}

/** Calls back for every observed entry: its place in X, its row and its column. */
export function forEachObserved(
  { X, mask, places, rows, columns }: Observations,
  callback: (at: number, row: number, column: number) => void,
): void {
  if (places) {
    for (let at = 0; at < X.length; at++) callback(at, places.rows[at]!, places.columns[at]!);
    return;
  }
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      if (!mask || mask[at] !== 0) callback(at, row, column);
    }
  }
}

/** The observed entry at a place in X, to the digits of its file. */
export function valueAt({ X, remainders }: Observations, at: number, row: number, column: number): number {
  const value = X[at]!;
  if (!remainders) return value;
  const k = remainders.columns.indexOf(column);
  return k < 0 ? value : value + remainders.values[row * remainders.columns.length + k]!;
}

/** Row and column of the entry at a place in X. */
export function positionOf({ places, columns }: Observations, at: number): { row: number; column: number } {
  return places
    ? { row: places.rows[at]!, column: places.columns[at]! }
    : { row: Math.floor(at / columns), column: at % columns };
}

/** The observations without some entries, given by their places in X: their values are gone, not only weighted 0. */
export function withoutEntries(observations: Observations, entries: Uint32Array): Observations {
  const { rows, columns, places, remainders } = observations;
  if (places) {
    const { X, weights } = observations;
    const left = new Uint8Array(X.length).fill(1);
    for (const at of entries) left[at] = 0;
    const kept = <A extends Float32Array | Uint32Array>(values: A): A => values.filter((_, at) => left[at] === 1) as A;
    const values = kept(X);
    return {
      rows,
      columns,
      X: values,
      ...(weights && { weights: kept(weights) }),
      places: { rows: kept(places.rows), columns: kept(places.columns) },
      ...totalsOf(values),
    };
  }
  const X = observations.X.slice();
  const mask = observations.mask?.slice() ?? new Float32Array(rows * columns).fill(1);
  const weights = observations.weights?.slice() ?? mask.slice();
  for (const at of entries) {
    X[at] = 0;
    mask[at] = 0;
    weights[at] = 0;
  }
  return { rows, columns, X, ...(remainders && { remainders }), mask, weights, ...totalsOf(X, mask) };
}

/** So many entries are summed up at a time. */
const entriesAtOnce = 1 << 12;

function totalsOf(X: Float32Array, mask?: Float32Array): Omit<Totals, 'rows' | 'columns'> {
  const totals = new RunningTotals();
  if (!mask) totals.add(X);
  else {
    const part = new Float32Array(entriesAtOnce);
    for (let start = 0; start < X.length; start += entriesAtOnce) {
      const end = Math.min(X.length, start + entriesAtOnce);
      let count = 0;
      for (let k = start; k < end; k++) if (mask[k] !== 0) part[count++] = X[k]!;
      totals.add(part.subarray(0, count));
    }
  }
  return totals.result();
}

/** Totals of entries that come part by part, each of which is read once. */
export class RunningTotals {
  private observed = 0;
  private mean = 0;
  private sumOfSquares = 0;
  private centredSumOfSquares = 0;

  add(X: Float32Array): void {
    for (let start = 0; start < X.length; start += entriesAtOnce) {
      this.addPart(X, start, Math.min(X.length, start + entriesAtOnce));
    }
  }

  result(): Omit<Totals, 'rows' | 'columns'> {
    const { mean, observed, sumOfSquares, centredSumOfSquares } = this;
    return { mean, observed, sumOfSquares, centredSumOfSquares };
  }

  /**
   * Σ(x−c) and Σ(x−c)² are summed about c, the mean of what came before, and then moved to 0 and to the part's own mean.
   * What that loses to rounding is small beside c² and the square of the means' distance, which the whole holds in any case.
   */
  private addPart(X: Float32Array, start: number, end: number): void {
    const count = end - start;
    const c = this.observed === 0 ? X[start]! : this.mean;
    // Each in two sums, which the processor adds up side by side.
    let [sum, squares, otherSum, otherSquares] = [0, 0, 0, 0];
    let k = start;
    for (; k + 1 < end; k += 2) {
      const x = X[k]! - c;
      const y = X[k + 1]! - c;
      sum += x;
      squares += x * x;
      otherSum += y;
      otherSquares += y * y;
    }
    if (k < end) {
      const x = X[k]! - c;
      sum += x;
      squares += x * x;
    }
    sum += otherSum;
    squares += otherSquares;
    this.sumOfSquares += squares + c * (2 * sum + count * c);
    // Two sums of squares about means of their own make one (Chan, Golub & LeVeque 1983). With c the mean of what came
    // before, the means are sum/count apart.
    const apart = sum / count;
    const all = this.observed + count;
    const part = Math.max(0, squares - sum * apart);
    this.centredSumOfSquares += part + (apart * apart * this.observed * count) / all;
    this.mean = c + sum / all;
    this.observed = all;
  }
}
