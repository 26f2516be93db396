import type { FactorizationSettings, RestartReport } from './factorization';
import type { Constraint } from './model';
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
  const names = ['W', 'H'] as const;
  const penalised = names.filter((f) => Object.values(model.penalties[f]).some((weight: number) => weight > 0));
  const [only] = penalised;
  const other = only === 'W' ? 'H' : 'W';
  if (penalised.length === 1 && !isBounded(model.constraints[other])) {
    warnings.push(
      `Only ${only} is penalised: shrinking ${only} and growing ${other} lowers the penalty at no cost, so ${other} may inflate without bound. Penalise both factors, or bound ${other}.`,
    );
  }
  return warnings;
}

const isBounded = ({ kind }: Constraint): boolean => kind === 'box' || kind === 'unit-norm' || kind === 'simplex';

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
