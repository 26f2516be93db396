import { inflatingFactor } from '../../model/bounds';
import type { Factorization } from '../result';
import type { FactorizationSettings } from '../../model/settings';
import type { RestartReport } from '../runs/trace';
import type { Dataset } from '../../data/dataset';
import type { Undetermined } from '../linear-algebra/least-norm';
import type { Model } from '../../model/model';
import { lossOf } from '../objective/losses';
import { type Constraint, isNonNegative } from '../../model/constraints';
import { forEachObserved, type Observations } from '../observations';

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
        ? [
            `The best restart had not converged after ${iterations} iterations: ${
              'rate' in solver
                ? 'continue it, allow more iterations, or choose a solver that finds its own steps, such as auto'
                : 'continue it, or allow more iterations'
            }.`,
          ]
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

/** What the user should know of numbers that the model's signs keep W·H from. */
export function reachWarnings(unreachable: Unreachable | undefined, observed: number): string[] {
  if (!unreachable) return [];
  const { count, part, side, limit } = unreachable;
  const share = (of: number): string => `${Number((100 * of).toPrecision(3))} %`;
  const these = count === 1 ? '1 of the numbers is' : `${count} of the numbers (${share(count / observed)}) are`;
  return [
    `${these} ${side} ${limit}, with ${share(part)} of ΣX², and the signs of W and H keep the model from coming ${side} ${limit}: let one factor have any sign, or shift or scale the columns, such as to 0 … 1.`,
  ];
}

/** What the user should know of factors that have vanished. */
export function vanishedWarnings({ W, H }: Pick<Factorization, 'W' | 'H'>, { penalties }: Model): string[] {
  const zero = (values: Float32Array): boolean => values.every((value) => value === 0);
  const penalised = Object.values(penalties).some((penalty) =>
    Object.values(penalty).some((weight: number) => weight > 0),
  );
  return penalised && (zero(W) || zero(H))
    ? ['Nothing is left of W·H: the penalty outweighs all that the factors could explain; take a smaller weight.']
    : [];
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
