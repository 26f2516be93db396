import { add, div, maximum, minimum } from '../../engine/functions';
import type { Node } from '../../engine/graph';
import { lossOf } from '../losses/losses';
import type { Model } from '../model';
import { penaltyCurvature, type FactorName } from '../penalties';

/** Keeps 0/0 from arising for a factor of zeros. */
const smallest = 1e-30;

/** Keeps the vector positive, where a component has vanished. */
const smallestShare = 1e-3;

/** Products by |G| that bring the positive vector near the leading one. */
const products = 6;

/**
 * An upper bound on the largest eigenvalue of a symmetric positive semidefinite matrix G: the smaller of ‖G‖_F and, for a
 * positive vector v, max_i (|G|v)_i/v_i (Collatz 1942). The second is tight where G is non-negative, as it is under NMF.
 * Unlike a power iteration's estimate neither is ever below, so a step of the inverse is never too long.
 */
export function spectralBound(gram: Node): Node {
  const absolute = gram.abs();
  let vector = absolute.sum(1, { keepDims: true }).add(smallest);
  for (let k = 1; k < products; k++) {
    const next = absolute.matmul(vector);
    vector = next.div(maximum(next.max(), smallest)).add(smallestShare);
  }
  return minimum(gram.norm(), absolute.matmul(vector).div(vector).max());
}

/**
 * A Lipschitz constant of the smooth objective's gradient in one factor, the other fixed: κ·max(weight)·‖HHᵀ‖ in W, with
 * κ the loss's greatest second derivative, and what the smooth penalties add.
 */
export function lipschitzConstant(model: Model, name: FactorName, other: Node, weights: Node | undefined): Node {
  const gram = name === 'W' ? other.matmul(other.T) : other.T.matmul(other);
  const loss = spectralBound(gram).mul(lossOf(model.loss).curvature);
  return maximum(add(weights ? loss.mul(weights.max()) : loss, penaltyCurvature(model.penalties[name])), smallest);
}

export const inverse = (x: Node): Node => div(1, x);
