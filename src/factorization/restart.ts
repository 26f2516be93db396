import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { Trace } from './factorization';
import type { StopReason, Stopping } from './model';
import type { Advance, CompiledSolver, Factors, SolverState } from './solvers/solver';
import type { TraceRecorder } from './trace-recorder';

/** Aimed length of a chunk in seconds: short enough that a click on Stop is felt at once, long enough to cost nothing. */
const chunkSeconds = 0.1;

export interface RestartControl {
  /** Asked between chunks; true ends the run and keeps what there is. */
  shouldStop(): boolean;
  /** Gives the run up: it rejects with the signal's reason. */
  signal: AbortSignal;
  /** Called after every chunk with its new points, the rate of its last step, and the factors and number of iterations it reached. */
  onPoints(points: Trace, rate: number, factors: Factors, iterations: number): void;
}

export interface RestartOutcome {
  factors: Factors;
  /** Iterations done, those before a continuation included. */
  iterations: number;
  stopReason: StopReason;
}

/** Whether a run that has this objective and Σ_F ‖F‖·‖G_F‖ has converged. */
export type ConvergenceTest = (objective: number, stationarity: number) => boolean;

/** Share of the baseline below which an objective no longer lowers the slope that counts as level: float32 would not reach it. */
const leastShare = 1e-3;

/** The test that `Stopping.tolerance` describes; `baseline` is the objective of a constant model. */
export function convergenceTest({ tolerance }: Stopping, baseline: number): ConvergenceTest {
  if (tolerance <= 0) return () => false;
  return (objective, stationarity) => stationarity <= Math.sqrt(tolerance) * Math.max(objective, leastShare * baseline);
}

/**
 * Runs a solver from one start, in chunks, until it converges, the iterations run out or the user stops it. How long a
 * chunk is depends on how fast the machine happens to be; where the run ends does not.
 *
 * @param done iterations made before, by a run that this one goes on from
 * @param converged whether a run that has come to some objective and slope may end
 */
export async function runRestart(
  solver: CompiledSolver,
  start: Factors,
  done: number,
  stopping: Stopping,
  converged: ConvergenceTest,
  recorder: TraceRecorder,
  control: RestartControl,
): Promise<RestartOutcome> {
  solver.begin(start, done, stopping.iterations);
  let state: SolverState = start;
  /** The latest factors whose objective is known to be finite. */
  let proven: Factors = start;
  let iterations = done;
  let chunk = 1;

  const outcome = (stopReason: StopReason): RestartOutcome =>
    isFinite(state) ? { factors: state, iterations, stopReason } : diverged();
  const diverged = (): RestartOutcome => ({ factors: proven, iterations, stopReason: 'diverged' });

  for (;;) {
    control.signal.throwIfAborted();
    if (iterations >= stopping.iterations) return outcome('iterations');
    if (control.shouldStop()) return outcome('stopped');

    const count = Math.min(chunk, stopping.iterations - iterations);
    const began = performance.now();
    const advance = await solver.advance(count);
    const seconds = (performance.now() - began) / 1000;

    const firstBad = Array.prototype.findIndex.call(advance.objective, (value: number) => !Number.isFinite(value));
    if (firstBad !== 0) proven = state;
    if (firstBad >= 0) return diverged();

    const reached = convergedAt(advance, converged);
    const points = pointsOf(advance, reached < 0 ? count : reached + 1, iterations, recorder.elapsed, seconds / count);
    points.iteration.forEach((iteration, k) => {
      recorder.add(iteration, points.seconds[k] as number, points.objective[k] as number);
    });
    recorder.spend(seconds);
    if (reached >= 0) {
      // Take the chunk again as far as that iteration, so that the result is the same however the run was cut.
      solver.begin(state, iterations, stopping.iterations);
      if (reached > 0) await solver.advance(reached);
      iterations += reached;
    } else {
      iterations += count;
    }
    state = await solver.state();
    control.onPoints(points, advance.rate, state, iterations);
    if (reached >= 0) return outcome('converged');

    chunk = nextChunk(count, seconds);
    await setImmediate();
  }
}

/** Index of the chunk's first update that was no longer needed; −1 when all were. */
function convergedAt({ objective, stationarity }: Advance, converged: ConvergenceTest): number {
  return Array.prototype.findIndex.call(stationarity, (slope: number, k) => converged(objective[k] as number, slope));
}

/** The chunk's first `count` points: output k is the objective that `iterations`+k updates had reached. */
function pointsOf(
  { objective }: Advance,
  count: number,
  iterations: number,
  secondsBefore: number,
  secondsEach: number,
): Trace {
  return {
    iteration: Float64Array.from({ length: count }, (_, k) => iterations + k),
    seconds: Float64Array.from({ length: count }, (_, k) => secondsBefore + secondsEach * k),
    objective: Float64Array.from({ length: count }, (_, k) => objective[k] as number),
  };
}

/** At most doubles, so that one hurried first step does not make the next chunk long. */
function nextChunk(count: number, seconds: number): number {
  const fitting = seconds > 0 ? Math.floor((count * chunkSeconds) / seconds) : count * 2;
  return Math.max(1, Math.min(fitting, count * 2));
}

function isFinite({ W, H }: Factors): boolean {
  return W.every(Number.isFinite) && H.every(Number.isFinite);
}
