import { div, lessEqual, maximum, norm, where, grad, sequence, type Node, type Operand } from '../../engine';
import type { Model } from '../../model/model';
import type { NormalizedGradientOptions } from '../../model/solvers';
import { fullObjective, smoothObjective, type ObjectiveVariables } from '../objective/objective';
import type { FactorName } from '../objective/penalties';
import { proximal } from '../objective/constraints';
import type { SolverDeclaration } from './solver';
import { sharedScalar, type SolverProgram } from './program';
import { stationarityOf } from './step-length';

/** What a rejected and an accepted step do to the adaptive rate. */
const shrink = 0.5;
const grow = 1.1;

/** Step length, relative to a factor's norm, at which the proximal gradient mapping is measured: one as short as the rate may have become would drown in rounding. */
const measuringRate = 0.01;

/** Keeps 0/0 from arising at a stationary point, where the gradient is zero and there is nowhere to step. */
const smallestNorm = 1e-30;

export const normalizedGradient: SolverDeclaration<NormalizedGradientOptions> = {
  id: 'ngd',
  refuses: () => undefined,
  monotone: ({ schedule }) => schedule === 'adaptive',
  steps: 'graph',
  program: normalizedGradientProgram,
  rests: 'scheduled',
};

/**
 * Normalised gradient descent: F ← F − η·g with η = rate·s/‖g‖, for F = W and F = H at once, where g is the gradient of
 * the smooth part of the objective and s the norm of F (relative step length) or 1 (absolute).
 *
 * Penalties with a kink and constraints enter by their proximal step, and not through a subgradient, which hovers around
 * zero without reaching it: L1 zeros come out as zeros (Beck & Teboulle 2009, eq. 1.4).
 */
function normalizedGradientProgram(
  model: Model,
  options: NormalizedGradientOptions,
  variables: ObjectiveVariables,
): SolverProgram {
  const cost = fullObjective(model, variables);
  const adaptive = options.schedule === 'adaptive';
  const rateState = sharedScalar('rate', options.rate);
  const rateSequence = sequence('rate');
  const rate: Node = adaptive ? rateState : rateSequence;

  const { W, H } = variables;
  const [gradientW, gradientH] = grad(smoothObjective(model, variables), [W, H] as const);
  const moved = (factor: Node, gradient: Node, name: FactorName): Node => {
    const step = stepSize(factor, gradient, rate, options.stepLength);
    return proximal(factor.sub(step.mul(gradient)), step, model.penalties[name], model.constraints[name], name);
  };
  const nextW = moved(W, gradientW, 'W');
  const nextH = moved(H, gradientH, 'H');
  const partOf = (factor: Node, gradient: Node, name: FactorName): Node => {
    const step = stepSize(factor, gradient, measuringRate, 'relative');
    return stationarityOf(factor, gradient, step, model.penalties[name], model.constraints[name], name);
  };
  const program = { variables, cost, stationarity: partOf(W, gradientW, 'W').add(partOf(H, gradientH, 'H')), rate };
  if (!adaptive) {
    const values = (first: number, count: number, planned: number): ArrayLike<number> =>
      scheduledRates(options, first, count, planned);
    return { ...program, nextW, nextH, schedule: { node: rateSequence, values } };
  }
  const lower = lessEqual(fullObjective(model, { ...variables, W: nextW, H: nextH }), cost);
  return {
    ...program,
    nextW: where(lower, nextW, W),
    nextH: where(lower, nextH, H),
    memory: [
      {
        node: rateState,
        next: rate.mul(where(lower, grow, shrink)),
        initial: () => Float32Array.of(options.rate),
      },
    ],
  };
}

/** η: the factor by which the gradient is multiplied so that the step has the wanted length. */
function stepSize(factor: Node, gradient: Node, rate: Operand, length: NormalizedGradientOptions['stepLength']): Node {
  const wanted = length === 'relative' ? norm(factor).mul(rate) : rate;
  return div(wanted, maximum(norm(gradient), smallestNorm));
}

/**
 * The rates of steps `first`, `first`+1, … of a run of `planned` steps, for the schedules that are known in advance.
 * Throws for `adaptive`, whose rate depends on what the objective did and is therefore part of the solver's state.
 */
export function scheduledRates(
  options: NormalizedGradientOptions,
  first: number,
  count: number,
  planned: number,
): Float32Array {
  const rateAt = schedules[options.schedule];
  if (!rateAt) throw new Error(`The ${options.schedule} schedule is not known in advance.`);
  return Float32Array.from({ length: count }, (_, k) => options.rate * rateAt(first + k, planned));
}

const schedules: Record<NormalizedGradientOptions['schedule'], ((t: number, planned: number) => number) | undefined> = {
  constant: () => 1,
  'inverse-sqrt': (t) => 1 / Math.sqrt(t + 1),
  cosine: (t, planned) => 0.5 * (1 + Math.cos((Math.PI * Math.min(t, planned)) / planned)),
  adaptive: undefined,
};
