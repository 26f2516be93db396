import { lossOf } from '../losses/losses';
import type { Model } from '../model';

/** Why multiplicative updates cannot minimise a model; undefined when they can. */
export function multiplicativeObstacle({ loss, penalties, constraints }: Model): string | undefined {
  if (!lossOf(loss).multiplicative) return `it does not know the ${loss.kind} loss`;
  if (constraints.W.kind !== 'non-negative' || constraints.H.kind !== 'non-negative') {
    return 'it needs both factors to be non-negative, and nothing else of them';
  }
  if (penalties.W.group > 0 || penalties.H.group > 0) return 'it does not know group penalties';
  if (loss.kind !== 'squared' && (penalties.W.l2 > 0 || penalties.H.l2 > 0)) {
    return `with the ${loss.kind} loss it does not know L2 penalties`;
  }
  return undefined;
}
