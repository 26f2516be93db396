import type { RankSearch, RunSettings } from './run';
import type { Model } from './model';
import type { SolverOptions } from './solvers';
import type { Stopping } from './stopping';
import type { Preparation } from './preparation';
import type { StartKind } from './starts';

/**
 * What was asked of a factorization, beside the options of {@link RunSettings} for which a number or a name is all: with the
 * same data, seed and device it gives the same result.
 */
export interface FactorizationSettings extends RunSettings {
  model: Model;
  /** What is done to X beforehand; nothing where absent. */
  preparation?: Preparation;
  solver: SolverOptions;
  stopping: Stopping;
  /** The rank is our proposal, which the data may lower. Absent in a result, and where the rank was asked for. */
  rankProposed?: true;
  /** Where the runs begin; `random` where absent. */
  start?: StartKind;
  /** Where entries are missing and nothing is penalised, an L2 penalty of both factors is chosen by held-out entries. */
  ridge?: 'held-out';
  /** How the rank is chosen; `rank` is then what was chosen, and before that without meaning. */
  rankSearch?: RankSearch;
}

/** Settings that cannot be used with these data. The message names the setting and the remedy; it is shown to the user as it stands. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
