import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import type { NamedSolverOptions } from '../../model/solvers';
import type { ObjectiveVariables } from '../objective/objective';
import type { Observations } from '../observations';
import type { SolverProgram } from './program';
import type { CompiledSolver } from './solver';

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
    copiesOfFactors?(options: O, usual: number): number;
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
   * When W is done where H is fixed: when it is `still`, when its slope is `level` (of a solver whose result rests while it is on
   * its way), or at the end of its schedule.
   */
  readonly rests: 'still' | 'level' | 'scheduled';
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
