import type { Trace } from '../factorization/runs/trace';

/**
 * The points of `first` and then those of `second`; neither is changed. A run that goes on tells its starting point
 * again: iterations that `first` has already are not taken twice.
 */
export function appendTrace(first: Trace, second: Trace): Trace {
  const last = first.iteration.at(-1) ?? -Infinity;
  const found = second.iteration.findIndex((iteration) => iteration > last);
  const from = found < 0 ? second.iteration.length : found;
  return {
    iteration: concatenate(first.iteration, second.iteration.subarray(from)),
    seconds: concatenate(first.seconds, second.seconds.subarray(from)),
    objective: concatenate(first.objective, second.objective.subarray(from)),
  };
}

function concatenate(first: Float64Array, second: Float64Array): Float64Array {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
