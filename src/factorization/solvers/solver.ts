import type { DeviceReport } from '../devices';
import type { Biases } from '../factorization';

/** W (rows×rank) and H (rank×columns), row-major, and the biases of a model that has them. */
export interface Factors {
  W: Float32Array;
  H: Float32Array;
  biases?: Biases;
}

/** Where a solver stands: its factors, and what else it carries from step to step, by name. */
export interface SolverState extends Factors {
  memory?: Readonly<Record<string, Float32Array>>;
}

/** What a chunk of iterations did. */
export interface Advance {
  /** Entry k is the objective before the chunk's k-th update; the last update's objective comes with the next chunk. */
  objective: ArrayLike<number>;
  /** Entry k is Σ_F ‖F‖·‖G_F‖ at the chunk's k-th update, which `Stopping.tolerance` is about. */
  stationarity: ArrayLike<number>;
  /** The rate of the chunk's last step; of a solver with a rate for each factor, W's. */
  rate: number;
}

/** A model's updates, compiled once and run from as many starts as wanted. */
export interface CompiledSolver {
  readonly device: DeviceReport;
  /** Begins in this state, `done` iterations into a run of `planned`. */
  begin(state: SolverState, done: number, planned: number): void;
  /** Makes `count` iterations. */
  advance(count: number): Promise<Advance>;
  state(): Promise<SolverState>;
  dispose(): Promise<void>;
}
