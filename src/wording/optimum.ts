import type { Optimum } from '../factorization/diagnostics/findings';
import type { FitStatistics } from '../factorization/result';
import { percentText } from './percent';

/** An objective below this part of ΣX² is the rounding of float32, and a gap within it says nothing. */
const rounding = 1e-11;

/**
 * How far a result is from the best there is, worded for the user.
 * @param figure writes a number
 */
export function optimumText(
  optimum: Optimum,
  statistics: Pick<FitStatistics, 'objective' | 'sse' | 'relativeError'>,
  figure: (value: number) => string,
): string {
  if (isExact(statistics)) return 'The fit is exact to the rounding of float32: nothing closer is left to be found.';
  if (optimum.kind === 'none') return optimum.reason;
  return `${figure(optimum.bound)}, gap ${percentText(optimum.gap)}. ${optimum.meaning}`;
}

/** Whether the objective is nothing beside ΣX² = SSE/relative error². */
function isExact({
  objective,
  sse,
  relativeError,
}: Pick<FitStatistics, 'objective' | 'sse' | 'relativeError'>): boolean {
  if (relativeError === 0) return objective === 0;
  return objective <= (rounding * sse) / relativeError ** 2;
}
