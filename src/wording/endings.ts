import type { StopReason } from '../model/stopping';

/** Why a run ended, in a table of runs. */
export const endings: Readonly<Record<StopReason, string>> = {
  converged: 'converged',
  precision: 'as far as float32 goes',
  iterations: 'iteration limit',
  time: 'time limit',
  stopped: 'stopped',
  diverged: 'diverged',
};
