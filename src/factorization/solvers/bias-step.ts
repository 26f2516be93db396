import { fill, maximum, norm, scatterAdd, grad, constant, type Node } from '../../engine';
import { lossOf } from '../objective/losses/losses';
import type { Model } from '../../model/model';
import { smoothObjective, type ObjectiveVariables } from '../objective/objective';

/** Keeps 0/0 from arising for a row or column without entries. */
const smallest = 1e-30;

type Side = 'rows' | 'columns';
const sides: readonly Side[] = ['rows', 'columns'];

/** Biases after a step, and what the report says of it. */
export interface BiasStep {
  biases: NonNullable<ObjectiveVariables['biases']>;
  /** Σ ‖b‖·‖G_b‖ over both sides. */
  slope: Node;
}

/**
 * One step of the biases of rows, then of columns, all else fixed: b ← b − g/(κ·Σ weight + 2λ), the sum over the bias's
 * own entries and κ the loss's greatest second derivative. The objective is separable in the biases of one side and its
 * second derivatives are at most those denominators, so that no step raises it; for the squared loss each is the minimum.
 *
 * @param only the sides that move
 */
export function biasStep(model: Model, variables: ObjectiveVariables, only: readonly Side[] = sides): BiasStep {
  const { W, H, biases: start } = variables;
  if (!start || !model.biases) throw new Error('A model without biases has none to move.');
  let biases = start;
  let slope: Node = constant(0);
  for (const side of only) {
    const own = biases[side];
    const other = biases[side === 'rows' ? 'columns' : 'rows'];
    const [gradient] = grad(smoothObjective(model, { ...variables, biases }), [own] as const, {
      considerConstant: [W, H, other],
    });
    const curvature = totalWeight(variables, side)
      .mul(lossOf(model.loss).curvature)
      .add(2 * model.biases.l2);
    slope = slope.add(norm(own).mul(norm(gradient)));
    biases = { ...biases, [side]: own.sub(gradient.div(maximum(curvature, smallest))) };
  }
  return { biases, slope };
}

/** Σ weight over the entries of each row, or of each column. */
function totalWeight({ X, weights, places, W, H }: ObjectiveVariables, side: Side): Node {
  const [count, along] = side === 'rows' ? [Number(W.shape[0]), 1] : [Number(H.shape[1]), 0];
  if (places) return scatterAdd(weights ?? fill(1, X), places[side], count);
  return weights
    ? weights.sum(along)
    : constant({ data: new Float64Array(count).fill(Number(X.shape[along])), shape: [count] });
}
