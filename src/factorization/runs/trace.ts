import type { StopReason } from '../../model/stopping';

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
export interface RestartReport {
  seed: number;
  /** Final objective, recomputed in float64 from the residual. */
  objective: number;
  iterations: number;
  stopReason: StopReason;
  trace: Trace;
}
