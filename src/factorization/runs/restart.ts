import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { Trace, TraceRecorder } from './trace';
import type { StopReason, Stopping } from '../../model/stopping';
import { batchOfOne, type Advance, type BatchSolver, type CompiledSolver, type SolverState } from '../solvers/solver';
import type { Factors } from '../factors';
import { endingOf, levelAfter, type ConvergenceTest, type Level } from './convergence';

/** Aimed length of a chunk in seconds: short enough that a click on Stop is felt at once, long enough to cost nothing. */
const chunkSeconds = 0.1;

/** A chunk is no longer than this part of the iterations before it, or this many iterations where that is less. */
const chunkShare = 1 / 8;
const minGrownChunk = 8;

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

/** Runs a solver from one start: see {@link runTogether}. */
export async function runRestart(
  solver: CompiledSolver,
  start: Factors,
  done: number,
  stopping: Stopping,
  converged: ConvergenceTest,
  recorder: TraceRecorder,
  control: RestartControl,
): Promise<RestartOutcome> {
  const batch = batchOfOne(solver);
  const [outcome] = await runTogether(() => Promise.resolve(batch), [{ start, recorder }], done, stopping, converged, {
    ...control,
    onPoints: (_, ...reached) => control.onPoints(...reached),
    onEnded: () => undefined,
  });
  return outcome as RestartOutcome;
}

/** One of several runs that go side by side. */
export interface TogetherRun {
  start: Factors;
  recorder: TraceRecorder;
}

export interface TogetherControl extends Pick<RestartControl, 'shouldStop' | 'signal'> {
  /** As of a run alone, after every chunk for each run that the chunk began with; `run` is its place among the runs. */
  onPoints(run: number, ...reached: Parameters<RestartControl['onPoints']>): void;
  /** A run has ended; others may go on. */
  onEnded(run: number, outcome: RestartOutcome): void;
}

/** A run that has not ended. */
interface Going {
  at: number;
  recorder: TraceRecorder;
  state: SolverState;
  /** Where it was when the chunk before this state began. */
  earlier: SolverState;
  level: Level;
}

/**
 * Runs a solver from several starts side by side, in chunks, until each run converges, its iterations run out or the user
 * stops them all. How long a chunk is depends on how fast the machine happens to be; where a run ends does not, nor does
 * it depend on the others: a run that ends within a chunk ends in the factors of that very iteration, to which all are
 * taken back.
 *
 * @param solverFor a solver for at least so many runs, with so many iterations before each
 * @param done iterations made before, by runs that these go on from
 * @param converged whether a run that has come to some objective and stationarity may end
 */
export async function runTogether(
  solverFor: (runs: number, iterations: number) => Promise<BatchSolver>,
  runs: readonly TogetherRun[],
  done: number,
  stopping: Stopping,
  converged: ConvergenceTest,
  control: TogetherControl,
): Promise<RestartOutcome[]> {
  const outcomes: RestartOutcome[] = [];
  let going = runs.map(({ start, recorder }, at): Going => ({
    at,
    recorder,
    state: start,
    earlier: start,
    level: { objective: NaN, since: done },
  }));
  let iterations = done;
  /** Iterations made when the chunk before began. */
  let earlier = done;
  let chunk = 1;
  /** Iterations that those that go on may still take: as many again, for most settle long before their limit. */
  const expected = (): number => Math.min(stopping.iterations - iterations, iterations);

  let solver = await solverFor(going.length, stopping.iterations - iterations);

  const end = (run: Going, outcome: RestartOutcome): void => {
    outcomes[run.at] = outcome;
    going = going.filter((other) => other !== run);
    control.onEnded(run.at, outcome);
  };
  /** Takes all runs that go on from some of their states to so many iterations after it. */
  const retake = async (from: 'state' | 'earlier', since: number, count: number): Promise<SolverState[]> => {
    const states = going.map((run) => run[from]);
    // A place that no run needs any more computes what another does.
    const filling = Array.from({ length: solver.size - states.length }, () => states[0]!);
    solver.begin([...states, ...filling], since, stopping.iterations);
    if (count > 0) await solver.advance(count);
    return solver.states();
  };
  /** Ends runs where they are or, where that is no longer finite, an iteration before. */
  const endAll = async (stopReason: StopReason): Promise<RestartOutcome[]> => {
    const beforeLast = going.every(({ state }) => isFinite(state))
      ? []
      : await retake('earlier', earlier, Math.max(0, iterations - 1 - earlier));
    for (const [place, run] of [...going].entries()) {
      const factors = isFinite(run.state) ? run.state : (beforeLast[place] ?? run.earlier);
      const reached = isFinite(run.state)
        ? { iterations, stopReason }
        : { iterations: Math.max(earlier, iterations - 1), stopReason: 'diverged' as const };
      end(run, { factors, ...reached });
    }
    return outcomes;
  };

  await retake('state', iterations, 0);
  for (;;) {
    control.signal.throwIfAborted();
    if (iterations >= stopping.iterations) return endAll('iterations');
    if (control.shouldStop()) return endAll('stopped');

    const count = Math.min(chunk, stopping.iterations - iterations);
    const began = performance.now();
    const advances = await solver.advance(count);
    const seconds = (performance.now() - began) / 1000;

    const endings = going.map((run, place) => endingOf(advances[place]!, converged, run.level, iterations));
    // A state whose objective is not finite was so at the end of the chunk before: the run ended an iteration earlier.
    const late = going.filter((_, place) => endings[place]?.after === -1);
    if (late.length > 0) {
      const states = await retake('earlier', earlier, Math.max(0, iterations - 1 - earlier));
      const reached = Math.max(earlier, iterations - 1);
      const factors = new Map(going.map((run, place) => [run, states[place] ?? run.earlier]));
      for (const run of late) {
        end(run, { factors: factors.get(run) ?? run.earlier, iterations: reached, stopReason: 'diverged' });
      }
      if (going.length === 0) return outcomes;
      solver = await solverFor(going.length, expected());
      await retake('state', iterations, 0);
      continue;
    }

    const made = endings.reduce((least, ending) => Math.min(least, ending?.after ?? count), count);
    const ended = going.filter((_, place) => endings[place]?.after === made);
    const states = ended.length > 0 ? await retake('state', iterations, made) : await solver.states();
    const all = going;
    for (const [place, run] of all.entries()) {
      const advance = advances[place]!;
      const ending = ended.includes(run) ? endings[place] : undefined;
      // Its very first point a run shows even where another ended there; the next chunk shows it again.
      const shown = ending || (made === 0 && iterations === done) ? made + 1 : made;
      const before = run.recorder.elapsed;
      const points = pointsOf(advance, shown, iterations, before, seconds / count);
      points.iteration.forEach((iteration, k) => {
        run.recorder.add(iteration, points.seconds[k]!, points.objective[k]!);
      });
      run.recorder.reach(before + (seconds * made) / count);
      run.level = levelAfter(run.level, advance, iterations, made, converged.alike);
      if (made > 0) run.earlier = run.state;
      run.state = states[place]!;
      if (points.iteration.length > 0) control.onPoints(run.at, points, advance.rate, run.state, iterations + made);
      if (ending) end(run, { factors: run.state, iterations: iterations + made, stopReason: ending.reason });
    }
    if (made > 0) earlier = iterations;
    iterations += made;
    if (going.length === 0) return outcomes;
    if (ended.length > 0) {
      solver = await solverFor(going.length, expected());
      await retake('state', iterations, 0);
    }

    chunk = nextChunk(count, seconds, iterations);
    await setImmediate();
  }
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
    objective: Float64Array.from({ length: count }, (_, k) => objective[k]!),
  };
}

/**
 * At most doubles, so that one hurried first step does not make the next chunk long; and of a part of what was done before,
 * since what a chunk computes beyond the end of a run is for nothing, and up to there is computed again.
 *
 * @param done iterations of the run so far
 */
function nextChunk(count: number, seconds: number, done: number): number {
  const fitting = seconds > 0 ? Math.floor((count * chunkSeconds) / seconds) : count * 2;
  return Math.max(1, Math.min(fitting, count * 2, Math.max(minGrownChunk, Math.ceil(chunkShare * done))));
}

function isFinite({ W, H }: Factors): boolean {
  return W.every(Number.isFinite) && H.every(Number.isFinite);
}
