import { add, equal, greater, ifElse, lessEqual, maximum, where, type Node } from '../../engine';
import { isNonNegative } from '../../model/constraints';
import type { Model } from '../../model/model';
import { noPenalty } from '../../model/penalties';
import { fullObjective, type ObjectiveVariables } from '../objective/objective';
import type { FactorName } from '../objective/penalties';
import { proximal } from '../objective/constraints';
import { sharedScalar, zeroAtFirst, zerosLike, type Memory, type SolverProgram } from './program';

/**
 * Iterations without extrapolation at the start of a run where a factor may not be negative. While components still sort
 * out what they are to stand for, momentum drives entries to zero that would have been wanted later: on photographs the
 * NMF it ended in was 2 % worse. Factors of either sign have no such corner to be driven into.
 */
const settling = 20;

/** What stands for an objective that has not been computed yet. */
const unknown = Infinity;
const largest = 3e38;

/** The t of a run's first iteration. */
export const firstCount = ({ constraints }: Pick<Model, 'constraints'>): number =>
  isNonNegative(constraints.W) || isNonNegative(constraints.H) ? 1 - settling : 1;

/** β at t: none up to the first iteration that has one before it. */
export const momentumShare = (count: Node): Node => maximum(count.sub(1), 0).div(maximum(count, 1).add(2));

/** The name under which a factor's last step is remembered. */
export const lastStepOf = (name: FactorName): string => `last step of ${name}`;

/** Where an iteration's blocks begin, and how it ends. */
export interface Extrapolation {
  /** The variables with W and H moved on along their last step, to where the constraints hold. */
  from: ObjectiveVariables;
  /** The objective before the iteration. */
  cost: Node;
  /** Keeps what the iteration came to, unless momentum has raised the objective. */
  settle(
    W: Node,
    H: Node,
    objective: Node,
    biases?: ObjectiveVariables['biases'],
  ): Pick<SolverProgram, 'nextW' | 'nextH' | 'nextBiases'> & { memory: readonly Memory[] };
}

/**
 * Nesterov's momentum over whole iterations of block updates (Ang & Gillis 2019, “Accelerating nonnegative matrix
 * factorization algorithms using extrapolation”): an iteration begins at F + β(F − F_before), β = (t−1)/(t+2). One that
 * raised the objective is undone and t begins anew, so the next is a plain one: the objective never rises. Biases are not
 * moved on, for their steps go all of the way that the rest leaves them, or nearly.
 */
export function extrapolate(model: Model, variables: ObjectiveVariables): Extrapolation {
  const { W, H, biases } = variables;
  const first = firstCount(model);
  const count = sharedScalar('extrapolation', first);
  const known = sharedScalar('objective', unknown);
  const share = momentumShare(count);
  const steps = { W: zerosLike(W, lastStepOf('W')), H: zerosLike(H, lastStepOf('H')) };
  const moved = (factor: Node, name: FactorName): Node =>
    proximal(factor.add(steps[name].mul(share)), 0, noPenalty, model.constraints[name], name);
  // Carried on from step to step, since it takes a pass over the data; computed where a run begins.
  const cost = ifElse(greater(known, largest), fullObjective(model, variables), known);

  return {
    from: { ...variables, W: moved(W, 'W'), H: moved(H, 'H') },
    cost,
    settle(proposedW, proposedH, objective, proposedBiases) {
      // A plain iteration cannot raise the objective but by rounding, at which it must not stop for good.
      const accepted = add(lessEqual(objective, cost), equal(share, 0));
      const chosen = (proposed: Node, factor: Node): Node => where(accepted, proposed, factor);
      const nextW = chosen(proposedW, W);
      const nextH = chosen(proposedH, H);
      return {
        nextW,
        nextH,
        ...(biases &&
          proposedBiases && {
            nextBiases: {
              rows: chosen(proposedBiases.rows, biases.rows),
              columns: chosen(proposedBiases.columns, biases.columns),
            },
          }),
        memory: [
          { node: count, next: where(accepted, count.add(1), 1), initial: () => Float32Array.of(first) },
          { node: known, next: where(accepted, objective, cost), initial: () => Float32Array.of(unknown) },
          zeroAtFirst(steps.W, nextW.sub(W), 'W'),
          zeroAtFirst(steps.H, nextH.sub(H), 'H'),
        ],
      };
    },
  };
}
