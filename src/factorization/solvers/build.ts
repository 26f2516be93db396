import type { DeviceChoice } from '../devices';
import type { Model, NamedSolverOptions } from '../model';
import type { ObjectiveVariables } from '../objective';
import type { Observations } from '../observations';
import { acceleratedProgram } from './accelerated';
import { alternatingProgram } from './alternating';
import { adamProgram, momentumProgram } from './first-order';
import { halsProgram } from './hals';
import { lbfgsSolver } from './lbfgs';
import { multiplicativeProgram } from './multiplicative';
import { normalizedGradientProgram } from './normalized-gradient';
import { compileSolver, declareVariables, type SolverProgram } from './program';
import { singularSolver } from './singular';
import type { CompiledSolver } from './solver';

/** A solver's updates for a model, compiled for these data. `expectedSteps` of all runs together tell whether looking for a faster device pays. */
export function buildSolver(
  model: Model,
  options: NamedSolverOptions,
  observations: Observations,
  rank: number,
  device: DeviceChoice,
  expectedSteps?: number,
): Promise<CompiledSolver> {
  if (options.id === 'svd') return Promise.resolve(singularSolver(model, observations, rank, device));
  if (options.id === 'lbfgs') return lbfgsSolver(model, options, observations, rank, device);
  const variables = declareVariables(observations, rank, model);
  const program = programOf(model, options, variables, observations);
  return compileSolver(program, variables, observations, rank, device, expectedSteps);
}

/** A solver's updates as a graph. */
export function programOf(
  model: Model,
  options: Exclude<NamedSolverOptions, { id: 'svd' | 'lbfgs' }>,
  variables: ObjectiveVariables,
  observations: Observations,
): SolverProgram {
  switch (options.id) {
    case 'als':
      return alternatingProgram(model, options, variables, observations);
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
