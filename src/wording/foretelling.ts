import type { Foretelling } from '../factorization/rank/findings';

/**
 * What a fit is worth where it sees nothing, beside what takes no factors, worded for the user.
 * @param figure writes a number
 * @param entries how many entries were held out, in words
 */
export const foretellingText = (
  { rmse, columnMeans, biases }: Foretelling,
  figure: (value: number) => string,
  entries: string,
): string =>
  `held-out entries with RMSE ${figure(rmse)}; column means ${figure(columnMeans)}, a number for each row and column ${figure(biases)} (${entries})`;

/** The penalty that was chosen by that; undefined where none was to be chosen. @param l2 the penalty of the result */
export function ridgeText({ ridges }: Foretelling, l2: number, figure: (value: number) => string): string | undefined {
  if (!ridges) return undefined;
  return l2 > 0
    ? `λ = ${figure(l2)}, which foretells held-out entries best; without, RMSE ${figure(ridges[0]?.rmse ?? NaN)}`
    : `none: of ${ridges.length} penalties none foretells held-out entries better`;
}
