import type { Model } from './model';

/** Whether an L2 penalty may be chosen for a model: least squares that nothing else penalises, with or without signs. */
export const mayChooseRidge = ({ loss, penalties, constraints, biases }: Model): boolean =>
  loss.kind === 'squared' &&
  !biases &&
  [penalties.W, penalties.H].every((penalty) => Object.values(penalty).every((weight: number) => weight === 0)) &&
  [constraints.W, constraints.H].every(({ kind }) => kind === 'none' || kind === 'non-negative');
