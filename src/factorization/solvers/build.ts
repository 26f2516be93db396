import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import type { NamedSolverOptions } from '../../model/solvers';
import type { Observations } from '../observations';
import { inUnits, unitsFor } from '../objective/units';
import { compileBatch, declareVariables } from './program';
import { batchOfOne, onlyOf, type BatchSolver, type CompiledSolver } from './solver';
import { solverOf } from './solvers';

/** A solver's updates for a model, compiled for these data. `expectedSteps` of all runs together tell whether looking for a faster device pays. */
export async function buildSolver(
  ...[model, options, observations, rank, device, expectedSteps]: Parameters<typeof buildBatch>
): Promise<CompiledSolver> {
  return onlyOf(await buildBatch(model, options, observations, rank, device, expectedSteps));
}

/** The same for `size` runs side by side; only solvers whose step is a graph can be had for more than one. */
export async function buildBatch(
  ...[model, options, observations, ...others]: Parameters<typeof buildInUnits>
): Promise<BatchSolver> {
  // One that takes no steps computes in float64.
  const units = solverOf(options).direct ? undefined : unitsFor(model, observations);
  return units
    ? inUnits(units, await buildInUnits(units.model, options, units.observations, ...others))
    : buildInUnits(model, options, observations, ...others);
}

async function buildInUnits(
  model: Model,
  options: NamedSolverOptions,
  observations: Observations,
  rank: number,
  device: DeviceChoice,
  expectedSteps?: number,
  size = 1,
): Promise<BatchSolver> {
  const solver = solverOf(options);
  if (solver.steps === 'own') {
    if (size > 1) throw new Error(`${options.id} makes one run at a time`);
    return batchOfOne(await solver.build(model, options, observations, rank, device));
  }
  const variables = declareVariables(observations, rank, model);
  const program = solver.program(model, options, variables, observations);
  return compileBatch(program, variables, observations, rank, device, expectedSteps, size);
}
