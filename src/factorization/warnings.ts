import { inflatingFactor } from './constraints';
import type { FactorizationSettings, RestartReport } from './factorization';
import type { Dataset } from '../data/dataset';
import type { Undetermined } from './least-norm';

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
    case 'precision':
    case 'stopped':
      return [];
  }
}

/** What the user should know of rows and columns of which the data say nothing, or too little. */
export function undeterminedWarnings({ emptyRows, emptyColumns, partialRows, partialColumns }: Undetermined): string[] {
  const empty = counted(emptyRows, emptyColumns);
  const partial = counted(partialRows, partialColumns);
  return [
    ...(empty === undefined
      ? []
      : [
          `${empty.words} ${empty.one ? 'has' : 'have'} no observed entry, so nothing says what the factors are there: they are the smallest that are allowed, and what they would fill in is left empty.`,
        ]),
    ...(partial === undefined
      ? []
      : [
          `${partial.words} ${partial.one ? 'has' : 'have'} too few observed entries to determine all components: of the factors that fit ${partial.one ? 'it' : 'them'} alike, the smallest were taken.`,
        ]),
  ];
}

function counted(rows: number, columns: number): { words: string; one: boolean } | undefined {
  const words = [
    ...(rows > 0 ? [`${rows} ${rows === 1 ? 'row' : 'rows'}`] : []),
    ...(columns > 0 ? [`${columns} ${columns === 1 ? 'column' : 'columns'}`] : []),
  ].join(' and ');
  return words === '' ? undefined : { words, one: rows + columns === 1 };
}
