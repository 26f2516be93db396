import { grad, type Node } from '../../engine';
import { lossOf } from '../objective/losses';
import type { Model } from '../../model/model';
import type { MomentumOptions } from '../../model/solvers';
import { fullObjective, smoothObjective, type ObjectiveVariables } from '../objective/objective';
import type { FactorName } from '../objective/penalties';
import { proximal } from '../objective/constraints';
import { hasBoundedCurvature, inverse, lipschitzConstant, stationarityOf } from './step-length';
import type { SolverDeclaration } from './solver';
import { zeroAtFirst, zerosLike, type SolverProgram } from './program';

export const momentum: SolverDeclaration<MomentumOptions> = {
  id: 'momentum',
  refuses(model) {
    if (!Number.isFinite(lossOf(model.loss).curvature)) {
      return `it needs a loss of bounded curvature, which ${model.loss.kind} is not`;
    }
    return (['W', 'H'] as const).every((name) => hasBoundedCurvature(model, name))
      ? undefined
      : 'an orthogonality penalty has no bounded curvature, of which its steps take their length';
  },
  monotone: () => false,
  steps: 'graph',
  program: momentumProgram,
  rests: 'still',
};

/** Gradient descent with momentum on W and H at once, each step rate/L long. */
function momentumProgram(
  model: Model,
  { rate, momentum }: MomentumOptions,
  variables: ObjectiveVariables,
): SolverProgram {
  const { W, H } = variables;
  const gradients = grad(smoothObjective(model, variables), [W, H] as const);
  const part = (factor: Node, other: Node, gradient: Node, name: FactorName) => {
    const step = inverse(lipschitzConstant(model, name, other, variables)).mul(rate);
    const velocity = zerosLike(factor, `last step of ${name}`);
    const moved = factor.sub(gradient.mul(step)).add(velocity.mul(momentum));
    const next = proximal(moved, step, model.penalties[name], model.constraints[name], name);
    return {
      next,
      stationarity: stationarityOf(factor, gradient, step, model.penalties[name], model.constraints[name], name),
      step,
      memory: zeroAtFirst(velocity, next.sub(factor), name),
    };
  };
  const [first, second] = [part(W, H, gradients[0], 'W'), part(H, W, gradients[1], 'H')];
  return {
    variables,
    cost: fullObjective(model, variables),
    stationarity: first.stationarity.add(second.stationarity),
    rate: first.step,
    nextW: first.next,
    nextH: second.next,
    memory: [first.memory, second.memory],
  };
}
