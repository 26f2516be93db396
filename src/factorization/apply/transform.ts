import type { Dataset } from '../../data/dataset';
import { constant } from '../../engine';
import { SettingsError } from '../../model/settings';
import type { Biases } from '../factors';
import type { Factorization } from '../result';
import { constraintRecord, unconstrained } from '../../model/constraints';
import type { Model } from '../../model/model';
import { noPenalty, penaltyNames, penaltyRecord } from '../../model/penalties';
import { namedSolvers } from '../../model/solvers';
import { entryCounts } from '../linear-algebra/entry-lines';
import { withLeastRows } from '../linear-algebra/least-norm';
import { isPartial, type Observations } from '../observations';
import { measureAlike } from '../preparation/measure';
import { prepareObservations } from '../preparation/steps';
import { chooseSolver, solverOf } from '../solvers/solvers';
import { lastStepOf } from '../solvers/extrapolation';
import { compileSolver, inUnits } from '../solvers/build';
import { declareVariables } from '../solvers/program';
import { batchOfOne, onlyOf } from '../solvers/solver';
import { prepareStarts } from '../starts/start';
import { unitsFor } from '../objective/units';
import { checkObservations } from '../planning/validation';
import type { UseResult } from '../../model/uses';
import { rowErrors } from './reconstruct';

/** Updates at most, and after how many it is seen whether W still moves. */
const maxUpdates = 500;
const updatesAtOnce = 10;
/** W has settled when it moved by no more than this part of itself. */
const settled = 1e-6;
/** Or when its stationarity is no more than this part of the objective, for a solver of which that tells more. */
const level = 1e-3;

/**
 * W of new rows, H as it is: the minimum of the same objective over W alone, which is convex, so that the rows that were
 * learned from come back as they were where the learning had converged. The preparation is done to them as it was then.
 * @param dataset the new rows, their columns in the order of the result's
 * @param raw what `dataset` holds
 * @throws SettingsError when the rows do not fit the result or its model ties rows together
 */
export async function transform(
  factorization: Factorization,
  dataset: Dataset,
  raw: Observations,
  signal: AbortSignal,
): Promise<Extract<UseResult, { kind: 'transform' }>> {
  const { rank, H, settings, biases } = factorization;
  const { model, preparation } = settings;
  checkFit(factorization, dataset);
  const { steps, warnings } = measureAlike(raw, factorization.preparation ?? [], dataset);
  const observations = prepareObservations(raw, steps);
  checkObservations(observations, model, dataset, preparation);

  // With H fixed its penalty is a constant, and nothing may trade W's scale for H's.
  const ofW: Model = {
    ...model,
    penalties: { W: model.penalties.W, H: noPenalty },
    constraints: { W: model.constraints.W, H: unconstrained },
  };
  const units = unitsFor(ofW, observations);
  const inside = units?.observations ?? observations;
  const meanInside = biases && (units?.enter({ W: H, H, biases }).biases ?? biases).mean;
  const choice = chooseSolver({ id: 'auto' }, model, isPartial(observations), { ...observations, rank });
  const chosen = 'solver' in choice ? choice.solver : choice;
  const options = solverOf(chosen).steps === 'graph' ? chosen : namedSolvers.apg;
  const declared = solverOf(options);
  if (declared.steps === 'own') throw new Error(`${options.id} has no step for W alone`);
  // The mean is the one that was learned, as are the biases of the columns.
  const variables = declareVariables(inside, rank, model, meanInside);
  const programOfRows = declared.programOfRows ?? declared.program;
  const program = programOfRows(units?.model ?? ofW, options, variables, inside);
  const compiled = await compileSolver(
    {
      ...program,
      nextH: variables.H,
      // Nor may H be moved on along a step that it does not take.
      memory: (program.memory ?? []).filter(({ node }) => node.attributes.name !== lastStepOf('H')),
      stationarity: declared.rests === 'stationary' ? program.stationarity : constant(0),
      ...(program.nextBiases &&
        variables.biases && { nextBiases: { ...program.nextBiases, columns: variables.biases.columns } }),
    },
    variables,
    inside,
    rank,
    'cpu',
  );
  const solver = units ? onlyOf(inUnits(units, batchOfOne(compiled))) : compiled;
  try {
    let W = await firstGuess(observations, model, H, rank, settings.seed);
    let own: Biases | undefined = biases && { ...biases, rows: new Float32Array(observations.rows) };
    solver.begin({ W, H, ...(own && { biases: own }) }, 0, maxUpdates);
    for (let done = 0; done < maxUpdates; done += updatesAtOnce) {
      signal.throwIfAborted();
      const { objective, stationarity } = await solver.advance(updatesAtOnce);
      const { W: next, biases: learned } = await solver.state();
      own = learned;
      const moved = Math.sqrt(next.reduce((sum, value, at) => sum + (value - W[at]!) ** 2, 0));
      const size = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
      W = next;
      if (declared.rests === 'stationary') {
        // Its result stays where it is while it is still on its way, from a point of its own.
        if ((stationarity[updatesAtOnce - 1] ?? 0) <= level * (objective[updatesAtOnce - 1] ?? 0)) break;
      } else if (declared.rests === 'still' && moved <= settled * size) break;
    }
    const rows = observations.rows;
    W = withLeastRows(model, observations, { W, H, ...(biases && { biases }) }, rank);
    const counts = entryCounts(observations).rows;
    const empty = counts.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0);
    const errors = rowErrors({ ...factorization, rows, W, ...(own && { biases: own }) }, observations);
    const components = Array.from({ length: rank }, (_, component) => `component ${component + 1}`);
    const values = own ? withColumn(W, own.rows, rank) : W;
    // What no number determines is empty.
    counts.forEach((count, row) => {
      if (count > 0) return;
      values.fill(NaN, row * (values.length / rows), (row + 1) * (values.length / rows));
      errors[row] = NaN;
    });
    return {
      kind: 'transform',
      W: {
        rows,
        columns: own ? rank + 1 : rank,
        values,
        ...(dataset.rowLabels && { rowLabels: dataset.rowLabels }),
        columnLabels: own ? [...components, 'bias'] : components,
      },
      errors,
      warnings: [
        ...dataset.warnings,
        ...warnings,
        ...(empty > 0
          ? [
              `${empty === 1 ? '1 row has' : `${empty} rows have`} no number, so nothing says what W is there: it is left empty.`,
            ]
          : []),
      ],
    };
  } finally {
    await solver.dispose();
  }
}

/** W (rows×rank) with one more column. */
function withColumn(W: Float32Array, column: Float32Array, rank: number): Float32Array {
  const wider = new Float32Array(W.length + column.length);
  column.forEach((value, row) => {
    wider.set(W.subarray(row * rank, (row + 1) * rank), row * (rank + 1));
    wider[row * (rank + 1) + rank] = value;
  });
  return wider;
}

/** @throws SettingsError when the rows do not fit the result, or its model ties rows together */
function checkFit(
  { source, columns, settings: { model } }: Factorization,
  { source: file, columns: found }: Dataset,
): void {
  if (found !== columns) {
    throw new SettingsError(
      `${file.name} has ${found} columns, but the result of ${source.name} is of ${columns}; transform rows with the same columns.`,
    );
  }
  const { penalties, constraints } = model;
  const tie =
    penaltyNames.flatMap((name) => (penalties.W[name] > 0 ? (penaltyRecord(name).tiesRows ?? []) : []))[0] ??
    constraintRecord(constraints.W).tiesRows;
  if (tie !== undefined) {
    throw new SettingsError(
      `The model of this result has ${tie} in W, which ties all rows together, so that new rows have no W of their own; factorize them together with the others.`,
    );
  }
}

/** Rows of a random start in the scale in which W·H has the mean square of X. */
async function firstGuess(
  observations: Observations,
  model: Model,
  H: Float32Array,
  rank: number,
  seed: number,
): Promise<Float32Array> {
  const { W } = (await prepareStarts('random', observations, model, rank))(seed);
  const meanSquare = (values: Float32Array): number =>
    values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length);
  const size = rank * meanSquare(W) * meanSquare(H);
  const wanted = observations.sumOfSquares / Math.max(1, observations.observed);
  const scale = size > 0 && wanted > 0 ? Math.sqrt(wanted / size) : 1;
  return W.map((value) => value * scale);
}
