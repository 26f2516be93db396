import { inflatingFactor } from './constraints';
import type { FactorizationSettings, RestartReport } from './factorization';
import type { Dataset } from '../data/dataset';

/** What the user should know about the settings beforehand. */
export function settingsWarnings({ model, rank }: FactorizationSettings, { rows, columns }: Dataset): string[] {
  const warnings: string[] = [];
  const most = Math.min(rows, columns);
  if (rank > most) {
    warnings.push(
      `Rank ${rank} is more than ${most}, the most that ${rows} × ${columns} data can have: a lower rank fits as well.`,
    );
  }
  // New results have such a factor bounded; one that was made before goes on as it began.
  const inflating = inflatingFactor(model);
  if (inflating !== undefined) {
    const other = inflating === 'W' ? 'H' : 'W';
    warnings.push(
      `Shrinking ${other} and growing ${inflating} lowers the penalty of ${other} at no cost, so ${inflating} may inflate without bound. Factorize anew, which bounds ${inflating}.`,
    );
  }
  return warnings;
}

/** What the user should know about how the best restart ended. */
export function resultWarnings(
  { stopReason, iterations }: RestartReport,
  { stopping, solver }: FactorizationSettings,
): string[] {
  switch (stopReason) {
    case 'iterations':
      return stopping.tolerance > 0
        ? [`The best restart had not converged after ${iterations} iterations: continue it, or allow more iterations.`]
        : [];
    case 'diverged':
      return [
        `The factors ceased to be finite after ${iterations} iterations, and the last finite ones are kept: ${'rate' in solver ? 'choose a smaller rate' : 'scale the data down'}.`,
      ];
    case 'time':
      return [
        `The time limit of ${stopping.seconds ?? 0} seconds ended the run after ${iterations} iterations: continue it, or allow more time.`,
      ];
    case 'converged':
    case 'stopped':
      return [];
  }
}
