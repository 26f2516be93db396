import { greater, less, maximum, mul, where, grad, constant, type Node } from '../../engine';
import { lossOf } from '../objective/losses';
import type { Model } from '../../model/model';
import type { MultiplicativeOptions } from '../../model/solvers';
import { fullObjective, modelled, weightedSum, type ObjectiveVariables, blockGradient } from '../objective/objective';
import { componentAxis, smoothPenalty, type FactorName } from '../objective/penalties';
import { type SolverDeclaration, unknownPenalty } from './solver';
import type { SolverProgram } from './program';
import { stationarityOf } from './step-length';

const smallest = 1e-30;

/** Of a component's largest entry: below this part of it one is lost in the rounding of W·H. */
const vanishing = 1e-6;

export const multiplicative: SolverDeclaration<MultiplicativeOptions> = {
  id: 'mu',
  refuses({ loss, penalties, constraints }) {
    if (!lossOf(loss).multiplicative) return `it does not know the ${loss.kind} loss`;
    if (constraints.W.kind !== 'non-negative' || constraints.H.kind !== 'non-negative') {
      return 'it needs both factors to be non-negative, and nothing else of them';
    }
    const unknown = unknownPenalty(penalties, ['l1', 'l2']);
    if (unknown !== undefined) return unknown;
    if (loss.kind !== 'squared' && (penalties.W.l2 > 0 || penalties.H.l2 > 0)) {
      return `with the ${loss.kind} loss it does not know L2 penalties`;
    }
    return undefined;
  },
  monotone: () => true,
  steps: 'graph',
  program: (model, _, variables) => multiplicativeProgram(model, variables),
  rests: 'still',
};

/**
 * Multiplicative updates F ← F ∘ ((∇⁺ − ∇)/∇⁺)^γ, where ∇ is the gradient and ∇⁺ the part of it that is positive
 * (Févotte & Idier 2011, eq. 4.1 and 4.7; an L1 penalty adds its weight to both). Factors stay non-negative, and no step
 * length has to be found. An entry that is zero stays so: starts must be positive. Under an L1 penalty an entry that has
 * all but vanished and is still to shrink becomes zero, which a factor alone would never make of it.
 */
function multiplicativeProgram(model: Model, variables: ObjectiveVariables): SolverProgram {
  const first = block(model, variables, 'W');
  const second = block(model, { ...variables, W: first.next }, 'H');
  return {
    variables,
    cost: fullObjective(model, variables),
    stationarity: first.stationarity.add(second.stationarity),
    rate: constant(1),
    nextW: first.next,
    nextH: second.next,
  };
}

function block(model: Model, variables: ObjectiveVariables, name: FactorName): { next: Node; stationarity: Node } {
  const factor = variables[name];
  const { multiplicative } = lossOf(model.loss);
  if (!multiplicative) throw new Error(`Multiplicative updates are not known for the ${model.loss.kind} loss.`);
  const penalty = model.penalties[name];
  const considerConstant = [name === 'W' ? variables.H : variables.W];
  const positive = weightedSum(modelled(variables), ({ Y }) => multiplicative.positivePart(Y));
  const [ofLoss] = grad(positive, [factor] as const, { considerConstant });
  const [ofPenalty] = grad(smoothPenalty(factor, penalty, name), [factor] as const, { disconnected: 'zero' });
  const denominator = maximum(ofLoss.add(ofPenalty).add(penalty.l1), smallest);
  const smooth = blockGradient(model, variables, name, factor);
  const gradient = smooth.add(penalty.l1);
  const ratio = maximum(denominator.sub(gradient), 0).div(denominator);
  const shrunk = factor.mul(multiplicative.power === 1 ? ratio : ratio.pow(multiplicative.power));
  const largest = shrunk.max(componentAxis[name], { keepDims: true });
  const gone = mul(less(shrunk, largest.mul(vanishing)), greater(gradient, 0));
  const next = penalty.l1 > 0 ? where(gone, 0, shrunk) : shrunk;
  // An entry's step is F/∇⁺; their mean is the step at which stationarity is measured.
  const step = factor.sum().div(denominator.sum());
  return { next, stationarity: stationarityOf(factor, smooth, step, penalty, model.constraints[name], name) };
}
