import type { Node } from '../engine/graph';
import type { FactorPenalty, Model } from './model';

/** The symbolic quantities that an objective is made of. */
export interface ObjectiveVariables {
  /** rows×columns. */
  X: Node;
  /** rows×columns of ones and zeros; absent when all entries are observed. */
  mask?: Node;
  /** rows×rank. */
  W: Node;
  /** rank×columns. */
  H: Node;
}

/** The part of the objective that has a gradient everywhere: Σ(X−WH)² over observed entries + λ_W ΣW² + λ_H ΣH². */
export function smoothObjective(model: Model, { X, mask, W, H }: ObjectiveVariables): Node {
  const residual = X.sub(W.matmul(H));
  const loss = (mask ? residual.mul(mask) : residual).square().sum();
  return withRidge(withRidge(loss, W, model.penalties.W), H, model.penalties.H);
}

/** The whole objective: the smooth part + μ_W Σ|W| + μ_H Σ|H|. */
export function fullObjective(model: Model, variables: ObjectiveVariables): Node {
  const smooth = smoothObjective(model, variables);
  return withLasso(withLasso(smooth, variables.W, model.penalties.W), variables.H, model.penalties.H);
}

function withRidge(cost: Node, factor: Node, { l2 }: FactorPenalty): Node {
  return l2 > 0 ? cost.add(factor.square().sum().mul(l2)) : cost;
}

function withLasso(cost: Node, factor: Node, { l1 }: FactorPenalty): Node {
  return l1 > 0 ? cost.add(factor.abs().sum().mul(l1)) : cost;
}
