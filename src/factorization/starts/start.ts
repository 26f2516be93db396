import { isNonNegative } from '../../model/constraints';
import { truncatedSvd } from '../linear-algebra/svd';
import { SettingsError } from '../../model/settings';
import type { Biases, Factors } from '../factors';
import { feasibleFactors } from '../objective/constraints';
import { lossOf } from '../objective/losses';
import { losses, type LossRecord } from '../../model/losses';
import type { Model } from '../../model/model';
import type { DenseObservations, Observations } from '../observations';
import { clusteredStart, nonNegativeSingularStart, singularStart, type ZeroFilling } from './informed';
import type { StartKind } from '../../model/starts';
import { randomNormal } from '../../engine';
import type { DenseMatrix } from '../linear-algebra/dense';
import type { Dataset } from '../../data/dataset';
import type { SourceIdentity } from '../../data/reading-report';

/** Makes the start of the run with a given seed. */
export type MakeStart = (seed: number) => Factors;

export interface StartOptions {
  signal?: AbortSignal;
  /** What the kind `file` begins with. */
  warmStart?: WarmStart;
}

/**
 * Prepares what all starts of a kind share, such as a decomposition of X. Missing entries count as their column's mean. The
 * starts satisfy the model's constraints.
 * @throws SettingsError when the kind does not go with these data or this model
 */
export async function prepareStarts(
  kind: StartKind,
  observations: Observations,
  model: Model,
  rank: number,
  options: StartOptions = {},
): Promise<MakeStart> {
  const make = await unconstrainedStarts(kind, observations, model, rank, options);
  return (seed) => {
    const { biases = noBiases(model, observations), ...factors } = make(seed);
    return { ...feasibleFactors(factors, model.constraints, rank), ...(biases && { biases }) };
  };
}

/** Of a model with biases: nothing beyond the mean. */
function noBiases({ biases, loss }: Model, { mean, rows, columns }: Observations): Biases | undefined {
  return biases && { mean: lossOf(loss).link(mean), rows: new Float32Array(rows), columns: new Float32Array(columns) };
}

async function unconstrainedStarts(
  kind: StartKind,
  observations: Observations,
  model: Model,
  rank: number,
  options: StartOptions,
): Promise<MakeStart> {
  switch (kind) {
    case 'random':
      return (seed) => randomStart(scaledFor(model, observations), rank, seed);
    case 'file':
      return warmStarts(options.warmStart, observations, rank);
    case 'k-means': {
      const data = completed(wholeMatrix(kind, observations));
      requireLinear(kind, model);
      return (seed) => clusteredStart(data, rank, seed);
    }
    case 'svd':
    case 'nndsvd':
    case 'nndsvda':
    case 'nndsvdar': {
      requireLinear(kind, model);
      const whole = wholeMatrix(kind, observations);
      checkSingular(kind, whole, model, rank);
      const data = completed(whole);
      const triplets = await truncatedSvd(data, rank, options.signal ? { signal: options.signal } : {});
      if (kind === 'svd') return () => singularStart(triplets, rank);
      const mean = data.X.reduce((sum, x) => sum + x, 0) / data.X.length;
      return (seed) => nonNegativeSingularStart(triplets, rank, fillingOf(kind, mean, seed));
    }
  }
}

function wholeMatrix(kind: StartKind, observations: Observations): DenseObservations {
  if (!observations.places) return observations;
  throw new SettingsError(
    `The start ${kind} needs a whole matrix, and these data have their observed entries alone; start at random.`,
  );
}

/** The data's size as a random start should see it, whose W·H is not in X's units under a loss with a link. */
function scaledFor({ loss, biases }: Model, observations: Observations): Observations {
  const count = Math.max(1, observations.observed);
  // Biases take the mean.
  const squares = biases ? observations.centredSumOfSquares : observations.sumOfSquares;
  const meanSquare = lossOf(loss).startMeanSquare(squares / count);
  return { ...observations, sumOfSquares: meanSquare * count };
}

function fillingOf(kind: ZeroFilling['kind'], mean: number, seed: number): ZeroFilling {
  switch (kind) {
    case 'nndsvd':
      return { kind };
    case 'nndsvda':
      return { kind, mean };
    case 'nndsvdar':
      return { kind, mean, seed };
  }
}

function warmStarts(warm: WarmStart | undefined, { rows, columns }: Observations, rank: number): MakeStart {
  if (!warm) throw new SettingsError('A start from a file needs that file; name it, or choose another start.');
  if (warm.rows !== rows || warm.columns !== columns) {
    throw new SettingsError(
      `${warm.name} holds factors of ${warm.rows} × ${warm.columns} data, and these data are ${rows} × ${columns}; start from a result of the same size.`,
    );
  }
  if (warm.rank !== rank) {
    throw new SettingsError(`${warm.name} holds factors of rank ${warm.rank}; give rank ${warm.rank}, not ${rank}.`);
  }
  const { W, H, biases } = warm;
  return () => ({ W, H, ...(biases && { biases }) });
}

/** A loss with a link compares X with a function of WH, of which these starts know nothing. */
function requireLinear(kind: StartKind, { loss }: Model): void {
  const { link }: LossRecord = losses[loss.kind];
  if (link !== undefined) {
    throw new SettingsError(
      `The start ${kind} is made for a loss that compares X with W·H itself, which the ${loss.kind} loss does not; start at random.`,
    );
  }
}

function checkSingular(
  kind: StartKind,
  { rows, columns, X }: DenseObservations,
  { constraints }: Model,
  rank: number,
): void {
  const most = Math.min(rows, columns);
  if (rank > most) {
    throw new SettingsError(
      `The start ${kind} has at most ${most} components with ${rows} × ${columns} data; give a rank of at most ${most}, or start at random.`,
    );
  }
  if (kind !== 'svd') {
    if (X.some((x) => x < 0)) {
      throw new SettingsError(`The start ${kind} needs data without negative numbers; start with svd or at random.`);
    }
  } else if (
    [constraints.W, constraints.H].some((constraint) => constraint.kind !== 'box' && isNonNegative(constraint))
  ) {
    throw new SettingsError(
      'The start svd has negative numbers, which this model forbids; start with nndsvd, its non-negative form.',
    );
  }
}

/**
 * A random start: entries of W and H are independent normal with mean 0 and variance √(meanSquare(X)/rank), so that an
 * entry of W·H has the mean square of the observed entries of X.
 */
function randomStart(
  { rows, columns, observed, sumOfSquares }: Observations,
  rank: number,
  seed: number,
): { W: Float32Array; H: Float32Array } {
  const deviation = Math.pow(sumOfSquares / Math.max(1, observed) / rank, 1 / 4);
  const drawn = randomNormal([(rows + columns) * rank], { seed }).data;
  const scaled = (from: number, length: number): Float32Array =>
    Float32Array.from({ length }, (_, k) => drawn[from + k]! * deviation);
  return { W: scaled(0, rows * rank), H: scaled(rows * rank, rank * columns) };
}

/** X with every missing entry filled by the mean of its column's observed ones, or of all where the column has none. */
function completed({ rows, columns, X, mask, observed }: DenseObservations): DenseMatrix {
  if (!mask) return { rows, columns, X };
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (mask[i * columns + j] === 0) continue;
      const x = X[i * columns + j]!;
      sums[j] = sums[j]! + x;
      counts[j] = counts[j]! + 1;
      total += x;
    }
  }
  const mean = observed > 0 ? total / observed : 0;
  const means = sums.map((sum, j) => (counts[j]! > 0 ? sum / counts[j]! : mean));
  return { rows, columns, X: X.map((x, at) => (mask[at] === 0 ? means[at % columns]! : x)) };
}

/** The factors that runs go on from when they start from a file. */
export interface WarmStart extends Factors {
  /** Base name of the file, for messages. */
  name: string;
  rows: number;
  columns: number;
  rank: number;
  /** The data that they came from. */
  source: SourceIdentity;
  columnLabels?: string[];
}

/**
 * Whether factors from a file are of these data. Sizes are checked when the start is made.
 * @returns what the user should know: that the data have other rows or numbers by now
 * @throws SettingsError when the columns are others
 */
export function checkWarmStart(warm: WarmStart, { source, columnLabels }: Dataset): string[] {
  if (warm.columnLabels && columnLabels && warm.columnLabels.length === columnLabels.length) {
    const other = columnLabels.findIndex((name, column) => name !== warm.columnLabels?.[column]);
    if (other >= 0) {
      throw new SettingsError(
        `${warm.name} holds factors of other columns: its column ${other + 1} is "${warm.columnLabels[other]}", and that of ${source.name} is "${columnLabels[other]}"; start from a result of the same columns.`,
      );
    }
  }
  return warm.source.sha256 === source.sha256 && warm.source.bytes === source.bytes
    ? []
    : [
        `${warm.name} came from ${warm.source.name} as it was then, which is not what ${source.name} holds now: its factors were only where the runs began.`,
      ];
}
