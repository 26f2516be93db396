import { lessEqual, maximum, mul, norm, sqrt, where, constant, type Node, iterate } from '../../engine';
import type { Model } from '../../model/model';
import type { AcceleratedOptions } from '../../model/solvers';
import {
  biasPenalty,
  fullObjective,
  lossTerm,
  penaltyTerm,
  smoothObjective,
  type ObjectiveVariables,
  blockGradient,
} from '../objective/objective';
import { kinkedPenalty, type FactorName, balancingScale } from '../objective/penalties';
import { proximal } from '../objective/constraints';
import { biasStep, hasBoundedCurvature, inverse, lipschitzConstant, stationarityOf } from './step-length';
import type { SolverDeclaration } from './solver';
import { extrapolate } from './extrapolation';
import { sharedScalar, type Memory, type SolverProgram } from './program';

/** A step that turned out too long is cut to this share; one that did not lets the next be longer. */
const shrink = 0.25;
const grow = 1.5;

/** Rounding of float32 sums that a comparison of two of them must allow for, as a share of the sum. */
const rounding = 2e-7;

/** A step at which stationarity is measured moves a factor by this part of itself, at least: a shorter one would drown in rounding, and pass for stationary. */
const measuringRate = 0.01;

/** Inner steps where each must prove itself: every one takes two passes over the data, so few pay. */
const provenSteps = 2;

/** A block after its inner steps, and what the report says of it. */
interface Block {
  next: Node;
  /** ‖F‖·‖G_F‖ at the block's beginning. */
  stationarity: Node;
  /** Length of its steps. */
  step: Node;
  memory?: Memory;
}

export const accelerated: SolverDeclaration<AcceleratedOptions> = {
  id: 'apg',
  refuses: ({ loss }) =>
    loss.kind === 'absolute'
      ? 'it needs a loss with a slope everywhere, which the absolute loss lacks, as the huber loss does not'
      : undefined,
  learnsBiases: true,
  monotone: () => true,
  steps: 'graph',
  program: acceleratedProgram,
  programOfRows: acceleratedProgramOfW,
  rests: 'still',
};

/** Where each step passes over the data, few do. */
export const inFewSteps: AcceleratedOptions = { id: 'apg', inner: 3 };

/**
 * Accelerated block proximal gradient: W with H fixed, then H with the new W fixed. For the squared loss on full data the
 * engine turns the inner steps' gradients into Gram form, computes XHᵀ and HHᵀ once for all of them, and what is left of a
 * step is a product with an r×r matrix: the algorithm is then NeNMF (Guan et al. 2012). Biases move in a third step. Over
 * all of it lies a second momentum, from iteration to iteration: see {@link extrapolate}.
 */
function acceleratedProgram(model: Model, { inner }: AcceleratedOptions, variables: ObjectiveVariables): SolverProgram {
  const block = blockOf(model, inner);
  const { from, cost, settle } = extrapolate(model, variables);
  const first = block(from, 'W');
  const second = block({ ...from, W: first.next }, 'H');
  const scale = balancingScale(model, first.next, second.next);
  const [W, H] = scale ? [first.next.mul(scale), second.next.div(scale.T)] : [first.next, second.next];
  // Scaling changes the penalties alone; the loss without it shares work with the second block.
  const fitted = { ...from, W: first.next, H: second.next };
  const third = variables.biases && biasStep(model, fitted);
  const ending = third ? { ...fitted, biases: third.biases } : fitted;
  const objective = lossTerm(model, ending)
    .add(penaltyTerm(model, W, H))
    .add(biasPenalty(model, ending));
  const { memory, ...next } = settle(W, H, objective, ending.biases);
  const ofFactors = first.stationarity.add(second.stationarity);
  return {
    variables,
    cost,
    stationarity: third ? ofFactors.add(third.stationarity) : ofFactors,
    rate: first.step,
    ...next,
    memory: [...memory, first.memory, second.memory].filter((entry) => entry !== undefined),
  };
}

/** The same steps for W and the biases of rows alone, all else fixed: a convex problem, whose rows are apart from each other unless the model ties them. */
function acceleratedProgramOfW(
  model: Model,
  { inner }: AcceleratedOptions,
  variables: ObjectiveVariables,
): SolverProgram {
  const { next, stationarity, step, memory } = blockOf(model, inner)(variables, 'W');
  const { biases } = variables;
  return {
    variables,
    cost: fullObjective(model, variables),
    stationarity,
    rate: step,
    nextW: next,
    nextH: variables.H,
    ...(biases && { nextBiases: biasStep(model, { ...variables, W: next }, ['rows']).biases }),
    memory: memory ? [memory] : [],
  };
}

/** How a block is minimised: by steps of known length where the curvature is bounded, else by trial. */
const blockOf =
  (model: Model, inner: number) =>
  (at: ObjectiveVariables, name: FactorName): Block =>
    hasBoundedCurvature(model, name) ? acceleratedBlock(model, at, name, inner) : provenBlock(model, at, name);

/**
 * Steps of length 1/L with Nesterov's momentum, where the curvature is bounded. Its restart (O’Donoghue & Candès 2015, 3.2) is
 * left out: within so few steps from a point near the minimum it was hardly ever due (on 10,000 images of Fashion-MNIST and on
 * a photograph never), and its test takes as long as a step.
 */
function acceleratedBlock(model: Model, variables: ObjectiveVariables, name: FactorName, inner: number): Block {
  const start = variables[name];
  const other = name === 'W' ? variables.H : variables.W;
  const penalty = model.penalties[name];
  const constraint = model.constraints[name];
  const step = inverse(lipschitzConstant(model, name, other, variables));
  const gradientAt = (point: Node): Node => blockGradient(model, variables, name, point);
  const stepFrom = (point: Node, gradient: Node): Node =>
    proximal(point.sub(gradient.mul(step)), step, penalty, constraint, name);

  const gradient = gradientAt(start);
  const plain = stepFrom(start, gradient);
  const [, current] = iterate(inner - 1, [start, plain, 1], ([previous, current, t]) => {
    const nextT = sqrt(mul(4, t.square()).add(1)).add(1).div(2);
    const share = t.sub(1).div(nextT);
    // current + share·(current − previous), with one factor outside, which a product takes along.
    const point = current.sub(previous.mul(share.div(share.add(1)))).mul(share.add(1));
    return [current, stepFrom(point, gradientAt(point)), nextT];
  });

  /**
   * Momentum overshoots now and then, a plain step never: take that where the objective might have risen. Its change is the
   * mean of ⟨∇f(start), end − start⟩ and ⟨∇f(end), end − start⟩ for a quadratic f, and for any convex one with curvatures of
   * at most 1/step it is at most ⟨∇f(end), end − start⟩ − step/2·‖∇f(end) − ∇f(start)‖² (Nesterov 2004, theorem 2.1.5).
   * Unlike the difference of two sums this does not cancel; without the last term nothing but rounding would decide at a
   * minimum.
   */
  const moved = current.sub(start);
  const ending = gradientAt(current);
  const change =
    model.loss.kind === 'squared'
      ? ending.add(gradient).div(2).mul(moved).sum()
      : ending.mul(moved).sum().sub(ending.sub(gradient).square().sum().mul(step).div(2));
  const kinked = kinkedPenalty(current, penalty, name).sub(kinkedPenalty(start, penalty, name));
  return {
    next: where(lessEqual(change.add(kinked), 0), current, plain),
    stationarity: stationarityOf(start, gradient, step, penalty, constraint, name),
    step,
  };
}

/** The length at which stationarity is measured where steps may have become very short. */
function measuringStep(factor: Node, gradient: Node, length: Node): Node {
  return maximum(
    length,
    norm(factor)
      .mul(measuringRate)
      .div(maximum(norm(gradient), 1e-30)),
  );
}

/**
 * Plain proximal steps whose length is found by trial: one is taken if the smooth objective lies under the quadratic that
 * a curvature of 1/step would allow (Beck & Teboulle 2009, sec. 4), else the step is shortened.
 */
function provenBlock(model: Model, variables: ObjectiveVariables, name: FactorName): Block {
  const start = variables[name];
  const penalty = model.penalties[name];
  const constraint = model.constraints[name];
  const length = sharedScalar(`step of ${name}`, 1);
  const smoothAt = (point: Node): Node => smoothObjective(model, { ...variables, [name]: point });

  let current = start;
  let step: Node = length;
  let atStart: Node | undefined;
  for (let k = 0; k < provenSteps; k++) {
    const here = smoothAt(current);
    const gradient = blockGradient(model, variables, name, current);
    atStart ??= stationarityOf(start, gradient, measuringStep(start, gradient, length), penalty, constraint, name);
    const trial = proximal(current.sub(gradient.mul(step)), step, penalty, constraint, name);
    const moved = trial.sub(current);
    const bound = gradient
      .mul(moved)
      .sum()
      .add(moved.square().sum().div(step.mul(2)));
    const proven = lessEqual(smoothAt(trial).sub(here), bound.add(here.abs().mul(rounding)));
    current = where(proven, trial, current);
    step = step.mul(where(proven, grow, shrink));
  }
  return {
    next: current,
    stationarity: atStart ?? constant(0),
    step: length,
    memory: {
      node: length,
      next: step,
      initial: (factors) => {
        const other = name === 'W' ? factors.H : factors.W;
        return Float32Array.of(
          1 /
            Math.max(
              1e-30,
              other.reduce((sum, value) => sum + value * value, 0),
            ),
        );
      },
    },
  };
}
