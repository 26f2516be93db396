import { unconstrained, type Constraint } from './constraints';
import type { Loss } from './losses';
import { isPenalisedBy, noPenalty, type FactorPenalty, type PenaltyName } from './penalties';

/**
 * A model says what is minimised; a solver's options say how; stopping says for how long.
 * All three are plain data, so that they cross process borders and are saved with a result.
 *
 * The objective: Σ weight·loss over observed entries, plus the penalties of W and H, subject to their constraints.
 * It is a sum, neither halved nor averaged, so a penalty's meaning does not change with the data's size.
 */
export interface Model {
  loss: Loss;
  penalties: { W: FactorPenalty; H: FactorPenalty };
  constraints: { W: Constraint; H: Constraint };
  /**
   * Adds to (WH)ij the mean of the observed entries (under a loss with a link, the y whose expectation it is), a number of
   * row i and one of column j, with the penalty l2·Σb² on the latter two; absent where the model has none.
   */
  biases?: { l2: number };
  /**
   * Penalties of W and H whose weights are for data of standard deviation 1, so that they mean the same in any unit: those
   * of the data come from it. Never in a result.
   */
  relative?: readonly PenaltyName[];
}

export const defaultModel: Model = {
  loss: { kind: 'squared' },
  penalties: { W: noPenalty, H: noPenalty },
  constraints: { W: unconstrained, H: unconstrained },
};

/**
 * Whether the objective or a constraint tells components apart from their mixtures W·Q, Qᵀ·H with Q orthogonal. Otherwise
 * only the space that components span is determined: the loss, L2 and smoothness penalties are the same for all mixtures.
 */
export const hasOwnComponents = ({ penalties, constraints }: Pick<Model, 'penalties' | 'constraints'>): boolean =>
  [penalties.W, penalties.H].some((penalty) =>
    isPenalisedBy(penalty, ({ tellsComponents }) => tellsComponents === true),
  ) || [constraints.W, constraints.H].some(({ kind }) => kind !== 'none');

/** Whether an L2 penalty may be chosen for a model: least squares that nothing else penalises, with or without signs. */
export const mayChooseRidge = ({ loss, penalties, constraints, biases }: Model): boolean =>
  loss.kind === 'squared' &&
  !biases &&
  [penalties.W, penalties.H].every((penalty) => !isPenalisedBy(penalty, () => true)) &&
  [constraints.W, constraints.H].every(({ kind }) => kind === 'none' || kind === 'non-negative');
