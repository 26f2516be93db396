import type { Dataset } from '../../data/dataset';
import { availableMemory } from '../../memory/available';
import { maxNumbersSearched } from '../diagnostics/curvature';
import { SettingsError, type FactorizationSettings } from '../../model/settings';
import type { ReadReport } from '../../data/reading-report';
import type { Observations } from '../observations';
import { lossOf } from '../objective/losses';
import { maxSideBySide } from '../solvers/batching';
import { solverOf } from '../solvers/solvers';
import { unitOf } from '../objective/units';

/** Arrays that a step makes where the loss is of residuals alone; where it makes more, entries are gone through one by one. */
const arraysOfResiduals = 3;

/** What the search for a negative curvature holds of X beside X, in arrays of its size: X in float64, and what is made of it. */
const arraysOfDiagnosis = { whole: 2, partial: 5, entrywise: 8 };

/**
 * Copies of its factors that a run holds at its height: the start in float64, the state, gradients and extrapolations of the
 * solver, what ONNX Runtime keeps of them, and chunks before the last that are not yet collected. (Measured with factors
 * of 48 MB: 23 to 25.)
 */
const copiesOfFactors = 24;
/** Bytes an observed entry of sparse data: its places as numbers, and its place in blocks of both sides. */
const bytesOfEntry = 56;

/** What takes memory, in words for the user. */
export interface MemoryPart {
  what: string;
  bytes: number;
  /** Whether it is taken once the data are read. */
  held?: boolean;
}

type Wanted = Pick<
  FactorizationSettings,
  'model' | 'rank' | 'restarts' | 'solver' | 'rankSearch' | 'preparation' | 'holdout'
>;

/** Bytes that a factorization of these data takes at its height, beside what reading them holds, by what takes them. */
export function memoryParts(dataset: Dataset, settings: Wanted): MemoryPart[] {
  const { rows, columns } = dataset;
  const { model, restarts, solver } = settings;
  const rank = settings.rankSearch?.most ?? settings.rank;
  const own = 4 * rank * (rows + columns);
  const together = maxSideBySide(solver, own, restarts);
  const held = solver.id === 'auto' ? undefined : solverOf(solver).memory;
  const copies =
    solver.id === 'auto' ? copiesOfFactors : (held?.copiesOfFactors?.(solver, copiesOfFactors) ?? copiesOfFactors);
  const factors = {
    what: `the factors of rank ${rank}${together > 1 ? ` of ${together} restarts at once` : ''}, with what the solver makes of them`,
    bytes: own * together * copies,
  };
  const copy = held?.copiesOfData ?? 0;
  if ('entries' in dataset) {
    const { length } = dataset.entries.values;
    // Values and both places, once more.
    return [{ what: 'the entries as the solver needs them', bytes: (bytesOfEntry + copy * 3 * 4) * length }, factors];
  }
  const size = 4 * rows * columns;
  const partial = dataset.missing > 0 || dataset.weights !== undefined;
  const copiesRead = 1 + (dataset.missing > 0 ? 1 : 0) + (dataset.weights ? 1 : 0);
  const prepared = settings.preparation === undefined ? 0 : 1;
  const heldOut = settings.rankSearch || settings.holdout !== undefined ? 3 : 0;
  const step = Math.max(lossOf(model.loss).arraysOfStep, partial ? 2 : 0);
  const copied = copy * (partial ? 2 : 1);
  const entrywise = step > arraysOfResiduals;
  const diagnosis =
    rows * columns > maxNumbersSearched
      ? 0
      : arraysOfDiagnosis[entrywise ? 'entrywise' : partial ? 'partial' : 'whole'];
  return [
    { what: 'the data', bytes: size * (copiesRead + prepared), held: true },
    { what: 'copies of the data', bytes: size * (heldOut + copied) },
    { what: 'what is computed of every entry', bytes: size * Math.max(step, diagnosis) },
    factors,
  ].filter(({ bytes }) => bytes > 0);
}

/**
 * Refuses what cannot fit, before anything is allocated: else the system would end the process without a word.
 *
 * @param free bytes that this process may still take
 * @throws SettingsError naming the data, their size, what takes how much, and the remedies
 */
export function checkMemory(dataset: Dataset, settings: Wanted, free: number = availableMemory()): void {
  refuseBeyond(free, memoryParts(dataset, settings), dataset);
}

/**
 * The same once the data are in memory and their size is known, where solvers work on a copy of them in units of their own.
 *
 * @throws SettingsError as {@link checkMemory}
 */
export function checkMemoryOfUnits(
  dataset: Dataset,
  settings: Wanted,
  observations: Observations,
  free: number = availableMemory(),
): void {
  // A decomposition takes them as they are.
  if (settings.solver.id === 'svd' || unitOf(settings.model, observations) === undefined) return;
  const copy = { what: 'the data in units of their own size', bytes: 4 * observations.X.length };
  const toCome = memoryParts(dataset, settings).filter(({ held }) => held !== true);
  refuseBeyond(free, [copy, ...toCome], dataset);
}

function refuseBeyond(free: number, all: readonly MemoryPart[], dataset: Dataset): void {
  const parts = [...all].sort((a, b) => b.bytes - a.bytes);
  const needed = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (needed <= free) return;
  const { rows, columns, source, reading } = dataset;
  const [row, column] = reading.kind === 'text' ? ['documents', 'terms'] : ['rows', 'columns'];
  const count = (value: number): string => value.toLocaleString('en');
  const shares = parts.map(({ what, bytes }) => `${gigabytes(bytes)} for ${what}`).join(', ');
  throw new SettingsError(
    `${source.name}: ${count(rows)} ${row} × ${count(columns)} ${column} take about ${gigabytes(needed)} of memory to factorize (${shares}), and ${gigabytes(free)} are free; take a smaller rank or fewer restarts, or ${remedyOf(reading)}.`,
  );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function remedyOf(reading: ReadReport): string {
  switch (reading.kind) {
    case 'text':
      return 'leave out rare terms (--min-df) or common ones (--max-df), or take fewer documents';
    case 'table':
    case 'long':
    case 'array':
      return 'choose fewer columns or a part of the file';
    case 'image':
    case 'images':
      return reading.as?.as === 'patches'
        ? 'take fewer patches with a larger stride (--patch 8,8)'
        : 'scale the images down or take patches of them';
  }
}
