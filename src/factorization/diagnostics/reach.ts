import { lossOf } from '../objective/losses/losses';
import type { Constraint } from '../../model/constraints';
import type { Model } from '../../model/model';
import { forEachObserved, type Observations } from '../observations';
import { isNonNegative } from '../../model/constraints';

/** The sign of what a factor's entries may be: 1 for none below 0, −1 for none above, undefined for both. */
function signOf(constraint: Constraint): 1 | -1 | undefined {
  if (isNonNegative(constraint)) return 1;
  return constraint.kind === 'box' && constraint.most <= 0 ? -1 : undefined;
}

/** Observed entries on the side of X's range that no W·H of the model's signs comes to. */
export interface Unreachable {
  count: number;
  /** Their part of ΣX². */
  part: number;
  side: 'below' | 'above';
  /** What W·H can come to at most there: 0, or what a loss with a link expects of it. */
  limit: number;
}

/** Undefined where there are none, or the factors may have any sign. */
export function unreachableEntries(
  { loss, constraints, biases }: Model,
  observations: Observations,
): Unreachable | undefined {
  const [W, H] = [signOf(constraints.W), signOf(constraints.H)];
  if (W === undefined || H === undefined || biases) return undefined;
  const limit = lossOf(loss).expectation(0);
  const side = W * H > 0 ? 'below' : 'above';
  let count = 0;
  let squares = 0;
  forEachObserved(observations, (at) => {
    const x = observations.X[at]!;
    if (side === 'below' ? x >= limit : x <= limit) return;
    count++;
    squares += x * x;
  });
  return count === 0 ? undefined : { count, part: squares / observations.sumOfSquares, side, limit };
}
