import type { FactorizationSettings, RestartReport } from './factorization';
import type { Constraint, FactorPenalty, Model } from './model';
import type { FactorName } from './penalties';
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
  for (const [name, other] of [
    ['W', 'H'],
    ['H', 'W'],
  ] as const) {
    if (isScaleFree(model.constraints[name]) && !isBounded(model.constraints[other])) {
      warnings.push(...inflation(model.penalties, name, other));
    }
  }
  return warnings;
}

/** What is to be said where the penalty of one factor can be evaded by growing the other, which nothing bounds. */
function inflation(penalties: Model['penalties'], name: FactorName, other: FactorName): string[] {
  if (!isPenalised(penalties[name])) return [];
  const evaded = `shrinking ${name} and growing ${other} lowers the penalty at no cost, so ${other} may inflate without bound`;
  if (!isPenalised(penalties[other])) {
    return [`Only ${name} is penalised: ${evaded}. Penalise both factors, or bound ${other}.`];
  }
  return isSizePenalised(penalties[name]) && !isSizePenalised(penalties[other])
    ? [
        `An orthogonality penalty alone does not keep ${other} small: ${evaded}. Add an L2 penalty of ${other}, or bound it.`,
      ]
    : [];
}

const isPenalised = (penalty: FactorPenalty): boolean => Object.values(penalty).some((weight: number) => weight > 0);

/** Whether a penalty grows with the factor whatever its form: components at right angles cost nothing however long. */
const isSizePenalised = (penalty: FactorPenalty): boolean => isPenalised({ ...penalty, orthogonal: 0 });

const isBounded = ({ kind }: Constraint): boolean => kind === 'box' || kind === 'unit-norm' || kind === 'simplex';

/** Whether a factor can be shrunk towards zero, as a simplex and a box off zero cannot. */
const isScaleFree = (constraint: Constraint): boolean =>
  constraint.kind === 'box' ? constraint.least <= 0 && constraint.most >= 0 : constraint.kind !== 'simplex';

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
