import type { Node } from '../engine/graph';
import { lossOf } from './losses/losses';
import type { Model } from './model';
import { kinkedPenalty, smoothPenalty } from './penalties';

/** The symbolic quantities that an objective is made of. */
export interface ObjectiveVariables {
  /** rows×columns. */
  X: Node;
  /** rows×columns of weights, 0 where nothing was observed; absent when all entries count alike. */
  weights?: Node;
  /** rows×rank. */
  W: Node;
  /** rank×columns. */
  H: Node;
}

/** Σ weight·loss. */
export function lossTerm(model: Model, { X, weights, W, H }: ObjectiveVariables): Node {
  const entries = lossOf(model.loss).entries(X, W.matmul(H), model.loss);
  return (weights ? entries.mul(weights) : entries).sum();
}

/** The part of the objective that has a gradient: the loss and the smooth penalties. */
export function smoothObjective(model: Model, variables: ObjectiveVariables): Node {
  return lossTerm(model, variables)
    .add(smoothPenalty(variables.W, model.penalties.W))
    .add(smoothPenalty(variables.H, model.penalties.H));
}

/** All penalties of both factors. */
export function penaltyTerm({ penalties }: Model, W: Node, H: Node): Node {
  return smoothPenalty(W, penalties.W)
    .add(smoothPenalty(H, penalties.H))
    .add(kinkedPenalty(W, penalties.W, 'W'))
    .add(kinkedPenalty(H, penalties.H, 'H'));
}

/** The whole objective: the loss and all penalties. */
export function fullObjective(model: Model, variables: ObjectiveVariables): Node {
  return lossTerm(model, variables).add(penaltyTerm(model, variables.W, variables.H));
}
