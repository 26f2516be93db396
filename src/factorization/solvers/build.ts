import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import type { NamedSolverOptions } from '../../model/solvers';
import type { ObjectiveVariables } from '../objective';
import type { Observations } from '../observations';
import { inUnits, unitsFor } from '../units';
import { acceleratedProgram } from './accelerated';
import { alternatingProgram } from './alternating';
import { adamProgram, momentumProgram } from './first-order';
import { halsProgram } from './hals';
import { lbfgsSolver } from './lbfgs';
import { multiplicativeProgram } from './multiplicative';
import { normalizedGradientProgram } from './normalized-gradient';
import { compileBatch, declareVariables, type SolverProgram } from './program';
import { reweightedProgram } from './reweighted';
import { singularSolver } from './singular';
import { batchOfOne, onlyOf, type BatchSolver, type CompiledSolver } from './solver';

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
  // A singular value decomposition is made in float64.
  const units = options.id === 'svd' ? undefined : unitsFor(model, observations);
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
  if (options.id === 'svd' || options.id === 'lbfgs') {
    if (size > 1) throw new Error(`${options.id} makes one run at a time`);
    return batchOfOne(
      options.id === 'svd'
        ? singularSolver(model, observations, rank, device)
        : await lbfgsSolver(model, options, observations, rank, device),
    );
  }
  const variables = declareVariables(observations, rank, model);
  const program = programOf(model, options, variables, observations);
  return compileBatch(program, variables, observations, rank, device, expectedSteps, size);
}

/** Of the solvers that the host does not drive: each is one program of updates. */
export type GraphSolverOptions = Exclude<NamedSolverOptions, { id: 'svd' | 'lbfgs' }>;

/** A solver's updates as a graph. */
export function programOf(
  model: Model,
  options: GraphSolverOptions,
  variables: ObjectiveVariables,
  observations: Observations,
): SolverProgram {
  switch (options.id) {
    case 'als':
      return alternatingProgram(model, options, variables, observations);
    case 'irls':
      return reweightedProgram(model, options, variables, observations);
    case 'ngd':
      return normalizedGradientProgram(model, options, variables);
    case 'apg':
      return acceleratedProgram(model, options, variables);
    case 'hals':
      return halsProgram(model, options, variables);
    case 'mu':
      return multiplicativeProgram(model, variables);
    case 'adam':
      return adamProgram(model, options, variables);
    case 'momentum':
      return momentumProgram(model, options, variables);
  }
}
