import type { Dataset } from '../../data/dataset';
import { entryName, rowName, type EntryNames } from '../../data/entry-names';
import { SettingsError } from '../../model/settings';
import { forEachObserved, valueAt, type Observations } from '../observations';
import { stepsOf, type PreparationStep, type StepRecipe, type Axis, type Preparation } from '../../model/preparation';
import { eachBand, eachEntry } from './steps';
import { Summary } from './summary';

/** Of rows or columns that a warning is about. */
const shownNames = 5;

/** What names the entries of observations in messages. */
export type Names = EntryNames & Pick<Dataset, 'source'>;

/** Steps that know the data, and what the user should know of them. */
export interface MeasuredPreparation {
  /** Empty where nothing is to be done. */
  steps: PreparationStep[];
  /** Rows and columns without spread, each a full sentence. */
  warnings: string[];
}

/** Of the numbers that were subtracted, what rounding may leave where nothing should be: a number and its remainder hold 48 binary digits. */
const rounding = 2 ** -46;

/**
 * Finds what a preparation takes from the data, over the observed entries and unweighted, in float64: one pass for each
 * step. A row or column that is constant, so that its spread is 0, is not scaled, and a warning says so.
 * @throws SettingsError naming the first entry that a step is not defined for
 */
export function measurePreparation(
  observations: Observations,
  preparation: Preparation,
  names: Names,
): MeasuredPreparation {
  const measured = measure(observations, stepsOf(preparation), [], names);
  return { ...measured, warnings: [...measured.warnings, ...narrowWarnings(observations, measured.steps, names)] };
}

/** Columns whose numbers differ by less than this part of their size have at most 7 binary digits of their own in float32. */
const minRange = 2 ** -17;

/** What the user should know of numbers that are nearly alike where nothing is subtracted from their columns. */
function narrowWarnings(observations: Observations, steps: readonly PreparationStep[], names: Names): string[] {
  const { remainders, columns } = observations;
  if (!remainders || steps.some((step) => step.kind === 'shift' && step.axis === 'columns')) return [];
  const summary = new Summary(columns, { extremes: true });
  forEachObserved(observations, (at, row, column) => summary.add(column, valueAt(observations, at, row, column)));
  const found = Array.from({ length: remainders.columns.length }, (_, k) => remainders.columns[k]!).filter((column) => {
    const size = Math.max(Math.abs(summary.least[column]!), Math.abs(summary.most[column]!));
    const range = summary.range(column);
    return range > 0 && range < minRange * size;
  });
  if (found.length === 0) return [];
  const shown = found.slice(0, shownNames).map((column) => names.columnLabels?.[column] ?? String(column + 1));
  const more = found.length > shownNames ? ` and ${found.length - shownNames} more` : '';
  const [noun, their] = found.length === 1 ? ['column', 'its'] : ['columns', 'their'];
  return [
    `The numbers of the ${noun} ${shown.join(', ')}${more} differ by less than 2⁻¹⁷ of ${their} size, which float32 can hardly tell apart: subtract the means of columns (--centre columns), or leave ${found.length === 1 ? 'it' : 'them'} out.`,
  ];
}

/**
 * The steps of an earlier preparation for other rows of the same columns: statistics of columns are the earlier ones,
 * those of rows come from the new rows.
 * @throws SettingsError naming the first entry that a step is not defined for
 */
export function measureAlike(
  observations: Observations,
  steps: readonly PreparationStep[],
  names: Names,
): MeasuredPreparation {
  return measure(observations, steps, steps, names);
}

function measure(
  observations: Observations,
  recipes: readonly StepRecipe[],
  known: readonly PreparationStep[],
  names: Names,
): MeasuredPreparation {
  const steps: PreparationStep[] = [];
  const warnings: string[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const earlier = known[index];
    if (recipe.kind === 'log1p') {
      check(observations, steps, names, (x) => x > -1, 'ln(1 + x) needs numbers above −1');
      steps.push(recipe);
    } else {
      if (recipe.kind === 'scale' && recipe.statistic === 'inverse-idf') {
        check(observations, steps, names, (x) => x >= 0, 'TF–IDF needs counts, numbers of at least 0');
      }
      if (earlier !== undefined && 'by' in earlier && earlier.axis !== 'rows') {
        steps.push(earlier);
        continue;
      }
      const { by, constant } = statisticsOf(recipe, summarise(observations, steps, recipe), steps);
      steps.push({ ...recipe, by });
      if (constant.length > 0 && recipe.axis !== 'global') {
        warnings.push(aboutConstant(names, recipe.axis, 'statistic' in recipe ? recipe.statistic : '', constant));
      }
    }
  }
  return { steps, warnings };
}

/** What a step subtracts or divides by, and the groups that it cannot scale. */
function statisticsOf(
  recipe: Exclude<StepRecipe, { kind: 'log1p' }>,
  summary: Summary,
  before: readonly PreparationStep[],
): { by: Float64Array; constant: number[] } {
  const by = new Float64Array(summary.groups);
  if (recipe.kind === 'shift') {
    for (let group = 0; group < by.length; group++) {
      by[group] = recipe.statistic === 'mean' ? summary.mean(group) : summary.leastOf(group);
    }
    return { by, constant: [] };
  }
  const constant: number[] = [];
  for (let group = 0; group < by.length; group++) {
    const observed = summary.count[group]!;
    const value = {
      deviation: () => summary.deviation(group),
      range: () => summary.range(group),
      norm: () => Math.sqrt(summary.squares[group]!),
      'inverse-idf': () => 1 / (Math.log((1 + observed) / (1 + summary.positives[group]!)) + 1),
    }[recipe.statistic]();
    const spread = recipe.statistic === 'norm' ? value : summary.range(group);
    const flat = recipe.statistic !== 'inverse-idf' && spread <= rounding * subtracted(before, recipe.axis, group);
    by[group] = flat || !(value > 0) ? 1 : value;
    if (flat && observed > 0) constant.push(group);
  }
  return { by, constant };
}

/** How large the numbers were that earlier steps subtracted in a group: what rounding leaves is in proportion to them. */
function subtracted(before: readonly PreparationStep[], axis: Axis, group: number): number {
  let size = 0;
  for (const step of before) {
    if (step.kind !== 'shift') continue;
    size +=
      step.axis === axis ? Math.abs(step.by[group]!) : step.by.reduce((most, b) => Math.max(most, Math.abs(b)), 0);
  }
  return size;
}

function summarise(
  observations: Observations,
  steps: readonly PreparationStep[],
  { axis, statistic }: Exclude<StepRecipe, { kind: 'log1p' }>,
): Summary {
  const summary = new Summary(axis === 'global' ? 1 : observations[axis], {
    extremes: statistic === 'least' || statistic === 'range' || statistic === 'deviation',
    squares: statistic === 'deviation' || statistic === 'norm',
    positives: statistic === 'inverse-idf',
  });
  if (axis === 'columns' && !observations.mask && !observations.places) {
    eachBand(observations, steps, (values) => summary.addRows(values));
  } else {
    eachEntry(observations, steps, (value, row, column) =>
      summary.add(axis === 'rows' ? row : axis === 'columns' ? column : 0, value),
    );
  }
  return summary;
}

function check(
  observations: Observations,
  steps: readonly PreparationStep[],
  names: Names,
  holds: (x: number) => boolean,
  needs: string,
): void {
  eachEntry(observations, steps, (value, row, column) => {
    if (holds(value)) return;
    throw new SettingsError(
      `${names.source.name}: ${entryName(names, row, column)} is ${value}, ` +
        `but ${needs}; choose another scaling, or leave that column out.`,
    );
  });
}

function aboutConstant(names: Names, axis: Axis, statistic: string, groups: readonly number[]): string {
  const noun = axis === 'rows' ? 'row' : 'column';
  const labels = axis === 'rows' ? names.rowLabels : names.columnLabels;
  const lines = axis === 'rows' && names.lineOf !== undefined;
  const shown = groups
    .slice(0, shownNames)
    .map((group) => (lines ? rowName(names, group) : (labels?.[group] ?? String(group + 1))));
  const more = groups.length > shownNames ? ` and ${groups.length - shownNames} more` : '';
  const what = statistic === 'norm' ? 'all zero' : 'constant';
  return groups.length === 1
    ? `The ${noun} ${lines ? 'in ' : ''}${shown.join('')} is ${what}, so it was not scaled and holds only zeros.`
    : `${groups.length} ${noun}s are ${what} (${shown.join(', ')}${more}), so they were not scaled and hold only zeros.`;
}
