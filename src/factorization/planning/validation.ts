import type { Dataset } from '../../data/dataset';
import { entryName } from '../../data/entry-names';
import { SettingsError, type FactorizationSettings } from '../../model/settings';
import type { Factorization } from '../result';
import { lossOf } from '../objective/losses';
import { boundReason } from '../../model/bounds';
import { constraintRecord, isNonNegative, type Constraint } from '../../model/constraints';
import { fieldsOf, type Fields } from '../../model/fields';
import { isDefinedFor, losses, type LossRecord } from '../../model/losses';
import type { Model } from '../../model/model';
import { penalties, penaltyNames, penaltyRecord } from '../../model/penalties';
import { problemOf } from '../../model/ranges';
import { run } from '../../model/run';
import { solvers as solverRecords, type SolverOptions, type SolverRecord } from '../../model/solvers';
import { stopping as stoppingFields } from '../../model/stopping';
import { positionOf, type Observations } from '../observations';
import { refusesResult } from '../../model/result-limits';
import { preparationText, type Preparation } from '../../model/preparation';
import { solverOf, solvers } from '../solvers/solvers';

const factorNames = ['W', 'H'] as const;

/** Rows or columns of sparse data, at most: float32 holds whole numbers up to here. */
const maxLines = 2 ** 24;

/** @throws SettingsError naming the setting, what is wrong with it, and the remedy */
export function checkSettings(settings: FactorizationSettings, dataset: Dataset): void {
  const { model, solver, stopping } = settings;
  checkNumbers({ ...settings }, run);
  checkNumbers({ ...stopping }, stoppingFields);
  checkModel(model);
  if (settings.preparation) checkPreparation(settings.preparation, model);
  checkSolver(solver, model);
  checkBiases(solver, model);
  if ('entries' in dataset) checkIndices(dataset);
  checkResult(settings, dataset);
  if (dataset.missing === dataset.rows * dataset.columns) {
    throw new SettingsError(`${dataset.source.name}: every entry is missing, so there is nothing to factorize.`);
  }
}

function checkModel({ loss, penalties, constraints }: Model): void {
  const { options, nonNegative }: LossRecord = losses[loss.kind];
  checkNumbers(loss, options);
  for (const factor of factorNames) {
    const { l1, l2, group } = penalties[factor];
    const constraint = constraints[factor];
    for (const name of penaltyNames) {
      const { weight } = penaltyRecord(name);
      refuseProblem(problemOf(weight, penalties[factor][name], `${weight.noun} of ${factor}`));
    }
    checkConstraint(constraint, factor);
    if (group > 0 && (constraint.kind === 'box' || constraint.kind === 'simplex')) {
      throw new SettingsError(
        `A group penalty does not go with a ${constraint.kind} constraint of ${factor}; leave one out.`,
      );
    }
    if (l1 > 0 && constraint.kind === 'simplex') {
      throw new SettingsError(
        `An L1 penalty of ${factor} changes nothing where every row sums to 1; leave it or the simplex constraint out.`,
      );
    }
    if ((l2 > 0 || group > 0) && constraint.kind === 'unit-norm') {
      throw new SettingsError(
        `An ${l2 > 0 ? 'L2' : 'L2,1 (group)'} penalty of ${factor} changes nothing where every component has length 1; leave it or the unit-norm constraint out.`,
      );
    }
    if (nonNegative && !isNonNegative(constraint)) {
      throw new SettingsError(
        `The ${loss.kind} loss needs non-negative factors; constrain ${factor} to be non-negative.`,
      );
    }
  }
}

function checkConstraint(constraint: Constraint, factor: string): void {
  const { options, numbers } = constraintRecord(constraint);
  const values: Readonly<Record<string, unknown>> = constraint;
  const bounds = fieldsOf(options, 'number').map(([name]) => Number(values[name]));
  if (numbers?.rising && !bounds.every((bound, at) => at === 0 || bound >= bounds[at - 1]!)) {
    throw new SettingsError(
      `The entries of ${factor} are to lie from ${bounds.join(' to ')}; give the smaller bound first.`,
    );
  }
  checkNumbers(values, options);
}

function refuse({ id }: SolverOptions, refusal: string | undefined, model: Model): void {
  if (refusal === undefined) return;
  const bound = boundReason(model);
  throw new SettingsError(
    `The solver ${id} cannot minimise this model: ${refusal}.${bound === undefined ? '' : ` ${bound}`} Choose another, such as auto${bound === undefined ? '' : ', or penalise both factors'}.`,
  );
}

function checkSolver(solver: SolverOptions, model: Model): void {
  if (solver.id === 'auto') return;
  const { options }: SolverRecord = solverRecords[solver.id];
  checkNumbers({ ...solver }, options);
  refuse(solver, solverOf(solver).refuses(model), model);
}

/** Biases are learned by alternating least squares, or by steps whose length the loss's curvature bounds. */
function checkBiases(solver: SolverOptions, model: Model): void {
  if (!model.biases) return;
  refuseProblem(problemOf(penalties.l2.weight, model.biases.l2, 'L2 penalty of the biases'));
  if (!Number.isFinite(lossOf(model.loss).curvature)) {
    throw new SettingsError(
      `The biases of this model are learned by steps whose length a bounded curvature gives, which the ${model.loss.kind} loss has not; choose the squared, the huber or the logistic loss, or a preset without biases.`,
    );
  }
  if (solver.id === 'auto' || solverOf(solver).learnsBiases) return;
  const able = Object.values(solvers).flatMap(({ id, learnsBiases }) => (learnsBiases ? [id] : []));
  throw new SettingsError(
    `The solver ${solver.id} does not know the biases of this model; choose ${able.sort().join(', ')} or auto, or a preset without biases.`,
  );
}

/** Refuses, before the work, what could not be kept after it. */
function checkResult({ rank, restarts }: FactorizationSettings, dataset: Dataset): void {
  const { reading, source, warnings } = dataset;
  const names = Object.values(reading).filter((value) => typeof value === 'string');
  const refusal = refusesResult({ ...dataset, rank, restarts, texts: [source.name, ...names, ...warnings] });
  if (refusal !== undefined) throw new SettingsError(`${source.name}: ${refusal}`);
}

/** Indices are numbers of float32 in the graph. */
function checkIndices({ rows, columns, source }: Dataset): void {
  if (Math.max(rows, columns) < maxLines) return;
  throw new SettingsError(
    `${source.name}: ${rows} rows and ${columns} columns are too many, for each may number up to ${maxLines}; leave some out.`,
  );
}

/**
 * Whether the loss is defined for these numbers.
 * @param preparation what was done to them, to be told of with a number that does not stand in the file
 * @throws SettingsError naming the first that it is not defined for
 */
export function checkObservations(
  observations: Observations,
  { loss }: Model,
  dataset: Dataset,
  preparation?: Preparation,
): void {
  const record: LossRecord = losses[loss.kind];
  if (!record.domain) return;
  const { X, mask } = observations;
  const wrong = X.findIndex((x, k) => (!mask || mask[k] !== 0) && !isDefinedFor(record, x));
  if (wrong < 0) return;
  const { row, column } = positionOf(observations, wrong);
  const done = preparation && preparationText(preparation);
  throw new SettingsError(
    `${dataset.source.name}: ${entryName(dataset, row, column)} is ${X[wrong]}${done === undefined ? '' : ` after the preparation (${done})`}, ` +
      `but the ${loss.kind} loss needs ${record.domain.words}; choose another loss, or leave that column out.`,
  );
}

/** @throws SettingsError when the data are not those that the earlier result came from */
export function checkContinuation(from: Factorization, dataset: Dataset): void {
  const { name } = dataset.source;
  if (from.rows !== dataset.rows || from.columns !== dataset.columns) {
    throw new SettingsError(
      `${name} is now ${dataset.rows} × ${dataset.columns}, but the result to continue came from ${from.rows} × ${from.columns}; factorize it anew.`,
    );
  }
  if (from.source.sha256 !== dataset.source.sha256) {
    throw new SettingsError(`${name} has changed since this result was made; factorize it anew.`);
  }
  if (from.weights?.sha256 !== dataset.weights?.sha256) {
    const weights = from.weights ?? dataset.weights;
    throw new SettingsError(
      `The weights ${weights?.name ?? ''} ${from.weights && dataset.weights ? 'have changed since this result was made' : from.weights ? 'of this result were not given' : 'were not there when this result was made'}; factorize the data anew.`,
    );
  }
}

/**
 * Holds the numbers of some fields against their ranges, one that is absent or comes from the data excepted.
 * @throws SettingsError naming the first that is wrong
 */
function checkNumbers(values: Readonly<Record<string, unknown>>, fields: Fields | undefined): void {
  for (const [name, field] of fieldsOf(fields, 'number')) {
    const value = values[name];
    if (field.auto !== undefined && values[field.auto] === true) continue;
    if (typeof value === 'number') refuseProblem(problemOf(field, value));
  }
}

function refuseProblem(problem: string | undefined): void {
  if (problem !== undefined) throw new SettingsError(problem);
}

/** @throws SettingsError where a preparation contradicts itself or the model */
function checkPreparation(preparation: Preparation, { loss, constraints }: Model): void {
  const { centre, scale } = preparation;
  if (scale.kind === 'minmax' && centre === scale.axis) {
    throw new SettingsError(
      `Scaling ${scale.axis} to 0 … 1 begins by subtracting their least value, so centring ${centre} before it changes nothing; leave one of the two out.`,
    );
  }
  // Min–max makes the least value 0 whatever went before.
  const negative = scale.kind !== 'minmax' && (centre !== 'none' || scale.kind === 'zscore');
  if (negative && isNonNegative(constraints.W) && isNonNegative(constraints.H)) {
    throw new SettingsError(
      `The preparation (${preparationText(preparation) ?? ''}) makes about half of the numbers negative, which W·H with both factors non-negative cannot be; leave the centring out, scale by minmax or unit-norm, or let one factor be negative.`,
    );
  }
  if (negative && loss.kind === 'poisson') {
    throw new SettingsError(
      `The preparation (${preparationText(preparation) ?? ''}) makes about half of the numbers negative, but the poisson loss needs counts; leave it out, or take the squared loss.`,
    );
  }
}
