import {
  type NamedSolverOptions,
  namedSolvers,
  type AcceleratedOptions,
  type SolverOptions,
} from '../../model/solvers';
import { accelerated, inFewSteps } from './accelerated';
import { adam } from './adam';
import { alternating } from './alternating';
import type { SolverDeclaration, SolverChoice } from './solver';
import { hals } from './hals';
import { lbfgs } from './lbfgs';
import { momentum } from './momentum';
import { multiplicative } from './multiplicative';
import { normalizedGradient } from './normalized-gradient';
import { reweighted } from './reweighted';
import { singular } from './singular';
import { lossOf } from '../objective/losses';
import type { Model } from '../../model/model';
import { hasBoundedCurvature } from './step-length';

export const solvers: {
  readonly [K in NamedSolverOptions['id']]: SolverDeclaration<Extract<NamedSolverOptions, { id: K }>>;
} = {
  apg: accelerated,
  hals,
  mu: multiplicative,
  lbfgs,
  als: alternating,
  irls: reweighted,
  svd: singular,
  ngd: normalizedGradient,
  adam,
  momentum,
};

/** The declaration of a solver, as seen from any solver's options. */
export const solverOf = ({ id }: NamedSolverOptions): SolverDeclaration<NamedSolverOptions> => solvers[id];

/** Inner steps where they take their Gram form, at least. */
const minSteps = 8;

/**
 * An inner step in Gram form multiplies a factor by an r×r matrix, and what an iteration begins with takes products of X,
 * whose m columns (or n rows) are mostly many more than r: then many steps pay. They do not where components are about as
 * many as columns, as in a dictionary: of 100 components for 64 columns, 8 steps an iteration take two thirds of the time
 * of 20 to the same objective.
 */
const inGramForm = ({ rows, columns, rank }: Extent): AcceleratedOptions => ({
  ...namedSolvers.apg,
  inner: Math.min(namedSolvers.apg.inner, Math.max(minSteps, Math.round((5 * Math.min(rows, columns)) / rank))),
});

/** How large a factorization is. */
export interface Extent {
  rows: number;
  columns: number;
  rank: number;
}

/** The solver itself: the one asked for where these data allow it, or the one that suits them and the model, and why. */
export function chooseSolver(
  solver: SolverOptions,
  model: Model,
  weighted: boolean,
  extent: Extent,
): NamedSolverOptions | SolverChoice {
  if (solver.id !== 'auto') return (weighted ? solverOf(solver).onPartialData : undefined) ?? solver;
  const canAlternate = solvers.als.refuses(model) === undefined;
  if (model.biases && !canAlternate) {
    return {
      solver: inFewSteps,
      reason:
        'With the rest fixed, the biases have a curvature of their own, at most that of the loss, so that each takes the longest step that cannot raise the objective; so do the factors.',
    };
  }
  if (model.biases) {
    return {
      solver: namedSolvers.als,
      reason:
        'With the rest fixed, the squared loss is a quadratic in each row and its bias, which least squares solves.',
    };
  }
  if (weighted && canAlternate) {
    return {
      solver: namedSolvers.als,
      reason:
        'Entries are missing or weighted, so that each row has a quadratic of its own, with the other factor fixed: least squares solves them all, where one step length for all would be too short for most.',
    };
  }
  if (model.loss.kind === 'absolute') {
    const refusal = solvers.irls.refuses(model);
    return refusal === undefined
      ? {
          solver: namedSolvers.irls,
          reason:
            'Under the absolute loss each entry’s residual lies under a parabola that touches it there, so that least squares with new weights in every iteration lower the objective, while the smoothing of its kinks shrinks.',
        }
      : {
          solver: namedSolvers.ngd,
          reason: `The absolute loss has a kink at every entry that fits, so steps must shrink by a schedule to settle; reweighted least squares cannot minimise this model, since ${refusal}.`,
        };
  }
  if (!Number.isFinite(lossOf(model.loss).curvature) && solvers.mu.refuses(model) === undefined) {
    return {
      solver: { id: 'mu' },
      reason: `The ${model.loss.kind} loss of non-negative factors curves without bound near zero, where multiplicative updates need no step length.`,
    };
  }
  const unbounded = (['W', 'H'] as const).filter((name) => !hasBoundedCurvature(model, name));
  if (unbounded.length > 0 && Number.isFinite(lossOf(model.loss).curvature)) {
    return {
      solver: model.loss.kind === 'squared' && !weighted ? inGramForm(extent) : inFewSteps,
      reason: `The orthogonality penalty of ${unbounded.join(' and ')} has no bounded curvature, so the length of each step there is found by trial.`,
    };
  }
  return {
    solver: model.loss.kind === 'squared' && !weighted ? inGramForm(extent) : inFewSteps,
    reason: Number.isFinite(lossOf(model.loss).curvature)
      ? `The ${model.loss.kind} loss has a bounded curvature, so every step has the longest length that cannot raise the objective, and momentum over whole iterations is undone where it would.`
      : `The ${model.loss.kind} loss has no bounded curvature, so the length of each step is found by trial.`,
  };
}
