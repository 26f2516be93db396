import { maximum, mul, sqrt, grad, sequence, type Node } from '../../engine';
import type { Model } from '../../model/model';
import type { AdamOptions } from '../../model/solvers';
import { fullObjective, smoothObjective, type ObjectiveVariables } from '../objective/objective';
import type { FactorName } from '../objective/penalties';
import { proximal } from '../objective/constraints';
import type { SolverDeclaration } from './solver';
import { zeroAtFirst, zerosLike, type SolverProgram } from './program';
import { stationarityOf } from './step-length';

/**
 * Decay of Adam's two averages, and what keeps its denominator from zero relative to them. The mean square of Kingma & Ba
 * (2015) remembers a thousand steps, for gradients of samples. These are of all data and fall by orders of magnitude within
 * a few steps: what remembers the first of them goes on dividing by them for the rest of a run.
 */
const decay = { mean: 0.9, square: 0.95 };
const smallest = 1e-30;

export const adam: SolverDeclaration<AdamOptions> = {
  id: 'adam',
  refuses: () => undefined,
  monotone: () => false,
  steps: 'graph',
  program: adamProgram,
  rests: 'still',
};

/**
 * Adam on W and H at once. An entry's step is rate·(mean gradient)/√(mean square), in units of the factor's root mean
 * square, and shrinks to nothing over the iterations planned, half a cosine long; a constraint or a penalty with a kink is met by a proximal step of that length.
 */
function adamProgram(model: Model, { rate }: AdamOptions, variables: ObjectiveVariables): SolverProgram {
  const { W, H } = variables;
  const gradients = grad(smoothObjective(model, variables), [W, H] as const);
  // 1/(1 − decay^t) for t = 1, 2, …, since the averages begin at zero and are too small at first; and the rate's own decay.
  const corrections = sequence('correction');
  const part = (factor: Node, gradient: Node, name: FactorName) => {
    const mean = zerosLike(factor, `mean gradient of ${name}`);
    const square = zerosLike(factor, `mean square of ${name}`);
    const nextMean = mul(decay.mean, mean).add(mul(1 - decay.mean, gradient));
    const nextSquare = mul(decay.square, square).add(mul(1 - decay.square, gradient.square()));
    const typical = sqrt(factor.square().mean()).add(smallest);
    const direction = nextMean.mul(corrections).div(maximum(sqrt(nextSquare), smallest));
    const moved = factor.sub(direction.mul(typical.mul(rate)));
    // The length by which the gradient was multiplied on average: what a kink has to be weighed against. Stationarity is
    // that of a step which no schedule has shortened, lest it drown in rounding.
    const whole = typical.mul(rate).div(maximum(sqrt(nextSquare.mean()), smallest));
    const length = whole.mul(corrections);
    const memory = [zeroAtFirst(mean, nextMean, name), zeroAtFirst(square, nextSquare, name)];
    return {
      next: proximal(moved, length, model.penalties[name], model.constraints[name], name),
      stationarity: stationarityOf(factor, gradient, whole, model.penalties[name], model.constraints[name], name),
      memory,
    };
  };
  const [first, second] = [part(W, gradients[0], 'W'), part(H, gradients[1], 'H')];
  return {
    variables,
    cost: fullObjective(model, variables),
    stationarity: first.stationarity.add(second.stationarity),
    rate: mul(rate, 1),
    nextW: first.next,
    nextH: second.next,
    memory: [...first.memory, ...second.memory],
    schedule: {
      node: corrections,
      values: (done, count, planned) =>
        Float64Array.from({ length: count }, (_, k) => {
          const t = done + k + 1;
          const cosine = (1 + Math.cos((Math.PI * (t - 1)) / Math.max(1, planned))) / 2;
          return (cosine * Math.sqrt(1 - decay.square ** t)) / (1 - decay.mean ** t);
        }),
    },
  };
}
