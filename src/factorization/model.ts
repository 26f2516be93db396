/**
 * A model says what is minimised; a solver's options say how; stopping says for how long.
 * All three are plain data, so that they cross process borders and are saved with a result.
 */

/** Weights of one factor's penalties: `l1`·Σ|F| + `l2`·ΣF². Both are ≥ 0. */
export interface FactorPenalty {
  l1: number;
  l2: number;
}

/**
 * The objective Σ(X−WH)² over observed entries, plus the penalties of W and H.
 * It is a sum, neither halved nor averaged, so a penalty's meaning does not change with the data's size.
 */
export interface Model {
  loss: 'squared';
  penalties: { W: FactorPenalty; H: FactorPenalty };
}

/**
 * How the rate of normalised gradient descent changes over iterations t = 0, 1, … of T planned:
 * - `constant`: β, the article's choice; it cannot settle, since every step has the same length;
 * - `inverse-sqrt`: β/√(t+1);
 * - `cosine`: ½β(1 + cos(πt/T)), which ends in steps of length zero;
 * - `adaptive`: a step that would raise the objective is undone and the rate halved, one that lowers it
 *   makes the next 10 % longer (the "bold driver"); the objective never rises.
 */
export type RateSchedule = 'constant' | 'inverse-sqrt' | 'cosine' | 'adaptive';

/**
 * The article's solver: F ← F − rate·s·g/‖g‖ for F in {W, H}, g the gradient of the objective in F.
 * With `relative` step length s = ‖F‖, so `rate` is a fraction of the factor's norm whatever the data's
 * units; with `absolute` s = 1, as in the article.
 */
export interface NormalizedGradientOptions {
  id: 'ngd';
  rate: number;
  schedule: RateSchedule;
  stepLength: 'relative' | 'absolute';
}

export type SolverOptions = NormalizedGradientOptions;

/** A run stops at whichever comes first. */
export interface Stopping {
  /** Iterations of one restart. */
  iterations: number;
  /**
   * The run has converged once Σ_F ‖F‖·‖G_F‖ ≤ √tolerance · ΣX², where G_F is the gradient of the objective in F = W, H (with
   * an L1 penalty, its proximal gradient mapping). Near an optimum the objective's distance from it falls with the square
   * of the gradient, so the tolerance is about that distance as a fraction of ΣX². Unlike a test on the last change it
   * does not take short steps for convergence. 0 turns it off.
   */
  tolerance: number;
}

/**
 * Why a restart ended: it converged, the iterations ran out, the user stopped it, or the factors
 * ceased to be finite (the last finite ones are kept).
 */
export type StopReason = 'converged' | 'iterations' | 'stopped' | 'diverged';

export const defaultModel: Model = {
  loss: 'squared',
  penalties: { W: { l1: 0, l2: 0 }, H: { l1: 0, l2: 0 } },
};

export const defaultSolver: SolverOptions = {
  id: 'ngd',
  rate: 0.1,
  schedule: 'cosine',
  stepLength: 'relative',
};

export const defaultStopping: Stopping = { iterations: 500, tolerance: 1e-5 };
