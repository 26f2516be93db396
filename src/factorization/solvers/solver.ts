import type { DeviceReport } from '../../engine';
import type { Factors } from '../factors';

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

/** A model's updates for several runs side by side, compiled once. */
export interface BatchSolver {
  readonly device: DeviceReport;
  /** How many runs. */
  readonly size: number;
  /** Begins in these states, one a run, all of them `done` iterations into runs of `planned`. */
  begin(states: readonly SolverState[], done: number, planned: number): void;
  /** Makes `count` iterations of every run. */
  advance(count: number): Promise<readonly Advance[]>;
  states(): Promise<SolverState[]>;
  dispose(): Promise<void>;
}

/** A solver of one run as a batch of one. */
export const batchOfOne = (solver: CompiledSolver): BatchSolver => ({
  device: solver.device,
  size: 1,
  begin([state], done, planned) {
    if (state) solver.begin(state, done, planned);
  },
  advance: async (count) => [await solver.advance(count)],
  states: async () => [await solver.state()],
  dispose: () => solver.dispose(),
});

/** The one run of a batch of one. */
export const onlyOf = (batch: BatchSolver): CompiledSolver => ({
  device: batch.device,
  begin: (state, done, planned) => batch.begin([state], done, planned),
  advance: async (count) => (await batch.advance(count))[0]!,
  state: async () => (await batch.states())[0]!,
  dispose: () => batch.dispose(),
});
