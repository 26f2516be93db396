import { greater, maximum, minimum, sign, where } from '../engine/functions';
import type { Node, Operand } from '../engine/graph';
import type { Constraint, FactorPenalty } from './model';
import { componentAxis, type FactorName } from './penalties';

/** Keeps 0/0 from arising where a norm is zero. */
const smallestNorm = 1e-30;

/** Newton steps to the threshold of the simplex projection; each either ends or leaves out more entries. */
const simplexSteps = 16;

/** Whether a factor has anything that a plain gradient step does not see to. */
export const hasKink = ({ l1, group }: FactorPenalty, { kind }: Constraint): boolean =>
  l1 > 0 || group > 0 || kind !== 'none';

/**
 * The proximal operator argmin_P ½‖P − F‖² + step·(l1·Σ|P| + group·Σ_k‖component k of P‖) over the P that the constraint
 * allows. The parts compose in this order (Yu 2013, “On decomposing the proximal map”); pairs that do not compose are
 * refused with the settings. L1 zeros come out as zeros.
 */
export function proximal(
  factor: Node,
  step: Operand,
  { l1, group }: FactorPenalty,
  constraint: Constraint,
  name: FactorName,
): Node {
  let result = factor;
  const threshold = (weight: number): Node | number => (typeof step === 'number' ? step * weight : step.mul(weight));
  if (constraint.kind === 'non-negative') {
    result = maximum(l1 > 0 ? result.sub(threshold(l1)) : result, 0);
  } else if (l1 > 0) {
    result = sign(result).mul(maximum(result.abs().sub(threshold(l1)), 0));
  }
  if (constraint.kind === 'box') result = minimum(maximum(result, constraint.least), constraint.most);
  const norms = (): Node => maximum(result.norm(componentAxis[name], { keepDims: true }), smallestNorm);
  if (group > 0) {
    const kept = norms();
    result = result.mul(maximum(kept.sub(threshold(group)), 0).div(kept));
  }
  if (constraint.kind === 'unit-norm') result = result.div(maximum(norms(), 1));
  if (constraint.kind === 'simplex') result = ontoSimplex(result);
  return result;
}

/**
 * Every row's nearest point on the simplex: max(f − τ, 0) with τ such that the row sums to 1. τ is the root of a convex,
 * piecewise linear function; Newton's method from the left reaches it in finitely many steps (Condat 2016, sec. 3).
 */
function ontoSimplex(factor: Node): Node {
  const along = { keepDims: true } as const;
  let threshold = factor.max(1, along).sub(1);
  for (let step = 0; step < simplexSteps; step++) {
    const inside = greater(factor, threshold);
    const count = maximum(where(inside, 1, 0).sum(1, along), 1);
    threshold = where(inside, factor, 0).sum(1, along).sub(1).div(count);
  }
  const clipped = maximum(factor.sub(threshold), 0);
  return clipped.div(maximum(clipped.sum(1, along), smallestNorm));
}
