import type { Loss } from '../model';
import type { LossDeclaration } from './declaration';
import { itakuraSaito, kullbackLeibler } from './divergences';
import { logistic, poisson } from './linked-losses';
import { absolute, huber, squared } from './residual-losses';

const losses: { readonly [K in Loss['kind']]: LossDeclaration<Extract<Loss, { kind: K }>> } = {
  squared,
  absolute,
  huber,
  'kullback-leibler': kullbackLeibler,
  'itakura-saito': itakuraSaito,
  poisson,
  logistic,
};

/** The declaration of a loss, as seen from any loss. */
export const lossOf = (loss: Loss): LossDeclaration<Loss> => losses[loss.kind];
