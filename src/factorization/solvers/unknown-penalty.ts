import type { Model } from '../../model/model';
import { penaltyNames, penaltyRecord, type PenaltyName } from '../../model/penalties';

/** That a penalty of the model is none of those that a solver knows; undefined where all are. */
export function unknownPenalty(
  penalties: Model['penalties'],
  known: readonly PenaltyName[],
  factors: readonly ('W' | 'H')[] = ['W', 'H'],
): string | undefined {
  const unknown = penaltyNames.find(
    (name) => !known.includes(name) && factors.some((factor) => penalties[factor][name] > 0),
  );
  return unknown && `it does not know ${penaltyRecord(unknown).weight.noun.replace(/y$/, 'ie')}s`;
}
