import { lossOf } from '../losses/losses';
import type { Model } from '../model';
import { hasKink } from '../proximal';
import { hasBoundedCurvature } from './curvature';

/** Why multiplicative updates cannot minimise a model; undefined when they can. */
export function multiplicativeObstacle({ loss, penalties, constraints }: Model): string | undefined {
  if (!lossOf(loss).multiplicative) return `it does not know the ${loss.kind} loss`;
  if (constraints.W.kind !== 'non-negative' || constraints.H.kind !== 'non-negative') {
    return 'it needs both factors to be non-negative, and nothing else of them';
  }
  if (penalties.W.group > 0 || penalties.H.group > 0) return 'it does not know group penalties';
  const unseparable = tiedEntries(penalties);
  if (unseparable !== undefined) return unseparable;
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
  return tiedEntries(penalties);
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
    const { group, smooth, orthogonal } = penalties[name];
    if (group > 0 || smooth > 0 || orthogonal > 0) return 'of the penalties it knows L1 and L2 alone';
    if (!['none', 'non-negative', 'box'].includes(constraints[name].kind))
      return 'of the constraints it knows non-negativity and boxes alone';
  }
  return biases ? 'it knows no biases' : undefined;
}

/** The penalty that ties a factor's entries to each other, for solvers that take each by itself; undefined where none does. */
function tiedEntries({ W, H }: Model['penalties']): string | undefined {
  if (W.smooth > 0 || H.smooth > 0) return 'it does not know smoothness penalties';
  if (W.orthogonal > 0 || H.orthogonal > 0) return 'it does not know orthogonality penalties';
  return undefined;
}

/** Why L-BFGS cannot minimise a model; undefined when it can. */
export function lbfgsObstacle({ loss, penalties, constraints }: Model): string | undefined {
  if (loss.kind === 'absolute') return 'the absolute loss has kinks';
  if (hasKink(penalties.W, constraints.W) || hasKink(penalties.H, constraints.H)) {
    return 'it needs a model without constraints and without L1 or group penalties';
  }
  return undefined;
}
