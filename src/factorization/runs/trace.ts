import type * as v from 'valibot';
import { stopReasons } from '../../model/stopping';
import { seed } from '../../model/settings';
import { integer, number, object, oneOf } from '../../untrusted/schema';

/**
 * The objective along one restart. Entry k is the objective after `iteration[k]` iterations (0 is the start; increasing,
 * not necessarily consecutive when a long trace was thinned) and was reached `seconds[k]` of computing after the restart began.
 */
export interface Trace {
  iteration: Float64Array;
  seconds: Float64Array;
  objective: Float64Array;
}

/** One run from one random start. */
export type RestartReport = v.InferOutput<typeof restartSchema> & { trace: Trace };

/** A restart but for its trace, which is saved as arrays. */
export const restartSchema = object({
  seed,
  /** Final objective, recomputed in float64 from the residual. */
  objective: number,
  iterations: integer(0),
  stopReason: oneOf(stopReasons),
});
