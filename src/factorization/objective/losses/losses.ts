import type { Loss, LossKind } from '../../../model/losses';
import type { LossDeclaration, LossDeclarations } from './declaration';
import { divergences } from './divergences';
import { linkedLosses } from './linked-losses';
import { residualLosses } from './residual-losses';

const declarations: LossDeclarations<LossKind> = { ...residualLosses, ...divergences, ...linkedLosses };

/** The declaration of a loss, as seen from any loss. */
export const lossOf = (loss: Loss): LossDeclaration<Loss> => declarations[loss.kind];
