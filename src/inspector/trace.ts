import type { Trace } from '../factorization/factorization';

export const emptyTrace: Trace = {
  iteration: new Float64Array(0),
  seconds: new Float64Array(0),
  objective: new Float64Array(0),
};

/** The points of `first` and then those of `second`; neither is changed. */
export function appendTrace(first: Trace, second: Trace): Trace {
  return {
    iteration: concatenate(first.iteration, second.iteration),
    seconds: concatenate(first.seconds, second.seconds),
    objective: concatenate(first.objective, second.objective),
  };
}

function concatenate(first: Float64Array, second: Float64Array): Float64Array {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
