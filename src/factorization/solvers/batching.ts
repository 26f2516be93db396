import type { Model } from '../../model/model';
import type { NamedSolverOptions, SolverOptions } from '../../model/solvers';
import { isPartial, type Observations } from '../observations';
import type { BatchSolver } from './solver';
import { solverOf } from './solvers';

/** How many restarts are made side by side, and why not more or none. */
export interface SideBySide {
  size: number;
  reason: string;
}

/** Why a solver makes one run at a time; undefined where its step is a graph, of which several can go side by side. */
function oneAtATime(options: NamedSolverOptions): string | undefined {
  const solver = solverOf(options);
  return solver.steps === 'own' ? solver.oneAtATime : undefined;
}

/** More runs than this gain nothing more from each other. */
const most = 8;

/** Bytes of factors and of what a step makes of them, for all runs together. */
const maxFactorBytes = 1 << 28;
/** About how many copies of its factors a step holds. */
const copies = 10;

/**
 * Bytes that all runs' intermediates of X's size may take. Where a step makes such, it passes over each run's own, and all
 * that several runs share is the cost of calling an operation: worth something while they stay in the cache.
 */
const maxResidualBytes = 1 << 20;

/**
 * How many restarts may be made side by side, whatever the data: for an estimate of memory.
 * @param bytes of one run's factors
 */
export function maxSideBySide(options: SolverOptions, bytes: number, restarts: number): number {
  if (options.id !== 'auto' && oneAtATime(options) !== undefined) return 1;
  return Math.max(1, Math.min(restarts, most, Math.floor(maxFactorBytes / (copies * bytes))));
}

/**
 * How many of a model's restarts are made side by side: as many as fit, in batches of about one size. Several runs read X
 * once where only products with X are taken of it, as the squared loss on full data allows.
 */
export function sideBySide(
  model: Model,
  options: NamedSolverOptions,
  observations: Observations,
  rank: number,
  restarts: number,
): SideBySide {
  if (restarts === 1) return { size: 1, reason: 'There is one run.' };
  const refusal = oneAtATime(options);
  if (refusal !== undefined) return { size: 1, reason: refusal };
  const { rows, columns, X } = observations;
  const factors = copies * 4 * rank * (rows + columns);
  const productsOnly = model.loss.kind === 'squared' && !isPartial(observations) && !model.biases;
  const fitting = Math.floor(
    Math.min(maxFactorBytes / factors, productsOnly ? Infinity : maxResidualBytes / (4 * X.length)),
  );
  if (fitting < 2) {
    return {
      size: 1,
      reason: productsOnly
        ? 'The factors of several restarts at once would take too much memory, so restarts are made one after another.'
        : 'Every run has its own values for every entry of X, so that several at once would gain nothing: restarts are made one after another.',
    };
  }
  const batches = Math.ceil(restarts / Math.min(restarts, most, fitting));
  const size = Math.ceil(restarts / batches);
  return {
    size,
    reason: productsOnly
      ? `${size} restarts at a time read X once.`
      : `${size} restarts at a time share the cost of calling each operation.`,
  };
}

/** Operations a second of one ordinary processor, and seconds that compiling a smaller batch takes at most: when to shrink. */
const speed = 2e10;
const compileSeconds = 0.5;

/**
 * Solvers of several sizes, compiled when they are first needed. As runs end, those that are left go on in a batch of half
 * the size where that saves more than compiling it costs. This depends on nothing but numbers of runs and iterations, so
 * that the same seed gives the same result.
 */
export class SolverPool {
  private readonly solvers = new Map<number, BatchSolver>();

  constructor(
    private readonly first: BatchSolver,
    private readonly build: (size: number) => Promise<BatchSolver>,
    /** Floating-point operations of one iteration of one run. */
    private readonly work: number,
  ) {
    this.solvers.set(first.size, first);
  }

  get device(): BatchSolver['device'] {
    return this.first.device;
  }

  /** A solver for at least so many runs, of which each has so many iterations before it. */
  async solverFor(runs: number, iterations: number): Promise<BatchSolver> {
    let size = this.first.size;
    while (Math.ceil(size / 2) >= runs && size > 1) {
      const smaller = Math.ceil(size / 2);
      const saved = ((size - smaller) * this.work * iterations) / speed;
      if (!this.solvers.has(smaller) && saved < compileSeconds) break;
      size = smaller;
    }
    const known = this.solvers.get(size);
    if (known) return known;
    const built = await this.build(size);
    this.solvers.set(size, built);
    return built;
  }

  async dispose(): Promise<void> {
    for (const solver of this.solvers.values()) await solver.dispose();
  }
}

/** Operations of an iteration: two products with X, and inner steps of the factors, which weigh as much as some more of them. */
export const workOf = ({ rows, columns, X }: Observations, rank: number): number =>
  4 * X.length * rank + 40 * (rows + columns) * rank * (rank + 10);

/** Runs in batches of at most `size`. */
export const inBatches = <T>(runs: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(runs.length / size) }, (_, k) => runs.slice(k * size, (k + 1) * size));
