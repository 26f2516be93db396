import { equal, maximum, minimum, where, type Node } from '../../engine';
import type { Model } from '../../model/model';
import { componentPenalty, penaltyDegree, type FactorName } from '../objective/penalties';

/** A component is not scaled by more than this at once. */
const maxScale = 1e3;

/**
 * The scales c (1×rank) for which W·c and H/c, which have the same product, have the smallest penalties: with penalties
 * a·c^p of W's component and b·c^−q of H's, c = (qb/pa)^(1/(p+q)). Alternating steps find this balance very slowly where
 * the penalties are light. Undefined where there is nothing to balance or a constraint ties the scale down.
 */
export function balancingScale({ penalties, constraints }: Model, W: Node, H: Node): Node | undefined {
  const p = penaltyDegree(penalties.W);
  const q = penaltyDegree(penalties.H);
  const names: readonly FactorName[] = ['W', 'H'];
  const free = names.every((name) => constraints[name].kind === 'none' || constraints[name].kind === 'non-negative');
  if (p === undefined || q === undefined || !free) return undefined;
  const a = componentPenalty(W, penalties.W, 'W').mul(p);
  const b = componentPenalty(H, penalties.H, 'H').mul(q).T;
  const scale = b.div(where(equal(a, 0), 1, a)).pow(1 / (p + q));
  // A component that is zero on either side has no scale.
  return where(equal(a.mul(b), 0), 1, minimum(maximum(scale, 1 / maxScale), maxScale));
}
