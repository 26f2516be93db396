import type { Foretelling, RankPoint } from './rank/findings';
import type { Factorization } from './result';
import type { Factors } from './factors';
import type { NamedSolverOptions } from '../model/solvers';
import type { Observations } from './observations';
import type { PreparationStep } from '../model/preparation';
import type { Entries } from './rank/held-out';
import type { RankControl } from './rank/selection';
import type { FactorizationSettings } from '../model/settings';
import type { RestartsSoFar, TraceRecorder } from './runs/trace';

/** Where an earlier run goes on from. */
export interface Continuation {
  /** The result so far; its best restart is continued, the others keep their traces. */
  from: Factorization;
}

/** One run to make. */
export interface PlannedRun {
  /** Its place among the restarts. */
  index: number;
  seed: number;
  /** Iterations made before, by a run that this one goes on from. */
  done: number;
  recorder: TraceRecorder;
  start(): Factors;
}

export interface Plan {
  /** With the solver itself where `auto` was asked for. */
  settings: FactorizationSettings & { solver: NamedSolverOptions };
  /** Why `auto` chose it; absent where it was asked for by name. */
  solverReason?: string;
  /** What stands before the first run. */
  soFar: RestartsSoFar | null;
  runs: PlannedRun[];
  warnings: string[];
}

/** What the runs are made of, once entries are held out and the data have settled what was left to them. */
export interface Chosen {
  settings: FactorizationSettings;
  /** Without what is held out. */
  observations: Observations;
  /** What is held out; absent where nothing is. */
  heldOut?: Entries;
  /** The ranks that were compared; absent where the rank was given. */
  rankCurve?: RankPoint[];
  /** Where entries are missing. */
  foretelling?: Foretelling;
  warnings: string[];
}

/** How a job comes to its runs: from random starts, or from an earlier result. */
export interface Planner {
  /** What the result is asked to be. */
  readonly asked: FactorizationSettings;
  /** Why its rank is lower than the one proposed; absent where it is not. */
  readonly rankReason?: string;
  /** Whether ranks are compared in this job. */
  readonly comparesRanks: boolean;
  /** Whether components are to be orthogonal at the end, though the solver may not make them so by itself. */
  readonly orthogonal: boolean;
  /**
   * Whether it can be done.
   * @returns what the user should know
   * @throws SettingsError
   */
  check(): string[];
  /** What is done to X beforehand. */
  measure(raw: Observations): { steps: readonly PreparationStep[]; warnings: string[] };
  /** @param prepared all observations, prepared */
  choose(prepared: Observations, control: RankControl): Promise<Chosen>;
  plan(chosen: Chosen, signal: AbortSignal): Promise<Plan>;
}
