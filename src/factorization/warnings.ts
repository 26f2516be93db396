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
  const penalised = (['W', 'H'] as const).filter((f) => model.penalties[f].l1 > 0 || model.penalties[f].l2 > 0);
  if (penalised.length === 1) {
    const [only] = penalised;
    const other = only === 'W' ? 'H' : 'W';
    warnings.push(
      `Only ${only} is penalised: shrinking ${only} and growing ${other} lowers the penalty at no cost, so ${other} may inflate without bound. Penalise both factors.`,
    );
  }
  return warnings;
}

/** What the user should know about how the best restart ended. */
export function resultWarnings(
  { stopReason, iterations }: RestartReport,
  { stopping }: FactorizationSettings,
): string[] {
  switch (stopReason) {
    case 'iterations':
      return stopping.tolerance > 0
        ? [`The best restart had not converged after ${iterations} iterations: continue it, or allow more iterations.`]
        : [];
    case 'diverged':
      return [
        `The factors ceased to be finite after ${iterations} iterations, and the last finite ones are kept: choose a smaller rate.`,
      ];
    case 'converged':
    case 'stopped':
      return [];
  }
}
