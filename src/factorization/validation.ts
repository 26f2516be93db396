import type { Dataset } from '../data/dataset';
import { SettingsError } from './errors';
import type { Factorization, FactorizationSettings } from './factorization';

/** @throws SettingsError naming the setting, what is wrong with it, and the remedy */
export function checkSettings(settings: FactorizationSettings, dataset: Dataset): void {
  const { model, solver, stopping, rank, restarts, seed } = settings;
  requireWhole('rank', rank, 1);
  requireWhole('restarts', restarts, 1);
  requireWhole('iterations', stopping.iterations, 0);
  requireWhole('seed', seed, 0);
  requireNonNegative('tolerance', stopping.tolerance);
  for (const factor of ['W', 'H'] as const) {
    requireNonNegative(`L1 penalty of ${factor}`, model.penalties[factor].l1);
    requireNonNegative(`L2 penalty of ${factor}`, model.penalties[factor].l2);
  }
  if (!(Number.isFinite(solver.rate) && solver.rate > 0)) {
    throw new SettingsError(`The rate is ${solver.rate}; give a number above 0, such as 0.1.`);
  }
  if (dataset.missing === dataset.rows * dataset.columns) {
    throw new SettingsError(`${dataset.source.name}: every entry is missing, so there is nothing to factorize.`);
  }
}

/** @throws SettingsError when the data are not those that the earlier result came from */
export function checkContinuation(from: Factorization, dataset: Dataset): void {
  const { name } = dataset.source;
  if (from.rows !== dataset.rows || from.columns !== dataset.columns) {
    throw new SettingsError(
      `${name} is now ${dataset.rows} × ${dataset.columns}, but the result to continue came from ${from.rows} × ${from.columns}; factorize it anew.`,
    );
  }
  if (from.source.sha256 !== dataset.source.sha256) {
    throw new SettingsError(`${name} has changed since this result was made; factorize it anew.`);
  }
}

function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new SettingsError(`The ${name} is ${value}; give a whole number of at least ${least}.`);
}

function requireNonNegative(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new SettingsError(`The ${name} is ${value}; give a number of at least 0.`);
}
