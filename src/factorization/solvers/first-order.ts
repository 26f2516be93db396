import { maximum, mul, sqrt, grad, sequence, shared, type Node } from '../../engine';
import type { Model } from '../../model/model';
import type { AdamOptions, MomentumOptions } from '../../model/solvers';
import { fullObjective, smoothObjective, type ObjectiveVariables } from '../objective';
import type { FactorName } from '../penalties';
import { proximal } from '../proximal';
import { inverse, lipschitzConstant } from './curvature';
import type { Memory, SolverProgram } from './program';
import { slope } from './stationarity';

/** Decay of Adam's two averages, and what keeps its denominator from zero relative to them (Kingma & Ba 2015). */
const decay = { mean: 0.9, square: 0.999 };
const smallest = 1e-30;

const zeros = ({ length }: Float32Array): Float32Array => new Float32Array(length);
const likeOf = (factor: Node): Float32Array =>
  new Float32Array(factor.shape.reduce<number>((n, dim) => n * Number(dim), 1));

/** A shared value of a factor's shape that begins at zero. */
const companion = (factor: Node, name: string): Node<'shared'> =>
  shared({ data: likeOf(factor), shape: factor.shape.map(Number) }, name);

/**
 * Adam on W and H at once. An entry's step is rate·(mean gradient)/√(mean square), in units of the factor's root mean
 * square, and shrinks to nothing over the iterations planned, half a cosine long; a constraint or a penalty with a kink is met by a proximal step of that length.
 */
export function adamProgram(model: Model, { rate }: AdamOptions, variables: ObjectiveVariables): SolverProgram {
  const { W, H } = variables;
  const gradients = grad(smoothObjective(model, variables), [W, H] as const);
  // 1/(1 − decay^t) for t = 1, 2, …, since the averages begin at zero and are too small at first; and the rate's own decay.
  const corrections = sequence('correction');
  const part = (factor: Node, gradient: Node, name: FactorName) => {
    const mean = companion(factor, `mean gradient of ${name}`);
    const square = companion(factor, `mean square of ${name}`);
    const nextMean = mul(decay.mean, mean).add(mul(1 - decay.mean, gradient));
    const nextSquare = mul(decay.square, square).add(mul(1 - decay.square, gradient.square()));
    const typical = sqrt(factor.square().mean()).add(smallest);
    const direction = nextMean.mul(corrections).div(maximum(sqrt(nextSquare), smallest));
    const moved = factor.sub(direction.mul(typical.mul(rate)));
    // The length by which the gradient was multiplied on average: what a kink has to be weighed against. The slope is
    // that of a step which no schedule has shortened, lest it drown in rounding.
    const whole = typical.mul(rate).div(maximum(sqrt(nextSquare.mean()), smallest));
    const length = whole.mul(corrections);
    const memory: Memory[] = [
      { node: mean, next: nextMean, initial: (factors) => zeros(factors[name]) },
      { node: square, next: nextSquare, initial: (factors) => zeros(factors[name]) },
    ];
    return {
      next: proximal(moved, length, model.penalties[name], model.constraints[name], name),
      slope: slope(factor, gradient, whole, model.penalties[name], model.constraints[name], name),
      memory,
    };
  };
  const [first, second] = [part(W, gradients[0], 'W'), part(H, gradients[1], 'H')];
  return {
    variables,
    cost: fullObjective(model, variables),
    stationarity: first.slope.add(second.slope),
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

/** Gradient descent with momentum on W and H at once, each step rate/L long. */
export function momentumProgram(
  model: Model,
  { rate, momentum }: MomentumOptions,
  variables: ObjectiveVariables,
): SolverProgram {
  const { W, H } = variables;
  const gradients = grad(smoothObjective(model, variables), [W, H] as const);
  const part = (factor: Node, other: Node, gradient: Node, name: FactorName) => {
    const step = inverse(lipschitzConstant(model, name, other, variables)).mul(rate);
    const velocity = companion(factor, `last step of ${name}`);
    const moved = factor.sub(gradient.mul(step)).add(velocity.mul(momentum));
    const next = proximal(moved, step, model.penalties[name], model.constraints[name], name);
    const memory: Memory = { node: velocity, next: next.sub(factor), initial: (factors) => zeros(factors[name]) };
    return {
      next,
      slope: slope(factor, gradient, step, model.penalties[name], model.constraints[name], name),
      step,
      memory,
    };
  };
  const [first, second] = [part(W, H, gradients[0], 'W'), part(H, W, gradients[1], 'H')];
  return {
    variables,
    cost: fullObjective(model, variables),
    stationarity: first.slope.add(second.slope),
    rate: first.step,
    nextW: first.next,
    nextH: second.next,
    memory: [first.memory, second.memory],
  };
}
