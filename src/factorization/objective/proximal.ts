import {
  equal,
  greater,
  less,
  maximum,
  minimum,
  softThreshold,
  where,
  constant,
  type Node,
  type Operand,
} from '../../engine';
import type { Constraint } from '../../model/constraints';
import { isPenalisedBy, type FactorPenalty } from '../../model/penalties';
import { componentAxis, type FactorName } from './penalties';

/** Keeps 0/0 from arising where a norm is zero. */
const smallestNorm = 1e-30;

/** Newton steps to the threshold of the simplex projection; each either ends or leaves out more entries. */
const simplexSteps = 16;

/** Whether a factor has anything that a plain gradient step does not see to. */
export const hasKink = (penalty: FactorPenalty, constraint: Constraint): boolean =>
  isPenalisedBy(penalty, ({ kink }) => kink === true) || constraint.kind !== 'none';

/**
 * The proximal operator argmin_P ½‖P − F‖² + step·(l1·Σ|P| + group·Σ_k‖component k of P‖) over the P that the constraint
 * allows. The parts compose in this order (Yu 2013, “On decomposing the proximal map”), also on the sphere, where the norm
 * of P is given and what is left is the direction with the largest ⟨P, F⟩ − step·l1·Σ|P|; pairs that do not compose are
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
  const nonNegative =
    constraint.kind === 'unit-ball' || constraint.kind === 'unit-norm'
      ? constraint.nonNegative
      : constraint.kind === 'non-negative';
  if (nonNegative) {
    result = maximum(l1 > 0 ? result.sub(threshold(l1)) : result, 0);
  } else if (l1 > 0) {
    result = softThreshold(result, threshold(l1));
  }
  const norms = (): Node => maximum(result.norm(componentAxis[name], { keepDims: true }), smallestNorm);
  if (group > 0) {
    const kept = norms();
    result = result.mul(maximum(kept.sub(threshold(group)), 0).div(kept));
  }
  switch (constraint.kind) {
    case 'none':
    case 'non-negative':
      return result;
    case 'box':
      return minimum(maximum(result, constraint.least), constraint.most);
    case 'unit-ball':
      return result.div(maximum(norms(), 1));
    case 'unit-norm':
      return ontoSphere(result, factor, nonNegative, name);
    case 'simplex':
      return ontoSimplex(result);
  }
}

/**
 * Every component scaled to length 1. Where nothing is left of one after shrinking and clipping, the minimum over the
 * sphere is the unit vector along its largest entry, in size or, under non-negativity, in value; of equal ones the first.
 *
 * @param left what shrinking and clipping have left of the factor
 */
function ontoSphere(left: Node, factor: Node, nonNegative: boolean, name: FactorName): Node {
  const axis = componentAxis[name];
  const along = { keepDims: true } as const;
  // Entries of at most 1, whose squares neither overflow nor vanish.
  const largest = left.abs().max(axis, along);
  const scaled = left.div(where(equal(largest, 0), 1, largest));
  const unit = scaled.div(maximum(scaled.norm(axis, along), smallestNorm));

  const length = Number(factor.shape[axis]);
  const places = constant({
    data: Float32Array.from({ length }, (_, at) => at),
    shape: axis === 0 ? [length, 1] : [1, length],
  });
  const size = nonNegative ? factor : factor.abs();
  const first = where(equal(size, size.max(axis, along)), places, length).min(axis, along);
  const direction = nonNegative ? 1 : where(less(factor, 0), -1, 1);
  return where(equal(largest, 0), where(equal(places, first), direction, 0), unit);
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
