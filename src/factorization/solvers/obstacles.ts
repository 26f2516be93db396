import { lossOf } from '../losses/losses';
import type { Model } from '../../model/model';
import { penaltyNames, penaltyRecord, type PenaltyName } from '../../model/penalties';
import { hasKink } from '../proximal';
import { hasBoundedCurvature } from './curvature';

/** Why multiplicative updates cannot minimise a model; undefined when they can. */
export function multiplicativeObstacle({ loss, penalties, constraints }: Model): string | undefined {
  if (!lossOf(loss).multiplicative) return `it does not know the ${loss.kind} loss`;
  if (constraints.W.kind !== 'non-negative' || constraints.H.kind !== 'non-negative') {
    return 'it needs both factors to be non-negative, and nothing else of them';
  }
  const unknown = unknownPenalty(penalties, ['l1', 'l2']);
  if (unknown !== undefined) return unknown;
  if (loss.kind !== 'squared' && (penalties.W.l2 > 0 || penalties.H.l2 > 0)) {
    return `with the ${loss.kind} loss it does not know L2 penalties`;
  }
  return undefined;
}

/** Why hierarchical alternating least squares cannot minimise a model; undefined when it can. */
export function halsObstacle({ loss, penalties, constraints }: Model): string | undefined {
  if (loss.kind !== 'squared') return `it knows the squared loss alone, not the ${loss.kind} loss`;
  if (constraints.W.kind === 'simplex' || constraints.H.kind === 'simplex') {
    return 'a simplex constraint ties together the components that it takes one by one';
  }
  return unknownPenalty(penalties, ['l1', 'l2', 'group']);
}

/** Why a model is none for momentum, whose steps have a known length; undefined when it is. */
export function momentumObstacle(model: Model): string | undefined {
  if (!Number.isFinite(lossOf(model.loss).curvature)) {
    return `it needs a loss of bounded curvature, which ${model.loss.kind} is not`;
  }
  return (['W', 'H'] as const).every((name) => hasBoundedCurvature(model, name))
    ? undefined
    : 'an orthogonality penalty has no bounded curvature, of which its steps take their length';
}

/** Why iteratively reweighted least squares cannot minimise a model; undefined where it can. */
export function reweightedObstacle({ loss, penalties, constraints, biases }: Model): string | undefined {
  if (loss.kind !== 'absolute') return `it knows the absolute loss alone, not the ${loss.kind} loss`;
  for (const name of ['W', 'H'] as const) {
    if (unknownPenalty(penalties, ['l1', 'l2'], [name]) !== undefined)
      return 'of the penalties it knows L1 and L2 alone';
    if (!['none', 'non-negative', 'box'].includes(constraints[name].kind))
      return 'of the constraints it knows non-negativity and boxes alone';
  }
  return biases ? 'it knows no biases' : undefined;
}

/** That a penalty of the model is none of those that a solver knows; undefined where all are. */
function unknownPenalty(
  penalties: Model['penalties'],
  known: readonly PenaltyName[],
  factors: readonly ('W' | 'H')[] = ['W', 'H'],
): string | undefined {
  const unknown = penaltyNames.find(
    (name) => !known.includes(name) && factors.some((factor) => penalties[factor][name] > 0),
  );
  return unknown && `it does not know ${penaltyRecord(unknown).weight.noun.replace(/y$/, 'ie')}s`;
}

/** Why L-BFGS cannot minimise a model; undefined when it can. */
export function lbfgsObstacle({ loss, penalties, constraints }: Model): string | undefined {
  if (loss.kind === 'absolute') return 'the absolute loss has kinks';
  if (hasKink(penalties.W, constraints.W) || hasKink(penalties.H, constraints.H)) {
    return 'it needs a model without constraints and without L1 or group penalties';
  }
  return undefined;
}
