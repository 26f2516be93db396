import type { InspectorProgress, InspectorState, RestartView } from '../src/protocol/inspector';
import type { Trace } from '../src/factorization/factorization';

function append(left: Float64Array, right: Float64Array): Float64Array {
  const joined = new Float64Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}

function extend(trace: Trace, points: Trace): Trace {
  // A snapshot may already hold points that a message sent before it brings again.
  const last = trace.iteration.at(-1) ?? -Infinity;
  const found = points.iteration.findIndex((iteration) => iteration > last);
  const from = found < 0 ? points.iteration.length : found;
  return {
    iteration: append(trace.iteration, points.iteration.subarray(from)),
    seconds: append(trace.seconds, points.seconds.subarray(from)),
    objective: append(trace.objective, points.objective.subarray(from)),
  };
}

/** The objective a restart has reached: recomputed at its end, the last of its trace before. */
export function objectiveOf(restart: RestartView): number | undefined {
  return restart.objective ?? restart.trace.objective.at(-1);
}

function lowestOf(restarts: readonly RestartView[]): number | undefined {
  let found: number | undefined;
  let lowest = Infinity;
  restarts.forEach((restart, index) => {
    const objective = objectiveOf(restart);
    if (objective !== undefined && objective < lowest) {
      lowest = objective;
      found = index;
    }
  });
  return found;
}

/** The restart that the host calls the best, or, until it does, the lowest so far. */
export function bestOf(state: InspectorState): number | undefined {
  return state.best ?? lowestOf(state.restarts);
}

/** The state after an increment: what a snapshot taken now would say. */
export function applyProgress(state: InspectorState, progress: InspectorProgress): InspectorState {
  const { restart: index, seed, points, rate, elapsed, remaining } = progress;
  const before = state.restarts[index];
  const restarts = state.restarts.slice();
  // A restart that goes on has neither an end nor a final objective any more.
  restarts[index] = { seed, trace: before === undefined ? points : extend(before.trace, points) };
  const best = lowestOf(restarts) ?? index;
  const next: InspectorState = {
    ...state,
    status: 'running',
    restarts,
    best,
    running: index,
    rate,
    elapsed,
    remaining,
  };
  if (progress.factors !== undefined) {
    next.factors = { ...state.factors, ...progress.factors };
  }
  return next;
}

/** The restart at work, if one is. */
export function runningOf(state: InspectorState): number | undefined {
  if (state.status !== 'running') {
    return undefined;
  }
  const index = state.running ?? state.restarts.length - 1;
  return state.restarts[index]?.stopReason === undefined && state.restarts[index] !== undefined ? index : undefined;
}

/** How much of the job is done, 0 to 1; undefined while that is unknown. */
export function fractionDone(state: InspectorState): number | undefined {
  if (state.status === 'reading') {
    return state.readFraction;
  }
  if (state.status !== 'running') {
    return undefined;
  }
  const running = runningOf(state);
  const finished = running ?? state.restarts.length;
  const iteration = running === undefined ? 0 : (state.restarts[running]?.trace.iteration.at(-1) ?? 0);
  return Math.min(1, (finished + iteration / state.iterationLimit) / Math.max(state.restartCount, 1));
}
