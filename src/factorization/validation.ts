import type { Dataset } from '../data/dataset';
import { entryName } from '../data/entry-names';
import { SettingsError } from './errors';
import type { Factorization } from './factorization';
import type { FactorizationSettings } from './settings';
import { lossOf } from './losses/losses';
import { boundReason, isNonNegative } from './constraints';
import type { Model, NamedSolverOptions, SolverOptions } from './model';
import { positionOf, type Observations } from './observations';
import { resultObstacle } from './result-limits';
import { checkPreparation } from './preparation/check';
import { preparationText, type Preparation } from './preparation/kinds';
import { solverOf, solvers } from './solvers/solvers';

const factorNames = ['W', 'H'] as const;

/** Rows or columns of sparse data, at most: float32 holds whole numbers up to here. */
const mostLines = 2 ** 24;

/** @throws SettingsError naming the setting, what is wrong with it, and the remedy */
export function checkSettings(settings: FactorizationSettings, dataset: Dataset): void {
  const { model, solver, stopping, rank, restarts, seed } = settings;
  requireWhole('rank', rank, 1);
  requireWhole('restarts', restarts, 1);
  requireWhole('iterations', stopping.iterations, 0);
  requireWhole('seed', seed, 0);
  requireNonNegative('tolerance', stopping.tolerance);
  if (stopping.seconds !== undefined) requirePositive('time limit', stopping.seconds, '60');
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
  if (loss.kind === 'huber' && loss.fromData !== true) requirePositive('Huber loss’s delta', loss.delta, '1');
  for (const factor of factorNames) {
    const { l1, l2, group, smooth, orthogonal } = penalties[factor];
    const constraint = constraints[factor];
    requireNonNegative(`L1 penalty of ${factor}`, l1);
    requireNonNegative(`L2 penalty of ${factor}`, l2);
    requireNonNegative(`group penalty of ${factor}`, group);
    requireNonNegative(`smoothness penalty of ${factor}`, smooth);
    requireNonNegative(`orthogonality penalty of ${factor}`, orthogonal);
    if (constraint.kind === 'box' && !(constraint.least <= constraint.most)) {
      throw new SettingsError(
        `The entries of ${factor} are to lie from ${constraint.least} to ${constraint.most}; give the smaller bound first.`,
      );
    }
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
    if (lossOf(loss).nonNegative && !isNonNegative(constraint)) {
      throw new SettingsError(
        `The ${loss.kind} loss needs non-negative factors; constrain ${factor} to be non-negative.`,
      );
    }
  }
}

function refuse({ id }: SolverOptions, obstacle: string | undefined, model: Model): void {
  if (obstacle === undefined) return;
  const bound = boundReason(model);
  throw new SettingsError(
    `The solver ${id} cannot minimise this model: ${obstacle}.${bound === undefined ? '' : ` ${bound}`} Choose another, such as auto${bound === undefined ? '' : ', or penalise both factors'}.`,
  );
}

function checkSolver(solver: SolverOptions, model: Model): void {
  if (solver.id === 'auto') return;
  checkOptions(solver);
  refuse(solver, solverOf(solver).refuses(model), model);
}

function checkOptions(solver: NamedSolverOptions): void {
  switch (solver.id) {
    case 'apg':
    case 'als':
    case 'irls':
      requireWhole('number of inner steps', solver.inner, 1);
      return;
    case 'hals':
      requireWhole('number of sweeps', solver.sweeps, 1);
      return;
    case 'lbfgs':
      requireWhole('number of remembered steps', solver.memory, 1);
      return;
    case 'ngd':
    case 'adam':
      requirePositive('rate', solver.rate, '0.1');
      return;
    case 'momentum':
      requirePositive('rate', solver.rate, '0.5');
      if (solver.momentum >= 0 && solver.momentum < 1) return;
      throw new SettingsError(`The momentum is ${solver.momentum}; give a number from 0 to less than 1, such as 0.9.`);
    case 'mu':
    case 'svd':
  }
}

/** Biases are learned by alternating least squares, or by steps whose length the loss's curvature bounds. */
function checkBiases(solver: SolverOptions, model: Model): void {
  if (!model.biases) return;
  requireNonNegative('L2 penalty of the biases', model.biases.l2);
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
  const obstacle = resultObstacle({ ...dataset, rank, restarts, texts: [source.name, ...names, ...warnings] });
  if (obstacle !== undefined) throw new SettingsError(`${source.name}: ${obstacle}`);
}

/** Indices are numbers of float32 in the graph. */
function checkIndices({ rows, columns, source }: Dataset): void {
  if (Math.max(rows, columns) < mostLines) return;
  throw new SettingsError(
    `${source.name}: ${rows} rows and ${columns} columns are too many, for each may number up to ${mostLines}; leave some out.`,
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
  const { domain } = lossOf(loss);
  if (!domain) return;
  const { X, mask } = observations;
  const wrong = X.findIndex((x, k) => (!mask || mask[k] !== 0) && !domain.holds(x));
  if (wrong < 0) return;
  const { row, column } = positionOf(observations, wrong);
  const done = preparation && preparationText(preparation);
  throw new SettingsError(
    `${dataset.source.name}: ${entryName(dataset, row, column)} is ${X[wrong]}${done === undefined ? '' : ` after the preparation (${done})`}, ` +
      `but the ${loss.kind} loss needs ${domain.words}; choose another loss, or leave that column out.`,
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

function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new SettingsError(`The ${name} is ${value}; give a whole number of at least ${least}.`);
}

function requireNonNegative(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new SettingsError(`The ${name} is ${value}; give a number of at least 0.`);
}

function requirePositive(name: string, value: number, example: string): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new SettingsError(`The ${name} is ${value}; give a number above 0, such as ${example}.`);
}
