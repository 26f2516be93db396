import { maximum, norm, type Node, type Operand } from '../../engine';
import type { Constraint } from '../../model/constraints';
import type { FactorPenalty } from '../../model/penalties';
import type { FactorName } from '../objective/penalties';
import { hasKink, proximal } from '../objective/proximal';

const smallestStep = 1e-30;

/**
 * ‖F‖·‖G_F‖. Where nothing has a kink G_F is the gradient; else it is the proximal gradient mapping (F − F⁺)/step, which
 * is zero where no step improves. The step must not be so short that F − F⁺ drowns in rounding.
 */
export function slope(
  factor: Node,
  gradient: Node,
  step: Operand,
  penalty: FactorPenalty,
  constraint: Constraint,
  name: FactorName,
): Node {
  if (!hasKink(penalty, constraint)) return norm(factor).mul(norm(gradient));
  const length = maximum(step, smallestStep);
  const next = proximal(factor.sub(gradient.mul(length)), length, penalty, constraint, name);
  return norm(factor).mul(norm(factor.sub(next)).div(length));
}
