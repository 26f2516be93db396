/**
 * A model says what is minimised; a solver's options say how; stopping says for how long.
 * All three are plain data, so that they cross process borders and are saved with a result.
 */

/** What an entry x of X costs when the model says y, (WH) there. Each is 0 at a perfect fit, and none is halved or averaged. */
export type Loss =
  /** (x−y)². */
  | { kind: 'squared' }
  /** |x−y|. */
  | { kind: 'absolute' }
  /**
   * (x−y)² up to |x−y| = δ, 2δ|x−y| − δ² beyond: outliers pull with a bounded force. δ > 0, in X's units; with `fromData` it is
   * what was found in the data, and 0 before that.
   */
  | { kind: 'huber'; delta: number; fromData?: true }
  /** x·ln(x/y) − x + y, with 0·ln 0 = 0; solvers shift both by 1e-7 of the data's mean. X ≥ 0, both factors non-negative. */
  | { kind: 'kullback-leibler' }
  /** x/y − ln(x/y) − 1; solvers shift both by 1e-7 of the data's mean. X > 0, both factors non-negative. */
  | { kind: 'itakura-saito' }
  /** Counts whose expectation is exp(y): exp(y) − x·y + x·ln x − x. X ≥ 0. */
  | { kind: 'poisson' }
  /** Probabilities 1/(1+exp(−y)): ln(1+exp(y)) − x·y, less its least value in y. 0 ≤ X ≤ 1. */
  | { kind: 'logistic' };

/**
 * Weights of one factor's penalties, all ≥ 0. A component is a column of W, a row of H.
 * `l1`·Σ|F| + `l2`·ΣF² + `group`·Σ_k‖component k‖ (L2,1: switches off whole components)
 * + `smooth`·Σ(difference of neighbours in a component)² + `orthogonal`·Σ_{k≠l}⟨component k, component l⟩².
 */
export interface FactorPenalty {
  l1: number;
  l2: number;
  group: number;
  smooth: number;
  orthogonal: number;
}

/** What a factor's entries may be. */
export type Constraint =
  | { kind: 'none' }
  | { kind: 'non-negative' }
  /** Every entry from `least` to `most`. */
  | { kind: 'box'; least: number; most: number }
  /** Every component has a Euclidean norm of at most 1, as in dictionary learning; it may have to be non-negative as well. */
  | { kind: 'unit-ball'; nonNegative: boolean }
  /** Every component has a Euclidean norm of exactly 1, which is no convex set; it may have to be non-negative as well. */
  | { kind: 'unit-norm'; nonNegative: boolean }
  /** Every row is non-negative and sums to 1: memberships in W, distributions in H. */
  | { kind: 'simplex' };

/**
 * The objective: Σ weight·loss over observed entries, plus the penalties of W and H, subject to their constraints.
 * It is a sum, neither halved nor averaged, so a penalty's meaning does not change with the data's size.
 */
export interface Model {
  loss: Loss;
  penalties: { W: FactorPenalty; H: FactorPenalty };
  constraints: { W: Constraint; H: Constraint };
  /**
   * Adds to (WH)ij the mean of the observed entries (under a loss with a link, the y whose expectation it is), a number of
   * row i and one of column j, with the penalty l2·Σb² on the latter two; absent where the model has none.
   */
  biases?: { l2: number };
  /**
   * Penalties of W and H whose weights are for data of standard deviation 1, so that they mean the same in any unit: those
   * of the data come from it. Never in a result.
   */
  relative?: readonly (keyof FactorPenalty)[];
}

/**
 * Whether the objective or a constraint tells components apart from their mixtures W·Q, Qᵀ·H with Q orthogonal. Otherwise
 * only the space that components span is determined: the loss, L2 and smoothness penalties are the same for all mixtures.
 */
export const hasOwnComponents = ({ penalties, constraints }: Pick<Model, 'penalties' | 'constraints'>): boolean =>
  [penalties.W, penalties.H].some(({ l1, group, orthogonal }) => l1 > 0 || group > 0 || orthogonal > 0) ||
  [constraints.W, constraints.H].some(({ kind }) => kind !== 'none');

/** Whether an L2 penalty may be chosen for a model: least squares that nothing else penalises, with or without signs. */
export const mayChooseRidge = ({ loss, penalties, constraints, biases }: Model): boolean =>
  loss.kind === 'squared' &&
  !biases &&
  [penalties.W, penalties.H].every((penalty) => Object.values(penalty).every((weight: number) => weight === 0)) &&
  [constraints.W, constraints.H].every(({ kind }) => kind === 'none' || kind === 'non-negative');

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

/**
 * Accelerated block proximal gradient: W with H fixed, then H with W fixed, each by `inner` accelerated proximal steps
 * with adaptive restart (NeNMF: Guan et al. 2012; O’Donoghue & Candès 2015). Never raises the objective.
 */
export interface AcceleratedOptions {
  id: 'apg';
  inner: number;
}

/**
 * Hierarchical alternating least squares (Cichocki & Phan 2009) for the squared loss on full data: component by component,
 * each to its exact minimum, `sweeps` times for each factor. Never raises the objective.
 */
export interface HalsOptions {
  id: 'hals';
  sweeps: number;
}

/**
 * L-BFGS (Nocedal 1980) on both factors at once, for models that are smooth and have no constraints; it remembers the last
 * `memory` steps. Never raises the objective.
 */
export interface LbfgsOptions {
  id: 'lbfgs';
  memory: number;
}

/** Multiplicative updates for non-negative factors under a β-divergence (Févotte & Idier 2011). Never raises the objective. */
export interface MultiplicativeOptions {
  id: 'mu';
}

/** Adam (Kingma & Ba 2015) on both factors at once, its rate relative to the factors' root mean square; penalties and constraints by their proximal step. */
export interface AdamOptions {
  id: 'adam';
  rate: number;
}

/** Gradient descent with momentum (Polyak 1964): F ← F − rate·g/L + momentum·(last step), L a bound on the curvature. */
export interface MomentumOptions {
  id: 'momentum';
  rate: number;
  momentum: number;
}

/** The truncated singular value decomposition: the minimum itself of the squared loss on full data, without penalties and constraints. */
export interface SingularOptions {
  id: 'svd';
}

/**
 * Alternating least squares: W with H fixed, then H with W fixed, each the minimum of a quadratic in every row by itself,
 * found by at most `inner` preconditioned conjugate-gradient steps from where the factor is (Takács, Pilászy & Tikk
 * 2011). Never raises the objective.
 */
export interface AlternatingOptions {
  id: 'als';
  inner: number;
}

/**
 * Iteratively reweighted least squares for the absolute loss: weighted squares that touch it from above, minimised in W and
 * then in H by at most `inner` conjugate-gradient steps, while the smoothing of its kinks shrinks. Never raises the objective.
 */
export interface ReweightedOptions {
  id: 'irls';
  inner: number;
}

/** A solver with its options. */
export type NamedSolverOptions =
  | NormalizedGradientOptions
  | AcceleratedOptions
  | HalsOptions
  | LbfgsOptions
  | MultiplicativeOptions
  | AdamOptions
  | MomentumOptions
  | SingularOptions
  | AlternatingOptions
  | ReweightedOptions;

/** `auto` lets the model decide; a result records what it became. */
export type SolverOptions = NamedSolverOptions | { id: 'auto' };

/** A run stops at whichever comes first. */
export interface Stopping {
  /** Iterations of one restart. */
  iterations: number;
  /**
   * The run has converged once Σ_F ‖F‖·‖G_F‖ ≤ √tolerance · max(min(objective, baseline), 0.001·baseline), where G_F is the gradient of the
   * objective in F = W, H (with a penalty or constraint that has a kink, its proximal gradient mapping; where an iteration begins, which under
   * `apg` and `hals` is a point moved on by momentum) and the baseline
   * the objective of a constant model (for the squared loss, ΣX²), the objective alone where the factors cannot be zero. Near an optimum the objective's distance from it falls
   * with the square of the gradient, so the tolerance is about that distance as a fraction of the objective. Unlike a test
   * on the last change it does not take short steps for convergence. 0 turns it off. Under `irls` the slope is, once the
   * absolute loss is smoothed no more than it will ever be, 10·√(objective · d), with d what the smoothed objective's
   * majorising quadratics in W and in H can still be lowered by: it has converged where that is a hundredth of the
   * tolerance's part of the objective.
   */
  tolerance: number;
  /**
   * Seconds for all of the computing, at most half of them for choosing a rank: what runs then ends with what it has. No
   * limit where absent. With one, the same seed need not give the same result.
   */
  seconds?: number;
}

/**
 * Why a restart ended: it converged, its objective no longer changed in the digits of float32 (`precision`), the iterations
 * or the time ran out, the user stopped it, or the factors ceased to be finite (the last finite ones are kept).
 */
export type StopReason = (typeof stopReasons)[number];

export const stopReasons = ['converged', 'precision', 'iterations', 'time', 'stopped', 'diverged'] as const;

/** Why `auto` became what it became; the settings of a result hold the solver itself. */
export interface SolverChoice {
  solver: NamedSolverOptions;
  reason: string;
}

export const noPenalty: FactorPenalty = { l1: 0, l2: 0, group: 0, smooth: 0, orthogonal: 0 };
export const unconstrained: Constraint = { kind: 'none' };

export const defaultModel: Model = {
  loss: { kind: 'squared' },
  penalties: { W: noPenalty, H: noPenalty },
  constraints: { W: unconstrained, H: unconstrained },
};

export const normalizedGradient: NormalizedGradientOptions = {
  id: 'ngd',
  rate: 0.1,
  schedule: 'cosine',
  stepLength: 'relative',
};

/** Where a step takes its Gram form it is cheap beside what the block begins with, so many pay. */
export const accelerated: AcceleratedOptions = { id: 'apg', inner: 20 };

/** From the last iteration's factors a few steps come as near as exact solving would. */
export const alternating: AlternatingOptions = { id: 'als', inner: 5 };

/** Up to a rank of so many every quadratic is solved. */
export const reweighted: ReweightedOptions = { id: 'irls', inner: 10 };

/** Every solver as it is unless something else is asked for. */
export const namedSolvers: { readonly [K in NamedSolverOptions['id']]: Extract<NamedSolverOptions, { id: K }> } = {
  apg: accelerated,
  hals: { id: 'hals', sweeps: 2 },
  mu: { id: 'mu' },
  lbfgs: { id: 'lbfgs', memory: 10 },
  als: alternating,
  irls: reweighted,
  svd: { id: 'svd' },
  ngd: normalizedGradient,
  adam: { id: 'adam', rate: 0.3 },
  momentum: { id: 'momentum', rate: 0.5, momentum: 0.9 },
};

export const solverIds: readonly SolverOptions['id'][] = [
  'auto',
  ...(Object.keys(namedSolvers) as NamedSolverOptions['id'][]),
];

export const defaultSolver: SolverOptions = { id: 'auto' };

/** Proposed where none is asked for. */
export const usualRank = 10;

/** The highest rank at which something of data with this smaller side is left to learn: at the side W·H is X itself. */
export const mostTelling = (side: number): number => Math.max(1, side - 1);

export const defaultStopping: Stopping = { iterations: 500, tolerance: 1e-5 };

/** How ranks are compared by what they make of entries that were held out. */
export interface RankSearch {
  /** Repetitions, each with other entries held out. */
  folds: number;
  /** Of the observed entries, held out in each. */
  fraction: number;
  /** Highest rank to try. */
  most: number;
}

export const defaultRankSearch: RankSearch = { folds: 5, fraction: 0.1, most: 64 };
