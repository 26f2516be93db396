import { concatenate, maximum, mul, slice, type Node } from '../../engine';
import { isNonNegative } from '../../model/constraints';
import type { Model } from '../../model/model';
import type { HalsOptions } from '../../model/solvers';
import { lossTerm, penaltyTerm, type ObjectiveVariables } from '../objective/objective';
import { type FactorName, balancingScale } from '../objective/penalties';
import { proximal } from '../objective/constraints';
import { inFewSteps } from './accelerated';
import { inverse, spectralBound, stationarityOf } from './step-length';
import { type SolverDeclaration, unknownPenalty } from './solver';
import { extrapolate } from './extrapolation';
import type { SolverProgram } from './program';

/** Keeps 0/0 from arising for a component that has vanished. */
const smallest = 1e-30;

export const hals: SolverDeclaration<HalsOptions> = {
  id: 'hals',
  refuses({ loss, penalties, constraints }) {
    if (loss.kind !== 'squared') return `it knows the squared loss alone, not the ${loss.kind} loss`;
    if (constraints.W.kind === 'simplex' || constraints.H.kind === 'simplex') {
      return 'a simplex constraint ties together the components that it takes one by one';
    }
    return unknownPenalty(penalties, ['l1', 'l2', 'group']);
  },
  onPartialData: {
    solver: inFewSteps,
    reason:
      'Some entries are missing or weighted, for which no component has a minimum in closed form under every constraint, so all of a factor take steps together.',
  },
  monotone: () => true,
  steps: 'graph',
  program: halsProgram,
  rests: 'still',
};

/**
 * Hierarchical alternating least squares (Cichocki & Phan 2009): one component of a factor after the other is set to its
 * exact minimum, all else held fixed, in `sweeps` over all of them; first W's, then H's. Beside the two products with X it
 * needs r² multiplications a row and no step length. Iterations are extrapolated as those of the accelerated solver are.
 */
function halsProgram(model: Model, { sweeps }: HalsOptions, variables: ObjectiveVariables): SolverProgram {
  const { from, cost, settle } = extrapolate(model, variables);
  const { X } = variables;
  const first = sweep(model, 'W', from.W.T, from.H.matmul(X.T), from.H.matmul(from.H.T), sweeps);
  const W = first.next.T;
  const second = sweep(model, 'H', from.H, W.T.matmul(X), W.T.matmul(W), sweeps);
  const scale = balancingScale(model, W, second.next);
  const [scaledW, scaledH] = scale ? [W.mul(scale), second.next.div(scale.T)] : [W, second.next];
  const objective = lossTerm(model, { ...variables, W, H: second.next }).add(penaltyTerm(model, scaledW, scaledH));
  return {
    variables,
    cost,
    stationarity: first.stationarity.add(second.stationarity),
    rate: first.step,
    ...settle(scaledW, scaledH, objective),
  };
}

/**
 * Sweeps over the components of F, which are its rows here, for the objective ‖F‖ in the metric of G less 2⟨F, P⟩.
 *
 * @param F rank×length
 * @param P rank×length: the other factor times the data
 * @param G rank×rank: the other factor's Gram matrix
 */
function sweep(
  { penalties, constraints }: Model,
  name: FactorName,
  F: Node,
  P: Node,
  G: Node,
  sweeps: number,
): { next: Node; stationarity: Node; step: Node } {
  const penalty = penalties[name];
  const constraint = constraints[name];
  const rank = Number(F.shape[0]);
  const gradientAt = (at: Node): Node => mul(2, G.matmul(at).sub(P).add(at.mul(penalty.l2)));

  let next = F;
  for (let pass = 0; pass < sweeps; pass++) {
    const product = G.matmul(next);
    const changes: Node[] = [];
    const components: Node[] = [];
    for (let k = 0; k < rank; k++) {
      const row = (matrix: Node): Node => slice(matrix, k, k + 1);
      const component = row(next);
      // What the components before this one have changed since the product was taken.
      const before = k === 0 ? undefined : slice(row(G), 0, k, { axis: 1 }).matmul(concatenate(changes));
      const own = slice(row(G), k, k + 1, { axis: 1 }).add(penalty.l2);
      const curvature = maximum(own, smallest);
      const misfit = row(product).sub(row(P)).add(component.mul(penalty.l2));
      const moved = component.sub((before ? misfit.add(before) : misfit).div(curvature));
      const minimum = proximal(moved, inverse(curvature).mul(0.5), penalty, constraint, 'H');
      changes.push(minimum.sub(component));
      components.push(minimum);
    }
    next = concatenate(components);
  }
  const step = inverse(
    maximum(mul(2, spectralBound(G, isNonNegative(constraints[name === 'W' ? 'H' : 'W'])).add(penalty.l2)), smallest),
  );
  return { next, stationarity: stationarityOf(F, gradientAt(F), step, penalty, constraint, 'H'), step };
}
