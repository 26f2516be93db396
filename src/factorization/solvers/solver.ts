import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import type { NamedSolverOptions } from '../../model/solvers';
import type { ObjectiveVariables } from '../objective/objective';
import type { Observations } from '../observations';
import type { SolverProgram } from './program';
import type { DeviceReport } from '../../engine';
import type { Factors } from '../factors';
import { penaltyNames, penaltyRecord, type PenaltyName } from '../../model/penalties';

/** Why `auto` became what it became; the settings of a result hold the solver itself. */
export interface SolverChoice {
  solver: NamedSolverOptions;
  reason: string;
}

/**
 * A solver, in the one file that is about it: what it can minimise, how it goes, and what others have to know of it. The table
 * of solvers lists it; its options, with their words, are a record of their own.
 */
export type SolverDeclaration<O extends NamedSolverOptions> = SolverTraits<O> & (GraphSteps<O> | OwnSteps<O>);

interface SolverTraits<O extends NamedSolverOptions> {
  readonly id: O['id'];
  /** Why it cannot minimise a model, as the end of a sentence; undefined where it can. */
  refuses(model: Model): string | undefined;
  /** What takes its place, and why, where entries are missing or weighted; absent where it takes such data. */
  readonly onPartialData?: SolverChoice;
  /** Whether it learns the biases of rows and columns. */
  readonly learnsBiases?: true;
  /** Whether it never raises the objective, and takes the steps that it finds and not those of a schedule. */
  monotone(options: O): boolean;
  /** Whether its first step is the minimum itself, wherever it begins: a second run would be the same. */
  readonly direct?: true;
  /** What it holds at its height, in place of the usual, for the estimate of memory. */
  readonly memory?: {
    /** Copies of its factors in float32. */
    copiesOfFactors?(options: O, defaultCopies: number): number;
    /** Copies of X and what belongs to it in float32. */
    readonly copiesOfData?: number;
  };
}

/** Its step is a graph, which the engine compiles; several runs can go side by side. */
interface GraphSteps<O extends NamedSolverOptions> {
  readonly steps: 'graph';
  program(model: Model, options: O, variables: ObjectiveVariables, observations: Observations): SolverProgram;
  /** Updates of W and of the biases of rows alone, H as it is, where they are not those of both with what it does to H left out. */
  programOfRows?(model: Model, options: O, variables: ObjectiveVariables, observations: Observations): SolverProgram;
  /**
   * When W is done where H is fixed: when it is `still`, when it is `stationary` (of a solver whose result rests while it is on
   * its way), or at the end of its schedule.
   */
  readonly rests: 'still' | 'stationary' | 'scheduled';
}

/** It is driven from here, one run at a time. */
interface OwnSteps<O extends NamedSolverOptions> {
  readonly steps: 'own';
  build(
    model: Model,
    options: O,
    observations: Observations,
    rank: number,
    device: DeviceChoice,
  ): CompiledSolver | Promise<CompiledSolver>;
  /** Why there is one run at a time, in a sentence. */
  readonly oneAtATime: string;
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

/** That a penalty of the model is none of those that a solver knows; undefined where all are. */
export function unknownPenalty(
  penalties: Model['penalties'],
  known: readonly PenaltyName[],
  factors: readonly ('W' | 'H')[] = ['W', 'H'],
): string | undefined {
  const unknown = penaltyNames.find(
    (name) => !known.includes(name) && factors.some((factor) => penalties[factor][name] > 0),
  );
  return unknown && `it does not know ${penaltyRecord(unknown).weight.noun.replace(/y$/, 'ie')}s`;
}
