import {
  add,
  div,
  maximum,
  minimum,
  scatterAdd,
  take,
  type Node,
  fill,
  norm,
  grad,
  constant,
  type Operand,
} from '../../engine';
import { isNonNegative, type Constraint } from '../../model/constraints';
import { lossOf } from '../objective/losses';
import type { Model } from '../../model/model';
import { type ObjectiveVariables, smoothObjective } from '../objective/objective';
import { penaltyCurvature, type FactorName } from '../objective/penalties';
import type { FactorPenalty } from '../../model/penalties';
import { hasKink, proximal } from '../objective/constraints';

/** Keeps 0/0 from arising for a factor of zeros. */
const smallest = 1e-30;

/** Keeps the vector positive, where a component has vanished. */
const smallestShare = 1e-3;

/** Products by G that bring the positive vector near the leading one. */
const products = 6;

/**
 * An upper bound on the largest eigenvalue of a symmetric positive semidefinite matrix G. Unlike a power iteration's
 * estimate it is never below, so a step of the inverse is never too long.
 *
 * Where no entry is negative, as under NMF, that is max_i (Gv)_i/v_i for a positive vector v (Collatz 1942), which is
 * tight once v is near the leading eigenvector, or ‖G‖_F if that is less. Else it is ‖G⁴‖_F^¼ = (Σλ⁸)^⅛, which is above the
 * largest of r eigenvalues λ by a factor of at most r^⅛, and by next to nothing where they fall off.
 *
 * @param nonNegative whether G is a product of factors without negative entries
 */
export function spectralBound(gram: Node, nonNegative: boolean): Node {
  if (!nonNegative) {
    // Divided by its largest entry, which is on the diagonal, so that no power overflows or vanishes. That entry is kept as
    // a matrix, since rewriting takes single numbers out of products.
    const scale = maximum(gram.max([0, 1], { keepDims: true }), smallest);
    const fourth = product(product(gram.div(scale)));
    return scale.sum().mul(fourth.norm().sqrt().sqrt());
  }
  let vector = gram.sum(1, { keepDims: true }).add(smallest);
  for (let k = 1; k < products; k++) {
    const next = gram.matmul(vector);
    vector = next.div(maximum(next.max(), smallest)).add(smallestShare);
  }
  return minimum(gram.norm(), gram.matmul(vector).div(vector).max());
}

const product = (symmetric: Node): Node => symmetric.matmul(symmetric);

/**
 * A Lipschitz constant of the smooth objective's gradient in one factor, the other fixed: κ·max(weight)·‖HHᵀ‖ in W, with
 * κ the loss's greatest second derivative, and what the smooth penalties add. Of sparse data each row has its own few
 * entries, so that κ·max_i Σ_j weight_ij·‖column j of H‖² is mostly the smaller bound.
 */
export function lipschitzConstant(model: Model, name: FactorName, other: Node, variables: ObjectiveVariables): Node {
  const { weights, places } = variables;
  const gram = name === 'W' ? other.matmul(other.T) : other.T.matmul(other);
  const bound = spectralBound(gram, isNonNegative(model.constraints[name === 'W' ? 'H' : 'W']));
  const whole = weights ? bound.mul(weights.max()) : bound;
  const loss = places ? minimum(whole, sparseBound(variables, places, name, other)) : whole;
  return maximum(add(loss.mul(lossOf(model.loss).curvature), penaltyCurvature(model.penalties[name])), smallest);
}

function sparseBound(
  { weights, W, H }: ObjectiveVariables,
  places: NonNullable<ObjectiveVariables['places']>,
  name: FactorName,
  other: Node,
): Node {
  const squares = other.square().sum(name === 'W' ? 0 : 1);
  const [lines, along] = name === 'W' ? [places.rows, places.columns] : [places.columns, places.rows];
  const found = take(squares, along);
  const count = (name === 'W' ? W.shape[0] : H.shape[1]) ?? 1;
  return scatterAdd(weights ? found.mul(weights) : found, lines, count).max();
}

/** Whether a factor's part of the smooth objective has a curvature that {@link lipschitzConstant} bounds. */
export const hasBoundedCurvature = ({ loss, penalties }: Model, name: FactorName): boolean =>
  Number.isFinite(lossOf(loss).curvature) && Number.isFinite(penaltyCurvature(penalties[name]));

export const inverse = (x: Node): Node => div(1, x);

/** Keeps 0/0 from arising for a row or column without entries. */
const smallestCurvature = 1e-30;

type Side = 'rows' | 'columns';
const sides: readonly Side[] = ['rows', 'columns'];

/** Biases after a step, and what the report says of it. */
export interface BiasStep {
  biases: NonNullable<ObjectiveVariables['biases']>;
  /** Σ ‖b‖·‖G_b‖ over both sides. */
  stationarity: Node;
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
  let stationarity: Node = constant(0);
  for (const side of only) {
    const own = biases[side];
    const other = biases[side === 'rows' ? 'columns' : 'rows'];
    const [gradient] = grad(smoothObjective(model, { ...variables, biases }), [own] as const, {
      considerConstant: [W, H, other],
    });
    const curvature = totalWeight(variables, side)
      .mul(lossOf(model.loss).curvature)
      .add(2 * model.biases.l2);
    stationarity = stationarity.add(norm(own).mul(norm(gradient)));
    biases = { ...biases, [side]: own.sub(gradient.div(maximum(curvature, smallestCurvature))) };
  }
  return { biases, stationarity };
}

/** Σ weight over the entries of each row, or of each column. */
function totalWeight({ X, weights, places, W, H }: ObjectiveVariables, side: Side): Node {
  const [count, along] = side === 'rows' ? [Number(W.shape[0]), 1] : [Number(H.shape[1]), 0];
  if (places) return scatterAdd(weights ?? fill(1, X), places[side], count);
  return weights
    ? weights.sum(along)
    : constant({ data: new Float64Array(count).fill(Number(X.shape[along])), shape: [count] });
}

const smallestStep = 1e-30;

/**
 * ‖F‖·‖G_F‖. Where nothing has a kink G_F is the gradient; else it is the proximal gradient mapping (F − F⁺)/step, which
 * is zero where no step improves. The step must not be so short that F − F⁺ drowns in rounding.
 */
export function stationarityOf(
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
