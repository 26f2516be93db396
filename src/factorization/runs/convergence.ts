import { mayVanish } from '../../model/bounds';
import type { Model } from '../../model/model';
import type { NamedSolverOptions } from '../../model/solvers';
import type { StopReason, Stopping } from '../../model/stopping';
import type { Observations } from '../observations';
import { baselineOf } from '../objective/statistics';
import type { Advance } from '../solvers/solver';
import { solverOf } from '../solvers/solvers';

/** When a run has come to its end by itself. */
export interface ConvergenceTest {
  /** Whether a run that has this objective and Σ_F ‖F‖·‖G_F‖ has converged. */
  converged(objective: number, stationarity: number): boolean;
  /**
   * Whether a run with this objective and stationarity has come as far as float32 goes if the objective has not changed for long:
   * not one whose steps are short by schedule or go uphill, nor one whose gradient is so steep that it has only got stuck.
   */
  exhausted(objective: number, stationarity: number): boolean;
  /** Whether two objectives are the same but for a few roundings. */
  alike(a: number, b: number): boolean;
}

/** Share of the baseline below which an objective no longer lowers the stationarity asked for: float32 would not reach it. */
const minShare = 1e-3;

/**
 * So many iterations within which the objective falls by no more than so narrow a band, as a part of itself, end a run: a
 * few roundings of float32, which would hide any descent there may still be.
 */
const levelIterations = 100;
const levelBand = 2 ** -22;

/** A stationarity above this part of the objective is none that rounding makes. */
const steep = 0.1;

/**
 * The test that `Stopping.tolerance` describes.
 *
 * @param baseline the objective of a constant model
 * @param zero whether the factors may all be zero, at no cost beyond the baseline: an objective above it is then that of a
 * run that has only begun, which must not be called stationary beside it
 */
function convergenceTest(
  { tolerance }: Stopping,
  baseline: number,
  { zero, endsLevel }: { zero: boolean; endsLevel: boolean },
): ConvergenceTest {
  if (tolerance <= 0) return { converged: () => false, exhausted: () => false, alike: () => false };
  const isBelow = (part: number, objective: number, stationarity: number): boolean =>
    stationarity <= part * Math.max(zero ? Math.min(objective, baseline) : objective, minShare * baseline);
  return {
    converged: (objective, stationarity) => isBelow(Math.sqrt(tolerance), objective, stationarity),
    exhausted: (objective, stationarity) => endsLevel && isBelow(steep, objective, stationarity),
    alike: (a, b) => Math.abs(a - b) <= levelBand * Math.max(Math.abs(b), minShare * baseline),
  };
}

/** The test for a model and its solver. */
export function convergenceTestOf(
  stopping: Stopping,
  observations: Observations,
  model: Model,
  solver: NamedSolverOptions,
): ConvergenceTest {
  return convergenceTest(stopping, baselineOf(observations, model), {
    zero: mayVanish(model),
    endsLevel: solverOf(solver).monotone(solver),
  });
}

/** An objective, and since how many iterations none has been less by more than rounding makes it. */
export interface Level {
  objective: number;
  since: number;
}

/**
 * After how many of a chunk's updates a run ended, and why; undefined where it goes on. It diverged an update before its
 * objective ceased to be finite: −1 where that was the last of the chunk before.
 */
export function endingOf(
  { objective, stationarity }: Advance,
  { converged, exhausted, alike }: ConvergenceTest,
  before: Level,
  iterations: number,
): { after: number; reason: StopReason } | undefined {
  let now = before;
  for (let k = 0; k < objective.length; k++) {
    const value = objective[k]!;
    if (!Number.isFinite(value)) return { after: k - 1, reason: 'diverged' };
    if (converged(value, stationarity[k]!)) return { after: k, reason: 'converged' };
    now = nextLevel(now, value, iterations + k, alike);
    const level = iterations + k - now.since >= levelIterations;
    if (level && exhausted(value, stationarity[k]!)) return { after: k, reason: 'precision' };
  }
  return undefined;
}

/** Where the objective is a difference of large sums its rounding is more than a few of its own digits, up as well as down: only what lies lower is progress. */
const nextLevel = (level: Level, objective: number, iteration: number, alike: ConvergenceTest['alike']): Level =>
  objective >= level.objective || alike(objective, level.objective) ? level : { objective, since: iteration };

/** The level after so many of a chunk's updates, whose objectives come with the next chunk. */
export function levelAfter(
  level: Level,
  { objective }: Advance,
  iterations: number,
  made: number,
  alike: ConvergenceTest['alike'],
): Level {
  let now = level;
  for (let k = 0; k < made; k++) now = nextLevel(now, objective[k]!, iterations + k, alike);
  return now;
}
