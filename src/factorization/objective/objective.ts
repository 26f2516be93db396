import { add, slice, take, unsqueeze, constant, type Node, type Operand, grad } from '../../engine';
import { lossOf } from './losses';
import type { Model } from '../../model/model';
import { kinkedPenalty, smoothPenalty, type FactorName } from './penalties';

/** The symbolic quantities that an objective is made of. */
export interface ObjectiveVariables {
  /** rows×columns; with `places`, a vector of the observed entries. */
  X: Node;
  /** As X: weights, 0 where nothing was observed; absent when all entries count alike. */
  weights?: Node;
  /** Row and column of each entry of X, which then is a vector. */
  places?: { rows: Node; columns: Node };
  /** rows×rank. */
  W: Node;
  /** rank×columns. */
  H: Node;
  /** What is added to (WH)ij: a number for all, and a vector of the rows and one of the columns. */
  biases?: { mean: number; rows: Node; columns: Node };
}

/** Some entries of X, what the model says of them, and their weights; all of one shape. */
export interface Modelled {
  X: Node;
  Y: Node;
  weights?: Node;
}

/**
 * Entries that are looked up at once at most: their rows of W and H take as much memory for each on a device that does not
 * go through them in blocks.
 */
const entriesAtOnce = 1 << 20;

/** All entries of X with what the model says of them, in one or more parts. */
export function modelled({ X, weights, places, W, H, biases }: ObjectiveVariables): Modelled[] {
  if (!places) {
    const product = W.matmul(H);
    const Y = biases ? product.add(biases.mean).add(unsqueeze(biases.rows, 1)).add(biases.columns) : product;
    return [{ X, Y, ...(weights && { weights }) }];
  }
  const length = Number(X.shape[0]);
  const columnsOfH = H.T;
  return Array.from({ length: Math.ceil(length / entriesAtOnce) }, (_, part) => {
    const [start, stop] = [part * entriesAtOnce, Math.min(length, (part + 1) * entriesAtOnce)];
    const cut = (vector: Node): Node => (stop - start === length ? vector : slice(vector, start, stop));
    const [row, column] = [cut(places.rows), cut(places.columns)];
    const product = take(W, row).mul(take(columnsOfH, column)).sum(1);
    const Y = biases ? product.add(biases.mean).add(take(biases.rows, row)).add(take(biases.columns, column)) : product;
    return { X: cut(X), Y, ...(weights && { weights: cut(weights) }) };
  });
}

/** Σ weight·f over all entries. */
export const weightedSum = (parts: readonly Modelled[], f: (part: Modelled) => Node): Node =>
  parts
    .map((part) => (part.weights ? f(part).mul(part.weights) : f(part)).sum())
    .reduce<Node>((sum, term) => add(sum, term), constant(0));

/** Σ weight·loss. */
export function lossTerm(model: Model, variables: ObjectiveVariables): Node {
  const { entries } = lossOf(model.loss);
  return weightedSum(modelled(variables), ({ X, Y }) => entries(X, Y, model.loss));
}

/** The part of the objective that has a gradient: the loss and the smooth penalties. */
export function smoothObjective(model: Model, variables: ObjectiveVariables): Node {
  return lossTerm(model, variables)
    .add(smoothPenalty(variables.W, model.penalties.W, 'W'))
    .add(smoothPenalty(variables.H, model.penalties.H, 'H'))
    .add(biasPenalty(model, variables));
}

/** The penalty of the biases; 0 where there are none. */
export function biasPenalty({ biases: penalty }: Model, { biases }: ObjectiveVariables): Operand {
  if (!biases || !penalty) return 0;
  return biases.rows.square().sum().add(biases.columns.square().sum()).mul(penalty.l2);
}

/** All penalties of both factors. */
export function penaltyTerm({ penalties }: Model, W: Node, H: Node): Node {
  return smoothPenalty(W, penalties.W, 'W')
    .add(smoothPenalty(H, penalties.H, 'H'))
    .add(kinkedPenalty(W, penalties.W, 'W'))
    .add(kinkedPenalty(H, penalties.H, 'H'));
}

/** The whole objective: the loss and all penalties. */
export function fullObjective(model: Model, variables: ObjectiveVariables): Node {
  return lossTerm(model, variables)
    .add(penaltyTerm(model, variables.W, variables.H))
    .add(biasPenalty(model, variables));
}

/**
 * Gradient of the smooth objective in one factor at `point`, the other held fixed: also where the other has just been
 * computed from this one.
 */
export function blockGradient(model: Model, variables: ObjectiveVariables, name: FactorName, point: Node): Node {
  const other = name === 'W' ? variables.H : variables.W;
  const objective = smoothObjective(model, { ...variables, [name]: point });
  return grad(objective, [point] as const, { considerConstant: [other] })[0];
}
